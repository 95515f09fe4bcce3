// All workers of a runtime at work at once.
#pragma once

#include "tests/support/bounded.h"

#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>

namespace tg_test {

// As eventually(), without sleeping: what is measured lasts microseconds.
template <class Pred>
[[nodiscard]] bool soon(Pred pred) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!pred()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Tasks, none of which says that it blocks, meet: each worker has run one.
inline bool all_workers_meet(tg::group& group, std::size_t workers) {
  struct meeting {
    std::atomic<std::size_t> inside{0};
    std::atomic<std::size_t> met{0};
  } here;
  for (std::size_t i = 0; i < workers; ++i) {
    group.add_task([&here, workers] {
      ++here.inside;
      if (soon([&] { return here.inside == workers; })) ++here.met;
    });
  }
  // A timed join runs no task on this thread.
  return group.join_for(2 * patience).complete && here.met == workers;
}

}  // namespace tg_test
