// Promise: set_all_events() sets the event of every group of the default runtime that is alive at the call.
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/sleeping.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tg::event_cause;

TEST(set_all_events, reaches_every_tree_of_the_forest) {
  group_tree high(3, 2);
  group_tree wide(1, 50);
  tg::group single("single");
  tg::set_all_events();
  EXPECT_TRUE(high.all_set());
  EXPECT_TRUE(wide.all_set());
  EXPECT_TRUE(single.event().is_set());
  for (std::size_t node = 0; node < high.size(); ++node) {
    EXPECT_EQ(high[node].state().cause, event_cause::shutdown);
  }
}

TEST(set_all_events, takes_a_cause_and_leaves_earlier_ones) {
  tg::group early("early");
  tg::group late("late");
  early.set_event(event_cause::failure);
  tg::set_all_events(event_cause::requested);
  EXPECT_EQ(early.state().cause, event_cause::failure);
  EXPECT_EQ(early.state().origin, early.id());
  EXPECT_EQ(late.state().cause, event_cause::requested);
}

TEST(set_all_events, leaves_groups_that_are_born_later_alone) {
  const tg::group before("before");
  tg::set_all_events();
  EXPECT_TRUE(before.event().is_set());
  tg::group after("after");
  EXPECT_FALSE(after.event().is_set());
  after.add_task([] { EXPECT_FALSE(tg::this_task::event_set()); });
  expect_joins(after, {.succeeded = 1});
}

TEST(set_all_events, leaves_other_runtimes_alone) {
  tg::runtime other({.workers = 1});
  const tg::group elsewhere("elsewhere", {.on = &other});
  const tg::group here("here");
  tg::set_all_events();
  EXPECT_TRUE(here.event().is_set());
  EXPECT_FALSE(elsewhere.event().is_set());
}

TEST(set_all_events, wakes_sleepers_and_skips_what_is_queued) {
  tg::group sleepers("sleepers");
  tg::group paused("paused", {.max_concurrent = 0});
  std::atomic<int> begun{0};
  for (int i = 0; i < 5; ++i) {
    sleepers.add_task([&begun] {
      ++begun;
      EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
    });
    paused.add_task([] { ADD_FAILURE() << "ran in a paused group"; });
  }
  sleep_mark mark;
  auto outside = in_background([&] {
    mark.about_to_wait();
    return sleepers.event().sleep_for(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(eventually([&] { return begun == 5; }));
  tg::set_all_events();
  EXPECT_FALSE(outside.get());
  expect_joins(sleepers, {.succeeded = 5});
  expect_joins(paused, {.skipped = 5});
}

}  // namespace
