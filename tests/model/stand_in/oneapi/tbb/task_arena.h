// In the place of oneTBB's: what is enqueued runs on a thread of its own, some time, or never.
#pragma once

#include "tests/model/checker/explore.h"

#include <functional>
#include <utility>

namespace oneapi::tbb {

class task_arena {
 public:
  task_arena(int, unsigned) {}
  void initialize() {}

  template <class F>
  void execute(F&& work) {
    std::forward<F>(work)();
  }
  template <class F>
  void enqueue(F&& work) {
    auto* const kept = new std::function<void()>(std::forward<F>(work));  // the schedule's memory
    const model::unobserved here;
    // Who never comes is missed after some time only.
    if (model::time_rescues() && model::strikes()) return;
    model::spawn([](void* at) { (*static_cast<std::function<void()>*>(at))(); }, kept, true);
  }
};

}  // namespace oneapi::tbb
