// Promise: every wait of the library inside a task counts as blocking: the task keeps its slot and another
// worker runs in its place, up to max_blocked; at the cap nothing new starts until a blocked task returns,
// and runtime_stats counts each time. (this_task.h)
#include "tests/support/accounting.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
namespace this_task = tg::this_task;

// Ways for a task to wait until the test ends the wait.
struct way_to_wait {
  const char* name;
  std::function<void(tg::group& never_runs, gate& end)> wait;

  friend void PrintTo(const way_to_wait& way, std::ostream* out) { *out << way.name; }
};

const way_to_wait ways[] = {
    {"sleep", [](tg::group&, gate&) { EXPECT_FALSE(this_task::event_aware_sleep(1h)); }},
    {"view_wait", [](tg::group&, gate&) { this_task::this_event().wait(); }},
    {"blocking",
     [](tg::group&, gate& end) { EXPECT_TRUE(this_task::blocking([&end] { return end.wait(); })); }},
    {"condition",
     [](tg::group&, gate&) {
       EXPECT_EQ(this_task::wait_for_condition([] { return false; }, 1h, 1h), tg::condition::event_set);
     }},
    {"future", [](tg::group& never_runs,
                  gate&) { EXPECT_EQ(never_runs.submit([] {}).kind(), tg::outcome_kind::skipped); }},
    {"timed_join",
     [](tg::group& never_runs, gate&) {
       never_runs.add_task([] {});
       EXPECT_TRUE(never_runs.join_for(1h).complete);
     }},
    {"join",
     [](tg::group& never_runs, gate&) {
       never_runs.add_task([] {});
       EXPECT_TRUE(never_runs.join().complete);
     }},
};

class blocked_tasks : public testing::TestWithParam<way_to_wait> {};

TEST_P(blocked_tasks, do_not_stop_another_on_two_workers) {
  constexpr std::size_t count = 10;
  tg::runtime machinery({.workers = 2});
  tg::group never_runs("never runs", {.max_concurrent = 0, .on = &machinery});
  tg::group waiting("waiting", {.on = &machinery});
  gate end;
  std::atomic<std::size_t> began{0};
  for (std::size_t i = 0; i < count; ++i) {
    waiting.add_task([&] {
      ++began;
      GetParam().wait(never_runs, end);
    });
  }
  EXPECT_TRUE(eventually([&] { return began == count; })) << "only " << began << " could begin";
  EXPECT_TRUE(eventually([&] { return machinery.stats().blocked == count; }))
      << machinery.stats().blocked << " count as blocked";
  EXPECT_EQ(waiting.stats().running, count) << "a blocked task keeps its slot";

  tg::group eleventh("eleventh", {.on = &machinery});
  auto runs = eleventh.submit([] { return 11; });
  EXPECT_TRUE(runs.wait_for(patience)) << "nothing runs beside ten blocked tasks";

  end.open();
  never_runs.set_event();
  waiting.set_event();
  EXPECT_EQ(runs.get(), 11);
  expect_joins(waiting, {.succeeded = count});
  expect_joins(eleventh, {.succeeded = 1});
  EXPECT_EQ(machinery.stats().cap_reached, 0u);
  EXPECT_TRUE(eventually([&] { return machinery.stats().blocked == 0; }));
}

INSTANTIATE_TEST_SUITE_P(ways, blocked_tasks, testing::ValuesIn(ways),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(blocking, keeps_the_limit_of_the_group) {
  tg::group group("limited", {.max_concurrent = 2});
  hold held;
  for (int i = 0; i < 5; ++i) group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(2));
  tg::group other("other");
  EXPECT_EQ(other.submit([] { return 1; }).get(), 1);
  EXPECT_EQ(held.entered(), 2u);
  EXPECT_EQ(group.stats().running, 2u);
  held.release();
  expect_joins(group, {.succeeded = 5});
  expect_joins(other, {.succeeded = 1});
}

TEST(blocking, at_the_cap_starts_nothing_new_until_a_blocked_task_returns_and_is_counted) {
  tg::runtime machinery({.workers = 1, .max_blocked = 2});
  EXPECT_EQ(machinery.stats().blocked_cap, 2u);
  tg::group waiting("waiting", {.on = &machinery});
  std::optional<hold> held(std::in_place);
  for (int i = 0; i < 3; ++i) waiting.add_task(held->task());
  ASSERT_TRUE(held->wait_entered(3)) << "one worker and two in the place of blocked ones";
  EXPECT_TRUE(eventually([&] { return machinery.stats().cap_reached >= 1; }));

  tg::group late("late", {.on = &machinery});
  std::atomic<bool> started{false};
  late.add_task([&started] { started = true; });
  EXPECT_FALSE(late.join_for(50ms).complete) << "the cap was exceeded";
  EXPECT_FALSE(started.load());

  held->release();
  expect_joins(late, {.succeeded = 1});
  EXPECT_TRUE(started.load());
  expect_joins(waiting, {.succeeded = 3});
  const tg::runtime_stats stats = machinery.stats();
  EXPECT_GE(stats.cap_reached, 1u);
}

TEST(blocking, is_given_back_by_exceptions_too) {
  tg::runtime machinery({.workers = 1, .max_blocked = 1});
  tg::group group("throws", {.on = &machinery});
  for (int i = 0; i < 20; ++i) {
    group.add_task([] { this_task::blocking([] { throw std::runtime_error("while blocked"); }); });
  }
  expect_joins(group, {.failed = 20});
  EXPECT_TRUE(eventually([&] { return machinery.stats().blocked == 0; }));
}

TEST(blocking, nests_and_counts_a_task_once) {
  tg::runtime machinery({.workers = 1});
  tg::group group("nested", {.on = &machinery});
  hold held;
  group.add_task([&machinery, stay = held.task()] {
    this_task::blocking([&] {
      this_task::blocking([] {});
      EXPECT_EQ(machinery.stats().blocked, 1u);
      stay();
    });
    EXPECT_EQ(machinery.stats().blocked, 0u);
  });
  ASSERT_TRUE(held.wait_entered(1));
  EXPECT_EQ(machinery.stats().blocked, 1u);
  held.release();
  expect_joins(group, {.succeeded = 1});
}

TEST(blocking, two_hundred_waiting_tasks_do_not_stop_the_next_one) {
  constexpr std::size_t count = 200;
  tg::runtime machinery({.workers = 2});
  tg::group waiting("waiting", {.max_concurrent = count, .on = &machinery});
  for (std::size_t i = 0; i < count; ++i) {
    waiting.add_task([] { EXPECT_FALSE(this_task::event_aware_sleep(1h)); });
  }
  EXPECT_TRUE(eventually([&] { return machinery.stats().blocked == count; }));
  tg::group next("next", {.on = &machinery});
  auto runs = next.submit([] { return 1; });
  EXPECT_TRUE(runs.wait_for(patience));
  waiting.set_event();
  expect_joins(waiting, {.succeeded = count});
  expect_joins(next, {.succeeded = 1});
}

}  // namespace
