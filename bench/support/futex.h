// The bare futex: what the kernel takes for a wake-up, without any library. Peers and harness alike wait by
// it.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>

namespace bench {

inline void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr,
          0);
}

inline void futex_wake(std::atomic<std::uint32_t>& word, int count) {
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

// A number that only rises; threads sleep until it has reached theirs.
class gate {
 public:
  void open(std::uint32_t round, int sleepers = INT_MAX) {
    word_.store(round, std::memory_order_release);
    futex_wake(word_, sleepers);
  }

  void wait(std::uint32_t round) {
    for (;;) {
      const std::uint32_t seen = word_.load(std::memory_order_acquire);
      if (static_cast<std::int32_t>(seen - round) >= 0) return;
      futex_wait(word_, seen);
    }
  }

 private:
  alignas(64) std::atomic<std::uint32_t> word_{0};
};

// Counts endings down to none; one thread waits for the last.
class countdown {
 public:
  explicit countdown(std::size_t count) : left_(count) {
    if (count == 0) none_left_.open(1);
  }

  void done() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) none_left_.open(1, 1);
  }

  void wait() { none_left_.wait(1); }

 private:
  alignas(64) std::atomic<std::size_t> left_;
  gate none_left_;
};

}  // namespace bench
