// What the kernel says of this process: in one piece, other than a listing of its threads, which misses one where another
// has just ended.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

namespace tg_test {

// The number behind a name of /proc/self/status, with its colon; 0 where there is none.
inline std::size_t status_field(std::string_view name) {
  std::ifstream file("/proc/self/status");
  std::string field;
  while (file >> field && field != name) {
  }
  std::size_t value = 0;
  file >> value;
  return value;
}

inline std::size_t thread_count() { return status_field("Threads:"); }

}  // namespace tg_test
