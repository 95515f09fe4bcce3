// The command line of verify_users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace verify_users {

struct options {
  std::string file = "/etc/passwd";
  bool all = false;            // every account instead of the first valid one
  std::uint32_t limit = 10;    // accounts looked at at once
  std::uint32_t attempts = 5;  // for an account whose answer may change
  double back_off_ms = 10;     // before the second attempt; doubles
  double timeout_s = 60;
};

// A value is the status to end with at once.
std::optional<int> read_options(int argc, char** argv, options& into);

}  // namespace verify_users
