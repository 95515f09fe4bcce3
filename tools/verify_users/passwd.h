// Reads files of the format of passwd(5).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace verify_users {

struct account {
  std::string name;
  std::string home;
  std::string shell;
};

struct malformed_line {
  std::size_t number = 0;  // from 1
  std::string reason;
};

struct passwd_file {
  std::vector<account> accounts;
  std::vector<malformed_line> malformed;
};

// Throws std::system_error naming the file if it cannot be read. Empty lines are passed over.
passwd_file read_passwd(const std::string& path);

}  // namespace verify_users
