#include "core/os/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

namespace tg::os {
namespace {

// A system call in a destructor or a signal handler must not be seen in the caller's errno.
class errno_keeper {
 public:
  errno_keeper() noexcept : kept_(errno) {}
  ~errno_keeper() { errno = kept_; }

 private:
  int kept_;
};

void wake(const base::atomic<std::uint32_t>& word, int how_many, int scope) noexcept {
  errno_keeper keeper;
  ::syscall(SYS_futex, word.address(), FUTEX_WAKE | scope, how_many, nullptr, nullptr, 0);
}

wake_up wait(const base::atomic<std::uint32_t>& word, std::uint32_t expected, detail::deadline_ns until,
             int scope) noexcept {
  errno_keeper keeper;
  constexpr detail::deadline_ns second = 1'000'000'000;
  const timespec deadline{static_cast<time_t>(until / second), static_cast<long>(until % second)};
  const timespec* end = until == detail::for_ever ? nullptr : &deadline;
  // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC, the clock behind steady_clock.
  const long result = ::syscall(SYS_futex, word.address(), FUTEX_WAIT_BITSET | scope, expected, end, nullptr,
                                FUTEX_BITSET_MATCH_ANY);
  // The callers' clock decides, whatever the kernel says.
  const bool is_over = result == -1 && errno == ETIMEDOUT && detail::now_ns() >= until;
  return is_over ? wake_up::timed_out : wake_up::maybe;
}

}  // namespace

wake_up futex_wait(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                   detail::deadline_ns until) noexcept {
  return wait(word, expected, until, FUTEX_PRIVATE_FLAG);
}

void futex_wake_one(const base::atomic<std::uint32_t>& word) noexcept { wake(word, 1, FUTEX_PRIVATE_FLAG); }
void futex_wake_all(const base::atomic<std::uint32_t>& word) noexcept {
  wake(word, INT_MAX, FUTEX_PRIVATE_FLAG);
}

wake_up futex_wait_shared(const base::atomic<std::uint32_t>& word, std::uint32_t expected,
                          detail::deadline_ns until) noexcept {
  return wait(word, expected, until, 0);
}

void futex_wake_shared(const base::atomic<std::uint32_t>& word) noexcept { wake(word, INT_MAX, 0); }

}  // namespace tg::os
