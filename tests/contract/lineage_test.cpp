// Promise: a group may be destroyed before its children, which go on receiving the events of its ancestors; setting costs
// O(the living subtree), whatever else the process holds or held. Here: of long lines, in which each has made the next one.
// (group.h, "Parent"; event.h)
#include "tests/support/accounting.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <memory>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace tg_test;

constexpr int generations = 5'000;
// More than threads may have at hand.
const tg::runtime_options small{.workers = 1, .task_records = 64, .group_records = 512};

using owned = std::unique_ptr<tg::group>;

// So many groups later, each a child of the one before, which is destroyed.
owned last_of_line(tg::group& top, const tg::group_options& options = {}) {
  auto last = std::make_unique<tg::group>(top, "0", options);
  for (int i = 1; i < generations; ++i) {
    last = std::make_unique<tg::group>(*last, std::to_string(i), options);
  }
  return last;
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

// Each states an earlier deadline than the one before: all of them are kept until they have passed, and no longer.
TEST(lineage, deadlines_that_have_passed_keep_nothing) {
  tg::runtime few(small);
  tg::group top("top", {.on = &few});
  const owned born_set = last_of_line(top, {.deadline = std::chrono::steady_clock::now() - 1s});
  EXPECT_EQ(born_set->state().cause, tg::event_cause::deadline);
  EXPECT_EQ(few.stats().group_records_grown, 0u);
}

}  // namespace
