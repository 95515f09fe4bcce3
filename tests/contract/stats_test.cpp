// Promise: stats() tells what runs, what waits and what has ended; at rest the sum is exact. (group.h,
// group_stats)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <vector>

namespace {

using namespace tg_test;

TEST(stats, of_a_new_group_are_zero) {
  const tg::group group("new", {.max_concurrent = 7});
  const tg::group_stats stats = group.stats();
  EXPECT_EQ(tally_of(stats), tally{});
  EXPECT_EQ(stats.running, 0u);
  EXPECT_EQ(stats.pending, 0u);
  EXPECT_EQ(stats.limit, 7u);
}

TEST(stats, of_a_group_whose_place_was_used_before_start_at_zero) {
  for (int i = 0; i < 200; ++i) {
    tg::group group("place");
    ASSERT_EQ(tally_of(group.stats()), tally{});
    group.add_task([] { throw 1; });
    group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
    group.add_task([] {});
    expect_joins(group, {.succeeded = 1, .failed = 1, .skipped = 1});
    ASSERT_EQ(tally_of(group.stats()), (tally{.succeeded = 1, .failed = 1, .skipped = 1}));
  }
}

TEST(stats, count_what_runs_and_what_waits) {
  tg::group group("held", {.max_concurrent = 3});
  hold held;
  for (int i = 0; i < 10; ++i) group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(3));
  EXPECT_EQ(group.stats().running, 3u);
  EXPECT_EQ(group.stats().pending, 7u);
  EXPECT_EQ(tally_of(group.stats()), tally{});
  held.release();
  expect_joins(group, {.succeeded = 10});
  expect_accounted(group, 10);
}

TEST(stats, count_a_task_as_running_in_its_own_eyes) {
  tg::group group("own eyes", {.max_concurrent = 1});
  for (int i = 0; i < 50; ++i) {
    group.add_task([&] {
      const tg::group_stats stats = group.stats();
      EXPECT_EQ(stats.running, 1u);
      EXPECT_EQ(stats.limit, 1u);
    });
  }
  expect_joins(group, {.succeeded = 50});
}

TEST(stats, are_of_the_whole_life_while_reports_are_of_one_round) {
  tg::group group("life");
  for (std::size_t round = 1; round <= 5; ++round) {
    for (int i = 0; i < 3; ++i) group.add_task([] {});
    group.add_task([] { throw 1; });
    expect_joins(group, {.succeeded = 3, .failed = 1});
    EXPECT_EQ(tally_of(group.stats()), (tally{.succeeded = 3 * round, .failed = round}));
  }
  expect_accounted(group, 20);
}

TEST(stats, never_show_more_than_was_added_nor_more_running_than_allowed) {
  tg::group group("watched", {.max_concurrent = 2});
  constexpr std::size_t count = 10'000;
  std::atomic<bool> done{false};
  auto watcher = in_background([&] {
    std::size_t looks = 0;
    for (; !done; ++looks) {
      const tg::group_stats stats = group.stats();
      EXPECT_LE(stats.succeeded, count);
      EXPECT_EQ(stats.failed + stats.skipped, 0u);
      EXPECT_LE(stats.running, 2u);
      EXPECT_LE(stats.pending, count);
    }
    return looks;
  });
  for (std::size_t i = 0; i < count; ++i) group.add_task([] {});
  expect_joins(group, {.succeeded = count});
  done = true;
  ASSERT_TRUE(finishes(watcher));
  watcher.get();
  expect_accounted(group, count);
}

}  // namespace
