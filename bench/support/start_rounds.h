// Handing one task over, again and again, to a pool that has been idle; who asked sleeps meanwhile.
#pragma once

#include "bench/support/contest.h"
#include "bench/support/futex.h"
#include "bench/support/pacing.h"

#include <atomic>

namespace bench {

struct start_work {
  std::size_t rounds = 0;
  std::int64_t idle_ns = 0;  // about how long the pool has been idle
  unsigned workers = 2;
};

// `hand_over(first)` has first() called elsewhere. From the hand-over, or, if the last start has overrun it, from when
// it was due, to the task's first instruction.
template <class HandOver>
outcome start_rounds(const start_work& work, HandOver&& hand_over) {
  samples spans;
  gate started;
  std::atomic<std::int64_t> at{0};
  pacer pace;
  uneven_gaps gaps(work.idle_ns);
  for (std::uint32_t round = 1; round <= work.rounds + 1; ++round) {
    const std::int64_t start = pace.next_awake(gaps.next_ns());
    hand_over([&at, &started, round] {
      at.store(now_ns());
      started.open(round, 1);
    });
    started.wait(round);
    if (round > 1) spans.add(at.load() - start);
  }
  return percentiles(spans);
}

template <class Pool>
outcome starts_on(Pool& pool, const start_work& work) {
  return start_rounds(work, [&pool](auto first) { pool.post(first); });
}

}  // namespace bench
