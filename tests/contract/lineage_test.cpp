// Promise: a group may be destroyed before its children, which go on receiving the events of its ancestors; setting costs
// O(the living subtree), whatever else the process holds or held. Here: of long lines, in which each has made the next one.
// (group.h, "Parent"; event.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace tg_test;

constexpr int generations = 5'000;
// More than threads may have at hand.
const tg::runtime_options small{.workers = 1, .task_records = 64, .group_records = 512};

using owned = std::unique_ptr<tg::group>;

// So many groups later, each a child of the one before, which is destroyed.
template <class Options>
owned last_of_line(tg::group& top, Options&& options_of) {
  auto last = std::make_unique<tg::group>(top, "0", options_of(0));
  for (int i = 1; i < generations; ++i) {
    last = std::make_unique<tg::group>(*last, std::to_string(i), options_of(i));
  }
  return last;
}

owned last_of_line(tg::group& top) {
  return last_of_line(top, [](int) { return tg::group_options{}; });
}

TEST(lineage, the_last_of_a_long_line_hears_of_the_first) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  const owned last = last_of_line(top);
  tg::group child(*last, "child");
  EXPECT_EQ(few.stats().group_records_in_use, 3u);
  EXPECT_EQ(few.stats().group_records_grown, 0u) << "those that have ended hold records";
  EXPECT_FALSE(child.event().is_set());
  top.set_event(tg::event_cause::requested);
  EXPECT_TRUE(last->event().is_set());
  EXPECT_EQ(child.state().origin, top.id());
}

TEST(lineage, a_line_made_by_tasks_ends_as_it_goes) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  owned last = std::make_unique<tg::group>(top, "0");
  for (int i = 1; i < generations; ++i) {
    owned next;
    last->add_task([&next] { next = std::make_unique<tg::group>("next"); });
    expect_joins(*last, {.succeeded = 1});
    last = std::move(next);
  }
  EXPECT_EQ(few.stats().group_records_grown, 0u);
  EXPECT_TRUE(last->set_event());
  EXPECT_FALSE(top.event().is_set());
}

TEST(lineage, the_last_knows_that_it_is_below_the_first) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  const owned last = last_of_line(top);
  bool refused = false;
  last->add_task([&] {
    try {
      static_cast<void>(top.join());
    } catch (const tg::would_deadlock&) {
      refused = true;
    }
  });
  expect_joins(*last, {.succeeded = 1});
  EXPECT_TRUE(refused);
}

TEST(lineage, a_deadline_of_one_that_has_ended_comes_down) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  auto dead = std::make_unique<tg::group>(
      top, "dead", tg::group_options{.deadline = std::chrono::steady_clock::now() + 50ms});
  const std::uint64_t origin = dead->id();
  const owned last = last_of_line(*dead);
  dead.reset();
  last->event().wait();
  EXPECT_EQ(last->state().cause, tg::event_cause::deadline);
  EXPECT_EQ(last->state().origin, origin);
  EXPECT_FALSE(top.event().is_set());
  EXPECT_LT(few.stats().group_records_grown, 2u);
}

// Each states an earlier deadline than the one before. Those that have passed keep nothing.
TEST(lineage, deadlines_that_have_passed_keep_nothing) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  const auto now = std::chrono::steady_clock::now();
  const owned born_set = last_of_line(
      top, [&](int i) { return tg::group_options{.deadline = now - std::chrono::microseconds(i)}; });
  EXPECT_EQ(born_set->state().cause, tg::event_cause::deadline);
  EXPECT_EQ(few.stats().group_records_grown, 0u);
}

// A group whose deadline is that of one above which has gone: only that one's would be set, and it has been.
TEST(lineage, a_deadline_that_has_come_down_sets_nobody_who_has_a_later_one) {
  tg::runtime few(small);
  const auto now = std::chrono::steady_clock::now();
  tg::group top("top", {.deadline = now + 1h, .on = &few});
  tg::group beside(top, "beside");
  auto upper = std::make_unique<tg::group>(top, "upper");
  auto lower = std::make_unique<tg::group>(*upper, "lower", tg::group_options{.deadline = now + 20ms});
  tg::group last(*lower, "last");
  lower.reset();
  upper.reset();
  last.event().wait();
  std::this_thread::sleep_until(now + 100ms);  // the timer has let go of it
  tg::group late(last, "late", {.deadline = now + 10s});
  EXPECT_EQ(late.state().cause, tg::event_cause::deadline);
  EXPECT_FALSE(top.event().is_set());
  EXPECT_FALSE(beside.event().is_set());
}

// Groups that are born overdue set the ancestor who has stated the deadline, which is merged away meanwhile.
TEST(lineage, births_that_are_overdue_stay_below_who_has_stated_it) {
  tg::runtime few({.workers = 1});
  for (int round = 0; round < 20; ++round) {
    tg::group top("top", {.on = &few});
    tg::group beside(top, "beside");
    const auto due = std::chrono::steady_clock::now() + 5ms;
    auto upper = std::make_unique<tg::group>(top, "upper");
    auto lower = std::make_unique<tg::group>(*upper, "lower", tg::group_options{.deadline = due});
    tg::group last(*lower, "last");
    std::vector<owned> children;
    for (int i = 0; i < 1'000; ++i) children.push_back(std::make_unique<tg::group>(last, "child"));
    lower.reset();
    upper.reset();
    while (std::chrono::steady_clock::now() < due + 5ms) {
      tg::group born(last, "born", {.deadline = due + 1s});
    }
    ASSERT_TRUE(last.event().is_set());
    ASSERT_FALSE(beside.event().is_set() || top.event().is_set());
  }
}

// Many children of both have ended: the upper list is shortened while the last one ends elsewhere.
TEST(lineage, long_lists_are_merged_while_the_last_one_ends) {
  tg::runtime few({.workers = 1});
  tg::group top("top", {.on = &few});
  for (int round = 0; round < 300; ++round) {
    auto upper = std::make_unique<tg::group>(top, "upper");
    auto lower = std::make_unique<tg::group>(*upper, "lower");
    {
      std::vector<owned> brief;
      for (int i = 0; i < 60; ++i) {
        brief.push_back(std::make_unique<tg::group>(*upper, "brief"));
        brief.push_back(std::make_unique<tg::group>(*lower, "brief"));
      }
    }
    auto last = std::make_unique<tg::group>(*lower, "last");
    lower.reset();
    const auto ender = in_background([&] { last.reset(); });
    upper.reset();
  }
  EXPECT_EQ(few.stats().group_records_in_use, 1u);
}

}  // namespace
