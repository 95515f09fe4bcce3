// Short groups, one after the other.
#pragma once

#include "bench/support/contest.h"
#include "bench/support/futex.h"
#include "bench/support/timing.h"

namespace bench {

template <class Once>
outcome ns_per_group(std::size_t count, Once&& once) {
  for (std::size_t i = 0; i < count / 20 + 1; ++i) once();
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < count; ++i) once();
  return {static_cast<double>(now_ns() - start) / static_cast<double>(count)};
}

// A pool has no group: one task, and a wait for it.
template <class Pool>
outcome short_groups_on(Pool& pool, std::size_t count) {
  std::uint64_t ran = 0;
  const outcome found = ns_per_group(count, [&] {
    countdown left(1);
    pool.post([&] {
      ++ran;
      left.done();
    });
    left.wait();
  });
  keep(ran);
  return found;
}

}  // namespace bench
