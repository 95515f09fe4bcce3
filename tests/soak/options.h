// The command line of the soak.
#pragma once

#include <chrono>
#include <cstdint>

namespace soak {

struct options {
  double seconds = 60;
  std::uint64_t seed = 0;
  bool has_seed = false;
  std::uint64_t from_phase = 0;
  std::uint32_t workers = 2;
  std::chrono::seconds patience{60};  // how long a wait may last
};

// Prints what is wrong, or the help, and ends the process.
options read_options(int argc, char** argv);

}  // namespace soak
