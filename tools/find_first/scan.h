// Looks for a string in one file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace find_first {

enum class verdict { absent, found, stopped, unreadable };

struct scan_result {
  verdict what = verdict::absent;
  int error = 0;            // errno, if unreadable
  std::uint64_t bytes = 0;  // read
};

// Whether the file holds `pattern`, any bytes. Gives up as `stopped` when the event of the task is set.
scan_result scan_file(const std::string& path, std::string_view pattern);

}  // namespace find_first
