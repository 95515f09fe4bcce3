// Promise: clear_pending_tasks ends all that is queued as skipped(cleared), says how many, and touches
// nothing else. (group.h, clear_pending_tasks)
#include "tests/support/accounting.h"
#include "tests/support/at_its_end.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

TEST(clear_pending, of_an_empty_group_finds_nothing) {
  tg::group group("empty");
  EXPECT_EQ(group.clear_pending_tasks(), 0u);
  expect_joins(group, {});
}

TEST(clear_pending, skips_what_is_queued_and_leaves_what_runs) {
  tg::group group("half", {.max_concurrent = 2});
  std::atomic<int> ran{0};
  hold held;
  for (int i = 0; i < 2; ++i) group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(2));
  for (int i = 0; i < 20; ++i) group.add_task([&] { ++ran; });
  EXPECT_EQ(group.clear_pending_tasks(), 20u);
  EXPECT_EQ(group.clear_pending_tasks(), 0u);
  EXPECT_EQ(group.stats().pending, 0u);
  EXPECT_EQ(group.stats().running, 2u);
  held.release();
  expect_joins(group, {.succeeded = 2, .skipped = 20});
  EXPECT_EQ(ran, 0);
  expect_accounted(group, 22);
}

TEST(clear_pending, sets_no_event_and_leaves_the_group_usable) {
  tg::group group("usable", {.max_concurrent = 0});
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 5; ++i) group.add_task([] {});
    auto future = group.submit([] {});
    EXPECT_EQ(group.clear_pending_tasks(), 6u);
    EXPECT_EQ(future.kind(), tg::outcome_kind::skipped);
    EXPECT_FALSE(group.event().is_set());
    expect_joins(group, {.skipped = 6});
  }
  group.set_max_concurrent(1);
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
  expect_accounted(group, 121);
}

TEST(clear_pending, completes_a_join_that_waits_for_a_paused_group) {
  tg::group group("waited for", {.max_concurrent = 0});
  for (int i = 0; i < 5; ++i) group.add_task([] {});
  auto joiner = in_background([&] { return group.join(); });
  EXPECT_EQ(group.clear_pending_tasks(), 5u);
  ASSERT_TRUE(finishes(joiner));
  EXPECT_EQ(tally_of(joiner.get()), (tally{.skipped = 5}));
  expect_accounted(group, 5);
}

TEST(clear_pending, reaches_nothing_of_child_groups) {
  tg::group parent("parent", {.max_concurrent = 0});
  tg::group child(parent, "child", {.max_concurrent = 0});
  parent.add_task([] {});
  child.add_task([] {});
  EXPECT_EQ(parent.clear_pending_tasks(), 1u);
  EXPECT_EQ(child.stats().pending, 1u);
  child.set_max_concurrent(1);
  expect_joins(child, {.succeeded = 1});
  expect_joins(parent, {.skipped = 1});
}

TEST(clear_pending, works_from_an_own_task) {
  tg::group group("own", {.max_concurrent = 1});
  std::atomic<int> ran{0};
  group.add_task([&] {
    for (int i = 0; i < 10; ++i) group.add_task([&] { ++ran; });
    EXPECT_EQ(group.clear_pending_tasks(), 10u);
    group.add_task([&] { ++ran; });
  });
  expect_joins(group, {.succeeded = 2, .skipped = 10});
  EXPECT_EQ(ran, 1);
  expect_accounted(group, 12);
}

TEST(clear_pending, works_under_pending_policy_run_after_the_event) {
  tg::group group("run", {.max_concurrent = 0, .on_event = tg::pending_policy::run});
  for (int i = 0; i < 4; ++i) group.add_task([] {});
  group.set_event();
  EXPECT_EQ(group.clear_pending_tasks(), 4u);
  expect_joins(group, {.skipped = 4});
  expect_accounted(group, 4);
}

TEST(clear_pending, and_running_share_the_tasks_without_loss) {
  tg::group group("raced", {.max_concurrent = 2});
  constexpr std::size_t count = 20'000;
  std::atomic<std::size_t> ran{0};
  std::atomic<bool> done{false};
  auto clearer = in_background([&] {
    std::size_t cleared = 0;
    while (!done) cleared += group.clear_pending_tasks();
    return cleared;
  });
  auto producer = in_background([&] {
    for (std::size_t i = 0; i < count; ++i) group.add_task([&] { ++ran; });
  });
  ASSERT_TRUE(finishes(producer));
  const tg::join_report report = group.join_for(patience);
  done = true;
  ASSERT_TRUE(finishes(clearer));
  const std::size_t cleared = clearer.get();
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(cleared + ran, count);
  EXPECT_EQ(tally_of(report), (tally{.succeeded = ran, .skipped = cleared}));
  expect_accounted(group, count);
}

// Each call tells of the tasks that it has ended itself.
TEST(clear_pending, by_the_cleared_goes_on_without_end_of_the_stack) {
  tg::group group("nested", {.max_concurrent = 0});
  constexpr std::size_t count = 100'000;
  std::size_t cleared = 0;
  for (std::size_t i = 0; i < count; ++i) {
    group.add_task(at_its_end([&] { cleared += group.clear_pending_tasks(); }));
  }
  cleared += group.clear_pending_tasks();
  EXPECT_EQ(group.stats().pending, 0u);
  EXPECT_EQ(cleared, count);
  expect_joins(group, {.skipped = count});
}

TEST(clear_pending, by_the_cleared_reaches_what_they_have_added_before) {
  tg::group group("grows", {.max_concurrent = 0});
  constexpr std::size_t count = 100'000;
  std::size_t left = count;
  std::size_t cleared = 0;
  std::function<void()> add_one = [&] {
    group.add_task(at_its_end([&] {
      if (--left == 0) return;
      add_one();
      cleared += group.clear_pending_tasks();
    }));
  };
  add_one();
  cleared += group.clear_pending_tasks();
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(cleared, count);
  EXPECT_EQ(group.stats().pending, 0u);
  expect_joins(group, {.skipped = count});
}

// What is added and not cleared by anybody stays.
TEST(clear_pending, by_the_cleared_leaves_what_is_added_later) {
  tg::group group("later", {.max_concurrent = 0});
  constexpr std::size_t count = 100;
  std::size_t cleared = 0;
  for (std::size_t i = 0; i < count; ++i) {
    group.add_task(at_its_end([&, last = i + 1 == count] {
      cleared += group.clear_pending_tasks();
      if (last) group.add_task([] {});
    }));
  }
  cleared += group.clear_pending_tasks();
  EXPECT_EQ(cleared, count);
  EXPECT_EQ(group.stats().pending, 1u);
  group.clear_pending_tasks();
  expect_joins(group, {.skipped = count + 1});
}

// Each one that is cleared makes room for one.
TEST(clear_pending, lets_no_more_in_than_there_is_room_for) {
  constexpr std::size_t room = 5;
  for (int round = 0; round < 300; ++round) {
    tg::group group("bounded", {.max_concurrent = 0, .max_pending = room});
    std::atomic<std::size_t> added{0};
    std::atomic<bool> cleared{false};
    const auto produce = [&] {
      while (!cleared) {
        if (group.try_add_task([] {})) ++added;
      }
    };
    auto one = in_background(produce);
    auto other = in_background(produce);
    while (added < room) std::this_thread::yield();
    const std::size_t gone = group.clear_pending_tasks();
    cleared = true;
    one.get();
    other.get();
    ASSERT_LE(group.stats().pending, room);
    ASSERT_EQ(group.stats().pending + gone, added);
    group.clear_pending_tasks();
  }
}

}  // namespace
