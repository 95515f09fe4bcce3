#include "tests/faults/injection/yields.h"

#include "tests/faults/injection/hook.h"

namespace tg_test {
namespace {
constinit hook before_yield;
}

late_yields::late_yields(void (*before)(void*), void* context) noexcept { before_yield.set(before, context); }
late_yields::~late_yields() { before_yield.clear(); }

}  // namespace tg_test

extern "C" {

int __real_sched_yield();
int __wrap_sched_yield();
int __wrap_sched_yield() {
  tg_test::before_yield();
  return __real_sched_yield();
}

}  // extern "C"
