// One thread after the other, for what is rare and may take long: the others sleep.
#pragma once

#include "core/base/atomic.h"
#include "core/os/futex.h"

namespace tg::tracing {

class turn {
 public:
  class mine {
   public:
    explicit mine(turn& of) noexcept : of_(of) {
      // [TR31] acquire: what the one before did; pairs with [TR32]
      while (of_.taken_.exchange(1, base::acquire) != 0) {
        os::futex_wait(of_.taken_, 1, detail::now_ns() + look_again_ns);
      }
    }
    mine(const mine&) = delete;
    mine& operator=(const mine&) = delete;
    ~mine() {
      // [TR32] release: done; pairs with [TR31]
      of_.taken_.store(0, base::release);
      // Could be left out: who waits looks again after a while.
      os::futex_wake_one(of_.taken_);
    }

   private:
    turn& of_;
  };

  // In a forked child, whose parent's threads are not there.
  void reset() noexcept { taken_.store(0, base::relaxed); }  // relaxed: the child has one thread

 private:
  static constexpr detail::deadline_ns look_again_ns = 10'000'000;
  base::atomic<std::uint32_t> taken_{0};  // futex
};

}  // namespace tg::tracing
