// Work on another thread of the test, waited for with a bound.
#pragma once

#include "tests/support/bounded.h"

#include <future>
#include <utility>

namespace tg_test {

// Runs `work` on a thread of its own, which no runtime knows.
template <class F>
[[nodiscard]] auto in_background(F work) {
  return std::async(std::launch::async, std::move(work));
}

// True once the background work has ended; its result is fetched by get().
template <class R>
[[nodiscard]] bool finishes(const std::future<R>& background) {
  return background.wait_for(patience) == std::future_status::ready;
}

}  // namespace tg_test
