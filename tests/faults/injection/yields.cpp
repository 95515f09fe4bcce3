#include "tests/faults/injection/yields.h"

#include <atomic>

namespace tg_test {
namespace {

struct yield_hook {
  void (*before)(void*);
  void* context;
};
constinit std::atomic<const yield_hook*> hook{nullptr};

}  // namespace

late_yields::late_yields(void (*before)(void*), void* context) noexcept {
  static yield_hook the;
  the = {before, context};
  hook = &the;
}
late_yields::~late_yields() { hook = nullptr; }

}  // namespace tg_test

extern "C" {

int __real_sched_yield();
int __wrap_sched_yield();
int __wrap_sched_yield() {
  const auto* const late = tg_test::hook.load();
  if (late != nullptr) late->before(late->context);
  return __real_sched_yield();
}

}  // extern "C"
