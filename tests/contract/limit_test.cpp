// Promise: never more than max_concurrent tasks of a group run at once, that many do if they can, and the
// limit changes live. (group_options::max_concurrent, set_max_concurrent)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/concurrency_meter.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

class limit : public testing::TestWithParam<std::uint32_t> {};

TEST_P(limit, is_reached_and_never_exceeded_by_tasks_that_stay) {
  const std::uint32_t most = GetParam();
  const std::size_t count = most * 2 + 5;
  tg::group group("held", {.max_concurrent = most});
  concurrency_meter meter;
  hold held;
  for (std::size_t i = 0; i < count; ++i) {
    group.add_task([&meter, stay = held.task()] {
      const concurrency_meter::visit here(meter);
      stay();
    });
  }
  ASSERT_TRUE(held.wait_entered(most)) << "only " << held.entered() << " of " << most << " run";
  EXPECT_TRUE(stays([&] { return held.entered() == most; }));
  EXPECT_EQ(group.stats().running, most);
  EXPECT_EQ(group.stats().pending, count - most);
  held.release();
  expect_joins(group, {.succeeded = count});
  EXPECT_EQ(meter.highest(), most);
  expect_accounted(group, count);
}

TEST_P(limit, is_never_exceeded_by_a_stream_of_short_tasks) {
  const std::uint32_t most = GetParam();
  tg::group group("stream", {.max_concurrent = most});
  concurrency_meter meter;
  constexpr std::size_t producers = 3, each = 3'000;
  std::vector<std::future<void>> all;
  for (std::size_t p = 0; p < producers; ++p) {
    all.push_back(in_background([&] {
      for (std::size_t i = 0; i < each; ++i) {
        group.add_task([&meter] {
          const concurrency_meter::visit here(meter);
          std::this_thread::yield();
        });
      }
    }));
  }
  ASSERT_TRUE(group.join().complete);  // this thread may run some: it counts, too
  for (auto& producer : all) ASSERT_TRUE(finishes(producer));
  ASSERT_TRUE(group.join_for(patience).complete);
  EXPECT_LE(meter.highest(), most);
  EXPECT_EQ(meter.visits(), producers * each);
  expect_accounted(group, producers * each);
}

INSTANTIATE_TEST_SUITE_P(sizes, limit, testing::Values(1u, 2u, 3u, 7u, 32u, 100u));

TEST(limit_counts, a_task_that_blocks_in_the_library_keeps_its_slot) {
  tg::group group("sleepers", {.max_concurrent = 2});
  concurrency_meter meter;
  for (int i = 0; i < 60; ++i) {
    group.add_task([&meter] {
      const concurrency_meter::visit here(meter);
      tg::this_task::event_aware_sleep(std::chrono::milliseconds(1));
    });
  }
  expect_joins(group, {.succeeded = 60});
  EXPECT_LE(meter.highest(), 2u);
  expect_accounted(group, 60);
}

TEST(limit_counts, the_tasks_of_one_group_only) {
  tg::group first("first", {.max_concurrent = 1}), second("second", {.max_concurrent = 1});
  hold held;
  first.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  second.add_task(held.task());
  EXPECT_TRUE(held.wait_entered(2)) << "a full group must not hold up another one";
  held.release();
  expect_joins(first, {.succeeded = 1});
  expect_joins(second, {.succeeded = 1});
}

TEST(limit_counts, several_joiners_that_help_as_workers_do) {
  tg::group group("helpers", {.max_concurrent = 2});
  concurrency_meter meter;
  for (int i = 0; i < 6'000; ++i) {
    group.add_task([&meter] { const concurrency_meter::visit here(meter); });
  }
  std::vector<std::future<tg::join_report>> joiners;
  for (int i = 0; i < 6; ++i) joiners.push_back(in_background([&] { return group.join(); }));
  std::size_t reported = 0;
  for (auto& joiner : joiners) {
    ASSERT_TRUE(finishes(joiner));
    reported += joiner.get().succeeded;
  }
  EXPECT_EQ(reported, 6'000u);
  EXPECT_LE(meter.highest(), 2u);
  expect_accounted(group, 6'000);
}

TEST(live_limit, raised_it_lets_more_in_at_once) {
  tg::group group("raised", {.max_concurrent = 1});
  hold held;
  for (int i = 0; i < 20; ++i) group.add_task(held.task());
  for (const std::uint32_t most : {1u, 2u, 5u, 11u, 20u}) {
    group.set_max_concurrent(most);
    ASSERT_TRUE(held.wait_entered(most));
    EXPECT_TRUE(stays([&] { return held.entered() == most; }, std::chrono::milliseconds(5)));
    EXPECT_EQ(group.stats().limit, most);
  }
  held.release();
  expect_joins(group, {.succeeded = 20});
  expect_accounted(group, 20);
}

TEST(live_limit, lowered_it_lets_running_tasks_end_and_fewer_start) {
  tg::group group("lowered", {.max_concurrent = 8});
  concurrency_meter meter;
  hold held;
  for (int i = 0; i < 8; ++i) {
    group.add_task([&meter, stay = held.task()] {
      const concurrency_meter::visit here(meter);
      stay();
    });
  }
  ASSERT_TRUE(held.wait_entered(8));
  group.set_max_concurrent(2);
  EXPECT_EQ(group.stats().running, 8u) << "lowering stops nobody";
  std::atomic<std::size_t> most_seen_by_later{0};
  for (int i = 0; i < 300; ++i) {
    group.add_task([&] {
      const concurrency_meter::visit here(meter);
      std::size_t seen = most_seen_by_later.load();
      while (seen < here.inside() && !most_seen_by_later.compare_exchange_weak(seen, here.inside())) {
      }
      std::this_thread::yield();
    });
  }
  EXPECT_TRUE(stays([&] { return meter.visits() == 8; }));
  held.release();
  expect_joins(group, {.succeeded = 308});
  EXPECT_LE(most_seen_by_later, 2u);
  expect_accounted(group, 308);
}

TEST(live_limit, zero_from_the_start_runs_nothing_until_it_is_raised) {
  tg::group group("paused", {.max_concurrent = 0});
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) group.add_task([&] { ++ran; });
  EXPECT_TRUE(stays([&] { return ran == 0; }));
  EXPECT_EQ(group.stats().pending, 100u);
  EXPECT_FALSE(group.join_for(std::chrono::milliseconds(5)).complete);
  group.set_max_concurrent(3);
  expect_joins(group, {.succeeded = 100});
  EXPECT_EQ(ran, 100);
  expect_accounted(group, 100);
}

TEST(live_limit, zero_pauses_a_running_group_and_raising_resumes_it) {
  tg::group group("paused later", {.max_concurrent = 1});
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran{0};
    hold held;
    group.add_task(held.task());
    ASSERT_TRUE(held.wait_entered(1));
    for (int i = 0; i < 10; ++i) group.add_task([&] { ++ran; });
    group.set_max_concurrent(0);
    held.release();
    ASSERT_TRUE(eventually([&] { return group.stats().running == 0; }));
    EXPECT_TRUE(stays([&] { return ran == 0; }, std::chrono::milliseconds(3)));
    EXPECT_EQ(group.stats().pending, 10u);
    group.set_max_concurrent(1);
    expect_joins(group, {.succeeded = 11});
    EXPECT_EQ(ran, 10);
  }
  expect_accounted(group, 220);
}

TEST(live_limit, an_untimed_join_of_a_paused_group_goes_on_when_it_is_resumed) {
  tg::group group("joined while paused", {.max_concurrent = 0});
  for (int i = 0; i < 10; ++i) group.add_task([] {});
  auto joiner = in_background([&] { return group.join(); });
  EXPECT_TRUE(stays([&] { return group.stats().pending == 10; }));
  group.set_max_concurrent(1);
  ASSERT_TRUE(finishes(joiner));
  EXPECT_EQ(joiner.get().succeeded, 10u);
  expect_accounted(group, 10);
}

TEST(live_limit, may_be_changed_by_the_groups_own_tasks) {
  tg::group group("own", {.max_concurrent = 1});
  std::atomic<int> ran{0};
  group.add_task([&] { group.set_max_concurrent(0); });
  for (int i = 0; i < 10; ++i) group.add_task([&] { ++ran; });
  ASSERT_TRUE(eventually([&] { return group.stats().succeeded == 1 && group.stats().running == 0; }));
  EXPECT_TRUE(stays([&] { return ran == 0; }));
  group.set_max_concurrent(2);
  expect_joins(group, {.succeeded = 11});
  expect_accounted(group, 11);
}

TEST(live_limit, changing_at_random_while_tasks_come_strands_none) {
  tg::group group("random", {.max_concurrent = 2});
  concurrency_meter meter;
  constexpr std::size_t producers = 2, each = 5'000;
  std::atomic<bool> done{false};
  auto changer = in_background([&] {
    std::mt19937 random(20240607);
    while (!done) {
      group.set_max_concurrent(static_cast<std::uint32_t>(random() % 5));
      std::this_thread::yield();
    }
    group.set_max_concurrent(1);
  });
  std::vector<std::future<void>> all;
  for (std::size_t p = 0; p < producers; ++p) {
    all.push_back(in_background([&] {
      for (std::size_t i = 0; i < each; ++i) {
        group.add_task([&meter] { const concurrency_meter::visit here(meter); });
      }
    }));
  }
  for (auto& producer : all) ASSERT_TRUE(finishes(producer));
  done = true;
  ASSERT_TRUE(finishes(changer));
  expect_joins(group, {.succeeded = producers * each});
  EXPECT_LE(meter.highest(), 4u);
  expect_accounted(group, producers * each);
}

TEST(limit_options, saturate_at_max_limit) {
  constexpr std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
  static_assert(tg::group::max_limit >= 32);
  tg::group group("huge", {.max_concurrent = huge});
  EXPECT_EQ(group.stats().limit, tg::group::max_limit);
  for (const std::uint32_t wanted : {tg::group::max_limit - 1, tg::group::max_limit, huge, 0u, huge}) {
    group.set_max_concurrent(wanted);
    EXPECT_EQ(group.stats().limit, std::min(wanted, tg::group::max_limit));
  }
  for (int i = 0; i < 1'000; ++i) group.add_task([] {});
  expect_joins(group, {.succeeded = 1'000});
  expect_accounted(group, 1'000);
}

TEST(limit_options, are_32_by_default) { EXPECT_EQ(tg::group("default").stats().limit, 32u); }

}  // namespace
