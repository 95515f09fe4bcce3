#include "core/os/backoff.h"

#include "core/base/cpu.h"
#include "core/os/thread.h"

#include <cerrno>
#include <ctime>

namespace tg::os {
namespace {

constexpr unsigned looks_at_once = 64;
constexpr unsigned looks_before_sleep = looks_at_once + 16;
constexpr long nap_ns = 50'000;

}  // namespace

void backoff::pause() noexcept {
  if (looks_ < looks_at_once) {
    ++looks_;
    base::pause();
  } else if (looks_ < looks_before_sleep) {
    ++looks_;
    yield();
  } else {
    const int before = errno;
    const timespec nap{0, nap_ns};
    ::nanosleep(&nap, nullptr);
    errno = before;
  }
}

}  // namespace tg::os
