// Whether another thread of this process is asleep in the kernel, as /proc tells it: the only way to know
// that a wait has really begun.
#pragma once

#include "tests/support/bounded.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

namespace tg_test {

inline long this_thread_id() { return ::syscall(SYS_gettid); }

inline bool is_asleep(long thread_id) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread_id) + "/stat");
  std::string line;
  std::getline(stat, line);
  const std::size_t name_end = line.rfind(')');
  return name_end != std::string::npos && name_end + 2 < line.size() && line[name_end + 2] == 'S';
}

// Whether every other thread of this process sleeps.
inline bool all_others_sleep() {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    const long id = std::stol(thread.path().filename().string());
    if (id != this_thread_id() && !is_asleep(id)) return false;
  }
  return true;
}

// A thread marks itself just before it waits; others then see whether it sleeps.
class sleep_mark {
 public:
  void about_to_wait() { thread_id_.store(this_thread_id()); }
  [[nodiscard]] bool wait_asleep() const {
    return eventually([this] { return thread_id_.load() != 0 && is_asleep(thread_id_.load()); });
  }

 private:
  std::atomic<long> thread_id_{0};
};

}  // namespace tg_test
