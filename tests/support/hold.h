// Tasks that stay inside until the test lets them go.
#pragma once

#include "tests/support/bounded.h"

#include <threadgroup/threadgroup.h>

#include <atomic>
#include <cstddef>
#include <memory>

namespace tg_test {

// Make it after the group whose tasks it holds: it is destroyed first and lets them go.
class hold {
 public:
  hold() = default;
  hold(const hold&) = delete;
  hold& operator=(const hold&) = delete;
  ~hold() { release(); }

  // A task that occupies its slot in the group until release(). It tells the runtime that it blocks, so that
  // other tasks go on however few workers there are.
  auto task() const {
    return [state = state_] {
      state->entered.fetch_add(1);
      const bool released = tg::this_task::blocking([&] { return state->exit.wait(); });
      EXPECT_TRUE(released) << "a held task was never released";
    };
  }
  // How many have begun so far.
  std::size_t entered() const { return state_->entered.load(); }
  // True once `count` of them have begun.
  [[nodiscard]] bool wait_entered(std::size_t count) const {
    return eventually([&] { return entered() >= count; });
  }
  void release() { state_->exit.open(); }

 private:
  struct shared {
    std::atomic<std::size_t> entered{0};
    gate exit;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

}  // namespace tg_test
