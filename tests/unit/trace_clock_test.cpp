// The recorder's clock and how its ticks become nanoseconds.
#include "core/trace/clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace {

using tg::tracing::clock_kind;
using tg::tracing::clock_pair;
using tg::tracing::file_header;
using tg::tracing::trace_clock;

class trace_clock_of : public testing::TestWithParam<clock_kind> {
 protected:
  void SetUp() override {
    if (GetParam() == clock_kind::counter && trace_clock::best() != clock_kind::counter) {
      GTEST_SKIP() << "this processor's counter is not constant";
    }
    clock.choose(GetParam());
    clock.calibrate_first(header);
  }
  std::int64_t ns_of(std::uint64_t ticks) const {
    const clock_pair& last = header.pairs[1 + (header.calibrations & 1)];
    const auto span_ns = static_cast<double>(last.monotonic_ns - header.pairs[0].monotonic_ns);
    const auto span_ticks = static_cast<double>(last.ticks - header.pairs[0].ticks);
    const auto since = static_cast<double>(static_cast<std::int64_t>(ticks - header.pairs[0].ticks));
    return static_cast<std::int64_t>(header.pairs[0].monotonic_ns) +
           static_cast<std::int64_t>(since * span_ns / span_ticks);
  }

  trace_clock clock;
  file_header header{};
};

TEST_P(trace_clock_of, never_goes_back_on_a_thread) {
  std::uint64_t last = clock.now();
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST_P(trace_clock_of, tells_the_time_of_the_monotonic_clock) {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  clock.calibrate(header);
  const std::int64_t before = tg::detail::now_ns();
  const std::int64_t told = ns_of(clock.now());
  const std::int64_t after = tg::detail::now_ns();
  constexpr std::int64_t tolerance_ns = 100'000;
  EXPECT_GE(told, before - tolerance_ns);
  EXPECT_LE(told, after + tolerance_ns);
}

TEST_P(trace_clock_of, counts_its_calibrations_and_keeps_the_first) {
  const clock_pair first = header.pairs[0];
  ASSERT_EQ(header.calibrations, 2u);
  for (std::uint32_t count = 3; count < 8; ++count) {
    const clock_pair before = header.pairs[1 + ((count - 1) & 1)];
    clock.calibrate(header);
    ASSERT_EQ(header.calibrations, count);
    EXPECT_GE(header.pairs[1 + (count & 1)].ticks, before.ticks);
    EXPECT_EQ(header.pairs[0].ticks, first.ticks);
  }
}

TEST_P(trace_clock_of, turns_a_threshold_into_ticks) {
  const std::uint64_t ticks = clock.ticks_of(header, 1'000'000'000);
  const std::int64_t ns =
      ns_of(header.pairs[0].ticks + ticks) - static_cast<std::int64_t>(header.pairs[0].monotonic_ns);
  EXPECT_NEAR(static_cast<double>(ns), 1e9, 1e4);
  EXPECT_EQ(clock.ticks_of(header, 0), 0u);
}

INSTANTIATE_TEST_SUITE_P(clocks, trace_clock_of, testing::Values(clock_kind::counter, clock_kind::monotonic),
                         [](const auto& clock) {
                           return clock.param == clock_kind::counter ? "counter" : "monotonic";
                         });

}  // namespace
