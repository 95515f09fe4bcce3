// Bounded waiting for tests: nothing in here waits longer than its time-out, and none of it uses the library,
// so that a task that waits on a gate really blocks its worker.
#pragma once

#include "tests/support/watchdog.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tg_test {

// How long a test waits for what must happen. Only a failing test ever waits so long.
inline constexpr std::chrono::seconds patience{20};

// True as soon as `pred()` holds; false if it does not within `timeout`.
template <class Pred>
[[nodiscard]] bool eventually(Pred pred, std::chrono::milliseconds timeout = patience) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!pred()) {
    if (std::chrono::steady_clock::now() >= end) return pred();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

// True if `pred()` held at every look for `span`. Only for what must never change, so that a slow machine
// makes the test weaker and never makes it fail.
template <class Pred>
[[nodiscard]] bool stays(Pred pred, std::chrono::milliseconds span = std::chrono::milliseconds(30)) {
  return !eventually([&] { return !pred(); }, span);
}

// Opens once and stays open; any number of threads may wait for it and open it.
class gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  bool is_open() const {
    const std::lock_guard lock(mutex_);
    return is_open_;
  }
  // True: it was opened; false: the time was over first.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout = patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::steady_clock::now() + timeout, [this] { return is_open_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_open_ = false;
};

}  // namespace tg_test
