// One request: a group with a deadline, a task for each replica, the first answer wins.
#pragma once

#include <chrono>
#include <cstdint>

#include "options.h"

namespace fanout {

struct request_result {
  std::chrono::nanoseconds latency{};  // from when it was due until the answer, or until it was given up
  bool answered = false;
  std::uint32_t finished = 0;  // replicas that did all their work
  std::uint32_t stopped = 0;   // replicas that began and were stopped
  std::uint32_t never_began = 0;
};

// Runs in a task of the service; waits for the answer or the deadline, and until all replicas have stopped.
request_result serve(const options& wanted, std::uint64_t number, std::chrono::steady_clock::time_point due);

}  // namespace fanout
