// Time-outs of every size for every call that takes one: nought and past ones poll, the greatest never come.
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

using seconds = std::chrono::duration<long double>;
using std::chrono::steady_clock;

// In a busy group, whose event is not set: true if the time was over first.
struct timed_call {
  const char* name;
  bool (*times_out)(tg::group& busy, tg::future<int>& result, seconds time);

  friend void PrintTo(const timed_call& what, std::ostream* out) { *out << what.name; }
};

const timed_call timed_calls[] = {
    {"join_for",
     [](tg::group& busy, tg::future<int>&, seconds time) { return !busy.join_for(time).complete; }},
    {"wait_for_condition",
     [](tg::group& busy, tg::future<int>&, seconds time) {
       return busy.wait_for_condition([] { return false; }, time) == tg::condition::timed_out;
     }},
    {"sleep_for",
     [](tg::group& busy, tg::future<int>&, seconds time) { return busy.event().sleep_for(time); }},
    {"future", [](tg::group&, tg::future<int>& result, seconds time) { return !result.wait_for(time); }},
};

class time_out : public testing::TestWithParam<timed_call> {};

struct busy_group {
  small_runtime machinery;
  tg::group group{"busy", machinery.with_limit(1)};
  hold held;
  std::optional<tg::future<int>> result;

  busy_group() {
    result.emplace(group.submit([run = held.task()] {
      run();
      return 1;
    }));
    EXPECT_TRUE(held.wait_entered(1));
  }
  ~busy_group() {
    held.release();
    EXPECT_TRUE(group.join_for(patience).complete);
    expect_accounted(group, 1);
  }
  template <class Time>
  bool times_out(const timed_call& call, Time time) {
    return call.times_out(group, *result, time);
  }
};

using limits = std::numeric_limits<long double>;

TEST_P(time_out, of_nothing_or_less_polls) {
  busy_group busy;
  for (const long double time : {0.0L, -0.0L, -1e-9L, -1.0L, -1e30L, limits::lowest(), -limits::infinity(),
                                 limits::quiet_NaN(), limits::denorm_min()}) {
    SCOPED_TRACE(std::to_string(time) + " s");
    EXPECT_TRUE(busy.times_out(GetParam(), seconds(time)));
  }
  EXPECT_TRUE(busy.times_out(GetParam(), std::chrono::nanoseconds::min()));
  EXPECT_TRUE(busy.times_out(GetParam(), std::chrono::hours::min()));
}

TEST_P(time_out, of_the_greatest_size_never_comes) {
  for (const long double time : {9.3e9L, 1e30L, limits::max(), limits::infinity()}) {
    SCOPED_TRACE(std::to_string(time) + " s");
    busy_group busy;
    sleep_mark mark;
    std::atomic<bool> has_ended{false}, timed_out{false};
    std::thread waiter([&] {
      mark.about_to_wait();
      timed_out = busy.times_out(GetParam(), seconds(time));
      has_ended = true;
    });
    EXPECT_TRUE(mark.wait_asleep());
    EXPECT_FALSE(has_ended);
    busy.held.release();
    busy.group.set_event();
    waiter.join();
    EXPECT_FALSE(timed_out);
  }
}

INSTANTIATE_TEST_SUITE_P(calls, time_out, testing::ValuesIn(timed_calls),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(time_point, that_is_past_or_the_least_polls_and_the_greatest_never_comes) {
  small_runtime machinery;
  tg::group group("busy", machinery.with_limit(1));
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  for (const auto when : {steady_clock::time_point{}, steady_clock::time_point::min(), steady_clock::now()}) {
    EXPECT_FALSE(group.join_until(when).complete);
    EXPECT_TRUE(group.event().sleep_until(when));
  }
  sleep_mark mark;
  std::thread sleeper([&] {
    mark.about_to_wait();
    EXPECT_FALSE(group.event().sleep_until(steady_clock::time_point::max()));
    EXPECT_TRUE(group.join_until(steady_clock::time_point::max()).complete);
  });
  EXPECT_TRUE(mark.wait_asleep());
  group.set_event();
  held.release();
  sleeper.join();
  expect_accounted(group, 1);
}

TEST(poll, of_every_size_looks_again_when_told) {
  for (const long double time : {0.0L, -1.0L, limits::quiet_NaN(), 1e-9L, limits::infinity()}) {
    SCOPED_TRACE(std::to_string(time) + " s");
    small_runtime machinery;
    tg::group group("busy", machinery.with_limit(1));
    hold held;
    group.add_task(held.task());
    EXPECT_TRUE(held.wait_entered(1));
    std::atomic<int> looks{0};
    std::atomic<bool> met{false};
    std::thread waiter([&] {
      const auto look = [&] {
        ++looks;
        return met.load();
      };
      EXPECT_EQ(group.wait_for_condition(look, 1h, seconds(time)), tg::condition::met);
    });
    EXPECT_TRUE(eventually([&] { return looks > 0; }));
    met = true;
    group.notify();
    waiter.join();
    held.release();
    expect_joins(group, {.succeeded = 1});
  }
}

TEST(deadline_of_every_size, is_kept_or_never_comes) {
  small_runtime machinery;
  for (const auto when : {steady_clock::time_point{}, steady_clock::time_point::min(), steady_clock::now()}) {
    tg::group group("past", {.deadline = when, .on = &*machinery});
    EXPECT_TRUE(group.event().is_set());
    group.add_task([] {});
    expect_joins(group, {.skipped = 1});
  }
  tg::group never("never", {.deadline = steady_clock::time_point::max(), .on = &*machinery});
  tg::group late("late", {.deadline = steady_clock::time_point::max() - 1ns, .on = &*machinery});
  tg::group soon("soon", {.deadline = steady_clock::now() + 1ms, .on = &*machinery});
  EXPECT_TRUE(eventually([&] { return soon.event().is_set(); }));
  EXPECT_FALSE(never.event().is_set());
  EXPECT_FALSE(late.event().is_set());
}

}  // namespace
