#include "tests/faults/injection/waits.h"

#include "tests/faults/injection/hook.h"

#include <linux/futex.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <cstdarg>

namespace tg_test {
namespace {

constinit std::atomic<bool> armed{false};
constinit std::atomic<wake_fault> how{wake_fault::interrupted};
constinit std::atomic<std::size_t> row{0};
constinit std::atomic<struck_waits::of> who{struck_waits::of::all};
constinit std::atomic<std::size_t> count{0};
constinit std::atomic<std::uint32_t> arming{0};  // tells one arming from the next

// Of a thread: which arming it is meant by, and how many waits in a row have been struck.
struct here {
  std::uint32_t meant_by = 0;
  std::size_t in_a_row = 0;
};
constinit thread_local here self{};

bool strikes(bool has_deadline) noexcept {
  if (!armed) return false;
  if (who == struck_waits::of::this_thread && self.meant_by != arming) return false;
  if (how == wake_fault::timed_out_early && !has_deadline) return false;
  if (self.in_a_row++ == row) {
    self.in_a_row = 0;
    return false;
  }
  ++count;
  return true;
}

long struck_result() noexcept {
  switch (how) {
    case wake_fault::spurious:
      return 0;
    case wake_fault::interrupted:
      errno = EINTR;
      return -1;
    case wake_fault::word_moved:
      errno = EAGAIN;
      return -1;
    case wake_fault::timed_out_early:
      errno = ETIMEDOUT;
      return -1;
  }
  return 0;
}

constinit hook before_wake;

}  // namespace

struck_waits::struck_waits(wake_fault fault, std::size_t in_a_row, of threads) noexcept {
  how = fault;
  row = in_a_row;
  who = threads;
  count = 0;
  ++arming;
  meant_here();
  armed = true;
}
struck_waits::~struck_waits() { armed = false; }
std::size_t struck_waits::struck() const noexcept { return count; }
void struck_waits::meant_here() noexcept { self = {arming, 0}; }
void struck_waits::not_meant_here() noexcept { self = {}; }

late_wakes::late_wakes(void (*before)(void*), void* context) noexcept { before_wake.set(before, context); }
late_wakes::~late_wakes() { before_wake.clear(); }

}  // namespace tg_test

extern "C" {

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
  std::va_list list;
  va_start(list, number);
  long given[6];
  for (long& argument : given) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_futex) {
    const long operation = given[1] & FUTEX_CMD_MASK;
    if (operation == FUTEX_WAIT_BITSET && tg_test::strikes(given[3] != 0)) return tg_test::struck_result();
    const bool wakes_all = operation == FUTEX_WAKE && given[2] == INT_MAX;
    if (wakes_all) tg_test::before_wake();
  }
  return __real_syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

}  // extern "C"
