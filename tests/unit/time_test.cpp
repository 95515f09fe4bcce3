// Time-outs of any type as absolute nanoseconds: nothing overflows, nothing wraps, nothing is cut short.
#include <threadgroup/detail/time.h>

#include <gtest/gtest.h>

#include <limits>
#include <ratio>

namespace {

using namespace std::chrono_literals;
using std::chrono::duration;
using std::chrono::steady_clock;
using tg::detail::deadline_after;
using tg::detail::deadline_at;
using tg::detail::deadline_ns;
using tg::detail::for_ever;
using tg::detail::now_ns;
using tg::detail::saturated_ns;

using seconds_double = duration<double>;
using seconds_float = duration<float>;
template <class Rep>
constexpr Rep infinity = std::numeric_limits<Rep>::infinity();
template <class Rep>
constexpr Rep not_a_number = std::numeric_limits<Rep>::quiet_NaN();

TEST(saturated_ns, is_exact_for_whole_nanoseconds) {
  EXPECT_EQ(saturated_ns(0ns), 0);
  EXPECT_EQ(saturated_ns(1ns), 1);
  EXPECT_EQ(saturated_ns(7us), 7'000);
  EXPECT_EQ(saturated_ns(3ms), 3'000'000);
  EXPECT_EQ(saturated_ns(2s), 2'000'000'000);
  EXPECT_EQ(saturated_ns(1h), 3'600'000'000'000);
  EXPECT_EQ(saturated_ns(seconds_double(0.5)), 500'000'000);
  EXPECT_EQ(saturated_ns(duration<std::uint8_t, std::milli>(200)), 200'000'000);
}

TEST(saturated_ns, polls_for_what_is_negative_or_no_number) {
  EXPECT_EQ(saturated_ns(-1ns), 0);
  EXPECT_EQ(saturated_ns(-5h), 0);
  EXPECT_EQ(saturated_ns(std::chrono::nanoseconds::min()), 0);
  EXPECT_EQ(saturated_ns(std::chrono::hours::min()), 0);
  EXPECT_EQ(saturated_ns(seconds_double(-1e-12)), 0);
  EXPECT_EQ(saturated_ns(seconds_double(-infinity<double>)), 0);
  EXPECT_EQ(saturated_ns(seconds_double::min()), 0);
  EXPECT_EQ(saturated_ns(seconds_double(not_a_number<double>)), 0);
  EXPECT_EQ(saturated_ns(seconds_float(not_a_number<float>)), 0);
  EXPECT_EQ(saturated_ns(seconds_double(-0.0)), 0);
}

TEST(saturated_ns, is_for_ever_when_it_is_too_long_to_count) {
  EXPECT_EQ(saturated_ns(std::chrono::nanoseconds::max()), for_ever);
  EXPECT_EQ(saturated_ns(std::chrono::microseconds::max()), for_ever);
  EXPECT_EQ(saturated_ns(std::chrono::seconds::max()), for_ever);
  EXPECT_EQ(saturated_ns(std::chrono::hours::max()), for_ever);
  EXPECT_EQ(saturated_ns(duration<std::uint64_t>(UINT64_MAX)), for_ever);
  EXPECT_EQ(saturated_ns(seconds_double(infinity<double>)), for_ever);
  EXPECT_EQ(saturated_ns(seconds_float(infinity<float>)), for_ever);
  EXPECT_EQ(saturated_ns(seconds_double::max()), for_ever);
  EXPECT_EQ(saturated_ns(seconds_float::max()), for_ever);
  EXPECT_EQ(saturated_ns(seconds_double(9.3e9)), for_ever);
  EXPECT_EQ(saturated_ns(std::chrono::nanoseconds(for_ever - 1)), for_ever - 1);
  EXPECT_LT(saturated_ns(seconds_double(9.2e9)), for_ever);
}

TEST(saturated_ns, takes_every_period) {
  EXPECT_EQ(saturated_ns(duration<std::int64_t, std::atto>(3'000'000'000)), 3);
  EXPECT_EQ(saturated_ns(duration<int, std::exa>(1)), for_ever);
  EXPECT_EQ(saturated_ns(duration<int, std::exa>(-1)), 0);
  EXPECT_EQ(saturated_ns(duration<std::int64_t, std::ratio<7, 3>>(3)), 7'000'000'000);
  EXPECT_EQ(saturated_ns(duration<int, std::ratio<1, 3>>(1)), 333'333'334);
}

TEST(saturated_ns, rounds_up_what_lies_between) {
  EXPECT_EQ(saturated_ns(duration<int, std::pico>(1)), 1);
  EXPECT_EQ(saturated_ns(duration<int, std::pico>(1000)), 1);
  EXPECT_EQ(saturated_ns(duration<int, std::pico>(1001)), 2);
  EXPECT_EQ(saturated_ns(duration<double, std::nano>(0.001)), 1);
  EXPECT_EQ(saturated_ns(duration<double, std::nano>(2.5)), 3);
  EXPECT_EQ(saturated_ns(seconds_double(std::numeric_limits<double>::denorm_min())), 1);
}

TEST(deadline_after, is_a_poll_for_nothing_and_less) {
  EXPECT_EQ(deadline_after(0ns), 0);
  EXPECT_EQ(deadline_after(-1h), 0);
  EXPECT_EQ(deadline_after(std::chrono::hours::min()), 0);
  EXPECT_EQ(deadline_after(seconds_double(not_a_number<double>)), 0);
}

TEST(deadline_after, lies_so_far_after_now) {
  const deadline_ns before = now_ns();
  const deadline_ns at = deadline_after(1h);
  const deadline_ns after = now_ns();
  EXPECT_GE(at, before + 3'600'000'000'000);
  EXPECT_LE(at, after + 3'600'000'000'000);
  EXPECT_GT(deadline_after(1ns), before);
}

TEST(deadline_after, is_for_ever_instead_of_overflowing) {
  EXPECT_EQ(deadline_after(std::chrono::nanoseconds::max()), for_ever);
  EXPECT_EQ(deadline_after(std::chrono::nanoseconds(for_ever - 1)), for_ever);
  EXPECT_EQ(deadline_after(std::chrono::hours::max()), for_ever);
  EXPECT_EQ(deadline_after(seconds_double(infinity<double>)), for_ever);
}

TEST(deadline_at, is_the_clocks_own_number) {
  using nanoseconds_point = std::chrono::time_point<steady_clock, std::chrono::nanoseconds>;
  EXPECT_EQ(deadline_at(nanoseconds_point(12'345ns)), 12'345);
  EXPECT_EQ(deadline_at(std::chrono::time_point<steady_clock, std::chrono::seconds>(3s)), 3'000'000'000);
  EXPECT_EQ(deadline_at(std::chrono::time_point<steady_clock, seconds_double>(seconds_double(0.25))),
            250'000'000);
  const auto now = steady_clock::now();
  EXPECT_EQ(deadline_at(now), std::chrono::nanoseconds(now.time_since_epoch()).count());
}

TEST(deadline_at, saturates_at_both_ends) {
  EXPECT_EQ(deadline_at(steady_clock::time_point::min()), 0);
  EXPECT_EQ(deadline_at(steady_clock::time_point()), 0);
  EXPECT_EQ(deadline_at(steady_clock::time_point::max()), for_ever);
  using hours_point = std::chrono::time_point<steady_clock, std::chrono::hours>;
  EXPECT_EQ(deadline_at(hours_point::max()), for_ever);
  EXPECT_EQ(deadline_at(hours_point::min()), 0);
}

}  // namespace
