// Whether a thread of this process is asleep in the kernel, as /proc tells it.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

inline long this_thread_id() { return syscall(SYS_gettid); }

// Throws std::runtime_error where /proc does not tell.
inline bool is_asleep(long thread_id) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread_id) + "/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= line.size())
    throw std::runtime_error("cannot read in /proc whether a thread sleeps");
  return line[name_end + 2] == 'S';
}

}  // namespace bench
