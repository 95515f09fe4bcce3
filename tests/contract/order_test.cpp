// Promise: tasks added by one thread start in the order added; adding happens before starting, ending before
// a completed join, get or drained; at limit 1 each task happens before the next. (group.h, Order)
//
// What the tasks share here is not atomic on purpose: ThreadSanitizer has to see the promised order.
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace {

using namespace tg_test;

std::vector<int> numbers_up_to(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all[static_cast<std::size_t>(i)] = i;
  return all;
}

TEST(order, one_producer_at_limit_1) {
  tg::group group("one by one", {.max_concurrent = 1});
  constexpr int count = 5'000;
  std::vector<int> started;
  for (int i = 0; i < count; ++i) group.add_task([&started, i] { started.push_back(i); });
  ASSERT_TRUE(group.join().complete);
  EXPECT_EQ(started, numbers_up_to(count));
  expect_accounted(group, count);
}

TEST(order, is_kept_among_all_ways_of_adding) {
  tg::group group("mixed", {.max_concurrent = 1});
  constexpr int count = 3'000;
  std::vector<int> started;
  for (int i = 0; i < count; ++i) {
    const auto task = [&started, i] { started.push_back(i); };
    switch (i % 3) {
      case 0:
        group.add_task(task);
        break;
      case 1:
        group.submit(task);
        break;
      default:
        ASSERT_TRUE(group.try_add_task(task));
    }
  }
  expect_joins(group, {.succeeded = count});
  EXPECT_EQ(started, numbers_up_to(count));
  expect_accounted(group, count);
}

TEST(order, of_each_of_several_producers_at_limit_1) {
  tg::group group("several", {.max_concurrent = 1});
  constexpr int producers = 4, each = 2'000;
  std::vector<std::pair<int, int>> started;
  std::vector<std::future<void>> all;
  for (int p = 0; p < producers; ++p) {
    all.push_back(in_background([&, p] {
      for (int i = 0; i < each; ++i) group.add_task([&started, p, i] { started.emplace_back(p, i); });
    }));
  }
  for (auto& producer : all) ASSERT_TRUE(finishes(producer));
  expect_joins(group, {.succeeded = producers * each});
  std::vector<int> next(producers, 0);
  for (const auto& [p, i] : started) EXPECT_EQ(i, next[static_cast<std::size_t>(p)]++) << "producer " << p;
  EXPECT_EQ(next, std::vector<int>(producers, each));
  expect_accounted(group, producers * each);
}

TEST(order, is_kept_while_the_group_is_paused_and_resumed) {
  tg::group group("stop and go", {.max_concurrent = 1});
  constexpr int count = 4'000;
  std::vector<int> started;
  for (int i = 0; i < count; ++i) {
    group.add_task([&started, i] { started.push_back(i); });
    if (i % 50 == 0) group.set_max_concurrent(i % 100 == 0 ? 0 : 1);
  }
  group.set_max_concurrent(1);
  expect_joins(group, {.succeeded = count});
  EXPECT_EQ(started, numbers_up_to(count));
  expect_accounted(group, count);
}

TEST(order, of_tasks_added_by_a_task) {
  tg::group group("from inside", {.max_concurrent = 1});
  std::vector<int> started;
  group.add_task([&] {
    for (int i = 0; i < 500; ++i) group.add_task([&started, i] { started.push_back(i); });
  });
  expect_joins(group, {.succeeded = 501});
  EXPECT_EQ(started, numbers_up_to(500));
  expect_accounted(group, 501);
}

TEST(order, decides_which_tasks_are_the_first_that_the_limit_lets_in) {
  for (const std::uint32_t limit : {2u, 3u, 8u}) {
    tg::group group("first in", {.max_concurrent = limit});
    std::mutex mutex;
    std::vector<int> inside;
    hold held;
    for (int i = 0; i < 40; ++i) {
      group.add_task([&, i, stay = held.task()] {
        {
          const std::lock_guard lock(mutex);
          inside.push_back(i);
        }
        stay();
      });
    }
    ASSERT_TRUE(held.wait_entered(limit));
    {
      const std::lock_guard lock(mutex);
      std::sort(inside.begin(), inside.end());
      EXPECT_EQ(inside, numbers_up_to(static_cast<int>(limit)));
    }
    held.release();
    expect_joins(group, {.succeeded = 40});
    expect_accounted(group, 40);
  }
}

TEST(order, each_task_happens_before_the_next_at_limit_1) {
  tg::group group("plain counter", {.max_concurrent = 1});
  constexpr std::size_t producers = 3, each = 5'000;
  std::size_t plain = 0;
  std::vector<std::future<void>> all;
  for (std::size_t p = 0; p < producers; ++p) {
    all.push_back(in_background([&] {
      for (std::size_t i = 0; i < each; ++i) group.add_task([&plain] { ++plain; });
    }));
  }
  for (auto& producer : all) ASSERT_TRUE(finishes(producer));
  ASSERT_TRUE(group.join().complete);  // this thread may run some of them
  EXPECT_EQ(plain, producers * each);
  expect_accounted(group, producers * each);
}

TEST(order, holds_at_limit_1_across_blocking_tasks_and_skipped_ones) {
  tg::group group("blocking", {.max_concurrent = 1});
  int plain = 0;
  for (int i = 0; i < 200; ++i) {
    group.add_task([&plain, i] {
      ++plain;
      tg::this_task::event_aware_sleep(std::chrono::microseconds(i % 3));
      ++plain;
      if (i % 5 == 0) throw tg::task_skipped(tg::event_cause::requested);
    });
  }
  expect_joins(group, {.succeeded = 160, .skipped = 40});
  EXPECT_EQ(plain, 400);
  expect_accounted(group, 200);
}

TEST(order, adding_happens_before_starting_and_ending_before_a_complete_join) {
  tg::group group("edges");
  for (int i = 0; i < 1'000; ++i) {
    int from_adder = i, from_task = 0;
    group.add_task([&] { from_task = from_adder + 1; });
    const bool timed = i % 2 == 0;
    ASSERT_TRUE(timed ? group.join_for(patience).complete : group.join().complete);
    ASSERT_EQ(from_task, i + 1);
  }
  expect_accounted(group, 1'000);
}

TEST(order, ending_happens_before_get_and_before_ready) {
  tg::group group("edges of futures");
  for (int i = 0; i < 1'000; ++i) {
    int from_task = 0;
    auto done = group.submit([&] { from_task = i + 1; });
    if (i % 2 == 0) {
      done.get();
    } else {
      ASSERT_TRUE(eventually([&] { return done.ready(); }));
    }
    ASSERT_EQ(from_task, i + 1);
  }
  expect_joins(group, {.succeeded = 1'000});
  expect_accounted(group, 1'000);
}

TEST(order, ending_happens_before_drained) {
  tg::group group("edges of conditions");
  for (int i = 0; i < 500; ++i) {
    int from_task = 0;
    group.add_task([&] { from_task = i + 1; });
    ASSERT_EQ(group.wait_for_condition([] { return false; }, patience), tg::condition::drained);
    ASSERT_EQ(from_task, i + 1);
  }
  expect_joins(group, {.succeeded = 500});
  expect_accounted(group, 500);
}

}  // namespace
