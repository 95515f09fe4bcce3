// Promise: groups nest deeper than there are workers, and blocked tasks give their workers' place to others.
// (this_task.h, waits of the library inside a task)
#include "tests/support/accounting.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <cstdint>
#include <string>

namespace {

using namespace tg_test;

struct depth {
  int levels;
  std::uint32_t workers;
  std::uint32_t max_blocked;
};

class nested_joins : public testing::TestWithParam<depth> {};

// Each task makes a group under its own, adds the next level to it, and joins it.
void descend(int levels, std::uint32_t limit, std::atomic<int>& deepest) {
  ++deepest;
  if (levels == 0) return;
  tg::group below("level", {.max_concurrent = limit});
  below.add_task([=, &deepest] { descend(levels - 1, limit, deepest); });
  EXPECT_EQ(below.join().succeeded, 1u);
}

TEST_P(nested_joins, go_deeper_than_the_workers) {
  const auto [levels, workers, max_blocked] = GetParam();
  tg::runtime runtime({.workers = workers, .max_blocked = max_blocked});
  for (const std::uint32_t limit : {1u, 32u}) {
    tg::group top("top", {.max_concurrent = limit, .on = &runtime});
    std::atomic<int> reached{0};
    const int depth_here = levels;
    top.add_task([&reached, depth_here, limit] { descend(depth_here, limit, reached); });
    expect_joins(top, {.succeeded = 1});
    EXPECT_EQ(reached, levels + 1);
    expect_accounted(top, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(sizes, nested_joins,
                         testing::Values(depth{20, 1, 0}, depth{20, 2, 1}, depth{60, 1, 8},
                                         depth{100, 2, 256}, depth{300, 2, 16}),
                         [](const auto& instance) {
                           return std::to_string(instance.param.levels) + "_levels_" +
                                  std::to_string(instance.param.workers) + "_workers_" +
                                  std::to_string(instance.param.max_blocked) + "_blocked";
                         });

// Every level waits by a future, which runs nothing itself: each needs a worker of its own.
int sum_to(int number) {
  if (number == 0) return 0;
  tg::group below("summand");
  auto rest = below.submit([number] { return sum_to(number - 1); });
  return number + rest.get();
}

TEST(nested_futures, go_deeper_than_the_workers) {
  tg::runtime two({.workers = 2, .max_blocked = 100});
  tg::group top("top", {.on = &two});
  EXPECT_EQ(top.submit([] { return sum_to(80); }).get(), 80 * 81 / 2);
  expect_joins(top, {.succeeded = 1});
}

// A tree of groups: every task forks and joins.
int count_leaves(int levels) {
  if (levels == 0) return 1;
  tg::group fork("fork", {.max_concurrent = 2});
  std::atomic<int> leaves{0};
  for (int i = 0; i < 3; ++i) fork.add_task([&leaves, levels] { leaves += count_leaves(levels - 1); });
  EXPECT_EQ(fork.join().succeeded, 3u);
  return leaves;
}

TEST(nested_trees, of_forks_and_joins_end) {
  tg::group top("top");
  EXPECT_EQ(top.submit([] { return count_leaves(6); }).get(), 729);
  expect_joins(top, {.succeeded = 1});
  EXPECT_EQ(count_leaves(6), 729) << "from outside, too";
}

TEST(blocked_tasks, of_200_do_not_stop_one_more) {
  tg::group sleepers("sleepers", {.max_concurrent = 200});
  std::atomic<int> asleep{0};
  for (int i = 0; i < 200; ++i) {
    sleepers.add_task([&] {
      ++asleep;
      EXPECT_FALSE(tg::this_task::event_aware_sleep(std::chrono::hours(1)));
    });
  }
  ASSERT_TRUE(eventually([&] { return asleep == 200; })) << asleep << " of 200 sleep";
  tg::group others("others");
  for (int i = 0; i < 100; ++i) others.add_task([] {});
  expect_joins(others, {.succeeded = 100});
  EXPECT_EQ(sleepers.stats().running, 200u);
  sleepers.set_event();
  expect_joins(sleepers, {.succeeded = 200});
  expect_accounted(sleepers, 200);
}

TEST(blocked_tasks, of_every_kind_do_not_stop_one_more) {
  tg::runtime two({.workers = 2, .max_blocked = 100});
  tg::group waiters("waiters", {.max_concurrent = 100, .on = &two});
  tg::group awaited("awaited", {.max_concurrent = 100, .on = &two});
  hold held;
  std::atomic<int> waiting{0};
  for (int i = 0; i < 5; ++i) {
    waiters.add_task([&] {
      ++waiting;
      tg::this_task::event_aware_sleep(std::chrono::hours(1));
    });
    waiters.add_task([&] {
      auto slow = awaited.submit(held.task());
      ++waiting;
      slow.get();
    });
    waiters.add_task([&] {
      tg::group inner("inner");
      inner.add_task(held.task());
      ++waiting;
      EXPECT_TRUE(inner.join_for(patience).complete);
    });
    waiters.add_task([&] {
      tg::group inner("inner");
      inner.add_task(held.task());
      ++waiting;
      EXPECT_EQ(inner.wait_for_condition([] { return false; }, patience), tg::condition::drained);
    });
    waiters.add_task([&, stay = held.task()] {
      ++waiting;
      stay();
    });
  }
  ASSERT_TRUE(eventually([&] { return waiting == 25; })) << waiting << " of 25 wait";
  tg::group others("others", {.on = &two});
  for (int i = 0; i < 50; ++i) others.add_task([] {});
  expect_joins(others, {.succeeded = 50});
  held.release();
  ASSERT_TRUE(eventually([&] { return waiters.stats().succeeded == 20; }));
  waiters.set_event();
  expect_joins(waiters, {.succeeded = 25});
  expect_joins(awaited, {.succeeded = 5});
  expect_accounted(waiters, 25);
}

TEST(blocked_tasks, at_the_cap_go_on_when_one_returns) {
  tg::runtime small({.workers = 2, .max_blocked = 3});
  tg::group sleepers("sleepers", {.max_concurrent = 20, .on = &small});
  std::atomic<int> begun{0};
  for (int i = 0; i < 20; ++i) {
    sleepers.add_task([&] {
      ++begun;
      EXPECT_TRUE(tg::this_task::event_aware_sleep(std::chrono::milliseconds(5)));
    });
  }
  expect_joins(sleepers, {.succeeded = 20});
  EXPECT_EQ(begun, 20);
  expect_accounted(sleepers, 20);
}

}  // namespace
