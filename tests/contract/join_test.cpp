// Promise: join waits for the group's own tasks and tells what became of them; with a time-out it changes and
// consumes nothing. (group.h, join, join_report, After a completed join)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <ratio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

struct timed_join {
  const char* name;
  std::function<tg::join_report(tg::group&)> join;
};

void PrintTo(const timed_join& which, std::ostream* out) { *out << which.name; }

template <class Duration>
timed_join joins_for(const char* name, Duration span) {
  return {name, [span](tg::group& group) { return group.join_for(span); }};
}
template <class TimePoint>
timed_join joins_until(const char* name, TimePoint when) {
  return {name, [when](tg::group& group) { return group.join_until(when); }};
}

std::string name_of(const testing::TestParamInfo<timed_join>& instance) { return instance.param.name; }

// All of these are over at once.
const std::vector<timed_join> polls{
    joins_for("zero", 0ns),
    joins_for("negative", -5s),
    joins_for("most_negative", std::chrono::nanoseconds::min()),
    joins_for("most_negative_hours", std::chrono::hours::min()),
    joins_for("negative_exasecond", std::chrono::duration<int, std::exa>(-1)),
    joins_for("floating_negative", std::chrono::duration<double>(-0.5)),
    joins_for("floating_minus_infinity",
              std::chrono::duration<double>(-std::numeric_limits<double>::infinity())),
    joins_for("lowest_float", std::chrono::duration<float>::min()),
    joins_for("one_nanosecond", 1ns),
    joins_for("a_little", 2ms),
    joins_for("fractional", std::chrono::duration<double, std::milli>(0.25)),
    joins_until("now", steady::now()),
    joins_until("past", steady::now() - 1h),
    joins_until("earliest", steady::time_point::min()),
    joins_until("epoch", steady::time_point{}),
    joins_until("past_in_float_seconds", std::chrono::time_point<steady, std::chrono::duration<double>>(
                                             std::chrono::duration<double>(1.5))),
};

// None of these is ever over.
const std::vector<timed_join> endless{
    joins_for("max", steady::duration::max()),
    joins_for("max_hours", std::chrono::hours::max()),
    joins_for("max_seconds", std::chrono::seconds::max()),
    joins_for("max_milliseconds", std::chrono::milliseconds::max()),
    joins_for("max_of_64_bit_years", std::chrono::duration<std::int64_t, std::ratio<31'556'952>>::max()),
    joins_for("exasecond", std::chrono::duration<int, std::exa>(1)),
    joins_for("max_double", std::chrono::duration<double>::max()),
    joins_for("infinity", std::chrono::duration<double>(std::numeric_limits<double>::infinity())),
    joins_for("float_day", std::chrono::duration<float, std::ratio<86'400>>(1.0f)),
    joins_until("latest", steady::time_point::max()),
    joins_until("latest_in_seconds", std::chrono::time_point<steady, std::chrono::seconds>::max()),
    joins_until("in_an_hour", steady::now() + 1h),
};

class polling_join : public testing::TestWithParam<timed_join> {};
class endless_join : public testing::TestWithParam<timed_join> {};

TEST_P(polling_join, is_incomplete_while_a_task_runs_and_consumes_nothing) {
  tg::group group("busy");
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(GetParam().join(group).complete);
  held.release();
  expect_joins(group, {.succeeded = 1});
  expect_accounted(group, 1);
}

TEST_P(polling_join, is_complete_when_all_has_ended) {
  tg::group group("at rest");
  EXPECT_TRUE(GetParam().join(group).complete) << "nothing was ever added";
  group.add_task([] {});
  ASSERT_TRUE(eventually([&] { return group.stats().succeeded == 1; }));
  tg::join_report report;
  ASSERT_TRUE(eventually([&] { return (report = GetParam().join(group)).complete; }));
  EXPECT_EQ(tally_of(report), (tally{.succeeded = 1}));
  expect_accounted(group, 1);
}

TEST_P(endless_join, lasts_until_the_last_task_has_ended) {
  tg::group group("waited for");
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  auto joiner = in_background([&] { return GetParam().join(group); });
  EXPECT_TRUE(stays([&] { return joiner.wait_for(0s) != std::future_status::ready; }, 5ms));
  held.release();
  ASSERT_TRUE(finishes(joiner));
  const tg::join_report report = joiner.get();
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(tally_of(report), (tally{.succeeded = 1}));
  expect_accounted(group, 1);
}

INSTANTIATE_TEST_SUITE_P(timed_joins, polling_join, testing::ValuesIn(polls), name_of);
INSTANTIATE_TEST_SUITE_P(timed_joins, endless_join, testing::ValuesIn(endless), name_of);

TEST(join, of_an_empty_group_is_complete_and_all_zeroes) {
  tg::group group("empty");
  const tg::join_report report = group.join();
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(tally_of(report), tally{});
  EXPECT_TRUE(report.failures.empty());
  EXPECT_NO_THROW(report.throw_if_failed());
}

TEST(join, counts_what_has_ended_since_the_last_complete_one) {
  tg::group group("rounds");
  for (std::size_t round = 1; round <= 10; ++round) {
    for (std::size_t i = 0; i < round; ++i) group.add_task([] {});
    group.add_task([] { throw std::runtime_error("always"); });
    group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
    const tg::join_report report = expect_joins(group, {.succeeded = round, .failed = 1, .skipped = 1});
    EXPECT_EQ(report.failures.size(), 1u);
    expect_joins(group, {});
  }
  EXPECT_EQ(tally_of(group.stats()), (tally{.succeeded = 55, .failed = 10, .skipped = 10}));
  expect_accounted(group, 75);
}

TEST(join, that_times_out_shows_what_has_ended_so_far_and_leaves_it_for_the_next) {
  tg::group group("partly");
  hold held;
  group.add_task(held.task());
  for (int i = 0; i < 3; ++i) group.add_task([] {});
  for (int i = 0; i < 2; ++i) group.add_task([] { throw std::runtime_error("partly"); });
  group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
  const tally so_far{.succeeded = 3, .failed = 2, .skipped = 1};
  ASSERT_TRUE(eventually([&] { return tally_of(group.stats()) == so_far; }));
  for (int i = 0; i < 3; ++i) {
    const tg::join_report report = group.join_for(1ms);
    EXPECT_FALSE(report.complete);
    EXPECT_EQ(tally_of(report), so_far);
    EXPECT_EQ(report.failures.size(), 2u);
  }
  held.release();
  const tg::join_report report = expect_joins(group, {.succeeded = 4, .failed = 2, .skipped = 1});
  EXPECT_EQ(report.failures.size(), 2u);
  expect_accounted(group, 7);
}

TEST(join, waits_for_own_tasks_and_not_for_child_groups) {
  tg::group parent("parent");
  tg::group child(parent, "child");
  hold held;
  child.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  parent.add_task([] {});
  expect_joins(parent, {.succeeded = 1});
  EXPECT_EQ(child.stats().running, 1u);
  held.release();
  expect_joins(child, {.succeeded = 1});
}

TEST(join, waits_for_tasks_that_tasks_add) {
  tg::group group("chain");
  constexpr int length = 500;
  std::atomic<int> ran{0};
  std::function<void()> link = [&] {
    if (++ran < length) group.add_task([&link] { link(); });
  };
  for (int round = 1; round <= 3; ++round) {
    ran = 0;
    group.add_task([&link] { link(); });
    ASSERT_TRUE(group.join().complete);
    EXPECT_EQ(ran, length);
  }
  expect_accounted(group, 3 * length);
}

TEST(join, leaves_the_group_ready_for_use) {
  tg::group group("used again", {.max_concurrent = 2});
  for (int round = 0; round < 500; ++round) {
    std::atomic<int> ran{0};
    for (int i = 0; i < 4; ++i) group.add_task([&] { ++ran; });
    ASSERT_TRUE(round % 2 == 0 ? group.join().complete : group.join_for(patience).complete);
    ASSERT_EQ(ran, 4);
  }
  expect_accounted(group, 2'000);
}

TEST(join, leaves_the_event_as_it_is) {
  tg::group group("still set");
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
  EXPECT_FALSE(group.event().is_set());
  group.set_event();
  group.add_task([] {});
  expect_joins(group, {.skipped = 1});
  EXPECT_TRUE(group.event().is_set());
  expect_accounted(group, 2);
}

TEST(join, may_be_followed_by_destruction_at_once) {
  for (int i = 0; i < 3'000; ++i) {
    auto group = std::make_unique<tg::group>("short");
    std::atomic<bool> ran{false};
    group->add_task([&] { ran = true; });
    if (i % 3 == 0) {
      ASSERT_TRUE(group->join_for(patience).complete);
    } else {
      ASSERT_TRUE(group->join().complete);
    }
    ASSERT_TRUE(ran);
    group.reset();
  }
}

TEST(overlapping_joins, give_the_outcomes_to_exactly_one) {
  for (int round = 0; round < 50; ++round) {
    tg::group group("overlap");
    hold held;
    group.add_task(held.task());
    for (int i = 0; i < 20; ++i)
      group.add_task([i] {
        if (i % 4 == 0) throw i;
      });
    std::vector<std::future<tg::join_report>> joiners;
    for (int i = 0; i < 5; ++i) {
      joiners.push_back(
          in_background([&group, i] { return i % 2 == 0 ? group.join() : group.join_for(patience); }));
    }
    held.release();
    int receivers = 0;
    for (auto& joiner : joiners) {
      ASSERT_TRUE(finishes(joiner));
      const tg::join_report report = joiner.get();
      EXPECT_TRUE(report.complete);
      if (tally_of(report) == tally{}) {
        EXPECT_TRUE(report.failures.empty());
        continue;
      }
      ++receivers;
      EXPECT_EQ(tally_of(report), (tally{.succeeded = 16, .failed = 5}));
      EXPECT_EQ(report.failures.size(), 5u);
    }
    EXPECT_EQ(receivers, 1);
    expect_accounted(group, 21);
  }
}

TEST(overlapping_joins, lose_nothing_while_tasks_keep_coming) {
  tg::group group("busy joiners");
  constexpr std::size_t count = 6'000;
  std::atomic<bool> done{false};
  std::vector<std::future<std::size_t>> joiners;
  for (int i = 0; i < 3; ++i) {
    joiners.push_back(in_background([&] {
      std::size_t mine = 0;
      while (!done) {
        const tg::join_report report = group.join_for(1ms);
        if (report.complete) mine += report.succeeded;
      }
      return mine;
    }));
  }
  for (std::size_t i = 0; i < count; ++i) group.add_task([] {});
  ASSERT_TRUE(eventually([&] { return group.stats().succeeded == count; }));
  done = true;
  std::size_t reported = 0;
  for (auto& joiner : joiners) {
    ASSERT_TRUE(finishes(joiner));
    reported += joiner.get();
  }
  const tg::join_report rest = group.join_for(patience);
  ASSERT_TRUE(rest.complete);
  EXPECT_EQ(reported + rest.succeeded, count);
  expect_accounted(group, count);
}

TEST(report, copies_stay_valid_when_everything_else_is_gone) {
  tg::join_report copy;
  tg::task_id id = 0;
  {
    tg::group group("gone");
    id = group.add_task([] { throw std::runtime_error("kept"); });
    const tg::join_report report = group.join();
    copy = report;
  }
  const tg::join_report second = copy;
  copy = {};
  ASSERT_EQ(second.failures.size(), 1u);
  EXPECT_EQ(second.failures[0].id, id);
  EXPECT_THROW(std::rethrow_exception(second.failures[0].exception), std::runtime_error);
}

}  // namespace
