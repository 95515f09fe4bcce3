// The command line of fanout.
#pragma once

#include <cstdint>
#include <optional>

namespace fanout {

struct options {
  std::uint32_t requests = 1000;
  std::optional<double> rate;   // requests a second
  double load_percent = 50;     // of what the machine can do, measured first; if there is no rate
  std::uint32_t replicas = 10;  // a request
  double deadline_ms = 50;
  double wait_us = 1000;  // longest wait of a replica before its work
  std::uint64_t seed = 1;
  std::uint32_t background = 0;  // background tasks at once
};

// A value is the status to end with at once.
std::optional<int> read_options(int argc, char** argv, options& into);

}  // namespace fanout
