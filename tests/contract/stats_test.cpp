// Promise: stats() tells what runs, what waits and what has ended; at rest the sum is exact. (group.h,
// group_stats)
#include "tests/support/accounting.h"
#include "tests/support/at_its_end.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <mutex>
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

// A callback of the event that a failure sets, and who is skipped for it, come before the end of the task that has failed, the
// one beside the other.
TEST(stats, count_a_task_that_fails_when_it_has_ended) {
  tg::group group("fails", {.max_concurrent = 1, .on_failure = tg::failure_policy::set_event});
  for (int i = 0; i < 5; ++i) group.add_task([] {});
  hold held;
  group.add_task([task = held.task()] {
    task();
    throw 1;
  });
  ASSERT_TRUE(held.wait_entered(1));
  std::mutex looking;
  std::vector<tg::group_stats> seen;
  std::vector<tg::join_report> reports;
  const auto look = [&] {
    const tg::group_stats stats = group.stats();
    const tg::join_report report =
        in_background([&] { return group.join_for(std::chrono::seconds(0)); }).get();
    const std::lock_guard lock(looking);
    seen.push_back(stats);
    reports.push_back(report);
  };
  look();
  // Another worker may skip meanwhile: the end of the task that has failed waits for its look.
  std::atomic<bool> skipped_has_looked{false};
  const tg::event_callback callback(group, [&] {
    look();
    EXPECT_TRUE(eventually([&] { return skipped_has_looked.load(); }));
  });
  group.add_task(at_its_end([&] {
    look();
    skipped_has_looked = true;
  }));
  held.release();
  const tg::join_report report = expect_joins(group, {.succeeded = 5, .failed = 1, .skipped = 1});
  EXPECT_EQ(report.failures.size(), 1u);
  ASSERT_EQ(seen.size(), 3u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].succeeded, 5u) << "at look " << i;
    EXPECT_EQ(seen[i].failed, 0u) << "at look " << i;
    EXPECT_FALSE(reports[i].complete);
    EXPECT_EQ(reports[i].succeeded, 5u) << "at look " << i;
    EXPECT_EQ(reports[i].failed, 0u) << "at look " << i;
    EXPECT_TRUE(reports[i].failures.empty()) << "at look " << i;
  }
}

TEST(stats, never_take_back_a_success_nor_tell_one_too_many) {
  tg::group group("mixed", {.max_concurrent = 4});
  constexpr std::size_t each = 5'000;
  std::atomic<bool> done{false};
  auto watcher = in_background([&] {
    tally before{};
    while (!done) {
      const tally now = tally_of(group.stats());
      EXPECT_GE(now.succeeded, before.succeeded);
      EXPECT_GE(now.failed, before.failed);
      EXPECT_GE(now.skipped, before.skipped);
      EXPECT_LE(now.succeeded, each);
      before = now;
    }
  });
  for (std::size_t i = 0; i < each; ++i) {
    group.add_task([] {});
    group.add_task([] { throw 1; });
    group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
  }
  expect_joins(group, {.succeeded = each, .failed = each, .skipped = each});
  done = true;
  ASSERT_TRUE(finishes(watcher));
  watcher.get();
  expect_accounted(group, 3 * each);
}

// A callable that is destroyed uncalled is not being executed.
TEST(stats, do_not_count_the_skipped_as_running) {
  for (const bool clears : {true, false}) {
    tg::group group("paused", {.max_concurrent = 0});
    std::vector<tg::group_stats> seen;
    for (int i = 0; i < 3; ++i) {
      group.add_task(at_its_end([&] { seen.push_back(group.stats()); }));
    }
    if (clears) {
      EXPECT_EQ(group.clear_pending_tasks(), 3u);
    } else {
      EXPECT_TRUE(group.set_event());
    }
    ASSERT_EQ(seen.size(), 3u);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i].running, 0u);
      EXPECT_EQ(seen[i].pending, 2 - i);
      EXPECT_EQ(seen[i].skipped, i);
    }
    expect_joins(group, {.skipped = 3});
    EXPECT_EQ(group.stats().running, 0u);
  }
}

TEST(stats, count_what_runs_beside_the_skipped) {
  tg::group group("half", {.max_concurrent = 1});
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  tg::group_stats seen;
  group.add_task(at_its_end([&] { seen = group.stats(); }));
  EXPECT_TRUE(group.set_event());
  EXPECT_EQ(seen.running, 1u);
  EXPECT_EQ(seen.pending, 0u);
  held.release();
  expect_joins(group, {.succeeded = 1, .skipped = 1});
}

}  // namespace
