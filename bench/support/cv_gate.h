// The gate of futex.h on a mutex and a condition variable.
#pragma once

#include <climits>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace bench {

class cv_gate {
 public:
  void open(std::uint32_t round, int sleepers = INT_MAX) {
    {
      const std::lock_guard lock(mutex_);
      reached_ = round;
    }
    if (sleepers == 1) return changed_.notify_one();
    changed_.notify_all();
  }

  void wait(std::uint32_t round) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reached_ >= round; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint32_t reached_ = 0;
};

}  // namespace bench
