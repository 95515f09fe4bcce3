// The benchmarks' clock of starts: who asks for a start when it was due gets that time, however late it comes.
#include <gtest/gtest.h>

#include <cstdint>

#include "bench/support/pacing.h"

namespace {

constexpr std::int64_t ms = 1'000'000;

TEST(Pacing, AStartThatIsDueCountsFromThenAlsoAfterASleep) {
  bench::pacer pace;
  const std::int64_t first = pace.next_due(0);
  EXPECT_EQ(pace.next_due(20 * ms), first + 20 * ms);
  EXPECT_GE(bench::now_ns(), first + 20 * ms);
}

TEST(Pacing, AStartThatWasOverrunCountsFromWhenItWasDue) {
  bench::pacer pace;
  const std::int64_t first = pace.next_due(0);
  bench::sleep_for_ns(3 * ms);
  EXPECT_EQ(pace.next_due(ms), first + ms);
  EXPECT_EQ(pace.next_awake(ms), first + 2 * ms);
}

TEST(Pacing, AnAwakeStartCountsFromTheEndOfTheSleep) {
  bench::pacer pace;
  const std::int64_t first = pace.next_due(0);
  const std::int64_t start = pace.next_awake(20 * ms);
  EXPECT_GE(start, first + 20 * ms);
  EXPECT_LE(start, bench::now_ns());
}

}  // namespace
