// Trying again, and stopping at once when nobody wants the answer any more.
#pragma once

#include <threadgroup/this_task.h>

#include <chrono>
#include <cstdint>
#include <utility>

#include "check.h"

namespace verify_users {

struct retry_policy {
  std::uint32_t attempts = 1;
  std::chrono::duration<double, std::milli> first_pause{0};  // doubles after every attempt
};

// Calls `attempt` until its result is not undecided, at most `attempts` times. In a task it ends as stopped
// as soon as the event is set, also in the middle of a pause.
template <class Attempt>
check_result with_retries(Attempt&& attempt, const retry_policy& policy) {
  check_result result;
  auto pause = policy.first_pause;
  for (std::uint32_t tried = 0; tried < policy.attempts; ++tried) {
    if (tried > 0 && !tg::this_task::event_aware_sleep(pause)) return {};
    if (tried > 0) pause *= 2;
    if (tg::this_task::event_set()) return {};
    result = attempt();
    if (result.what != verdict::undecided) break;
  }
  return result;
}

}  // namespace verify_users
