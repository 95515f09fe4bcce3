// A runtime with few of everything, for schedules that run all of it.
#pragma once

#include "tests/model/checker/explore.h"

#include <threadgroup/threadgroup.h>

namespace model_test {

inline tg::runtime_options small(std::uint32_t workers, std::uint32_t max_blocked = 1) {
  tg::runtime_options out;
  out.workers = workers;
  out.max_blocked = max_blocked;
  out.task_records = 64;
  out.group_records = 16;
  out.linger = std::chrono::microseconds(0);
  return out;
}

// Spinning by the clock is soon over.
inline constexpr model::settings whole_runtime{.most_steps = 200'000, .tick = 20'000};

}  // namespace model_test
