// Promise: a producer waits for room, wakes on room, event or close, and never waits inside the group's own
// tree. (group.h, Admission)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <future>
#include <vector>

namespace {

using namespace tg_test;

// A group whose only slot and whose only place in the queue are taken.
class producer_wait : public testing::Test {
 protected:
  void SetUp() override {
    group_.add_task(held_.task());
    group_.add_task([] {});
    ASSERT_TRUE(held_.wait_entered(1));
  }
  // True: the task came in; false: the group was closed.
  std::future<bool> produce() {
    return in_background([this] {
      try {
        group_.add_task([this] { ++ran_; });
      } catch (const tg::group_closed&) {
        return false;
      }
      return true;
    });
  }
  static bool waits(const std::future<bool>& producer) {
    return stays([&] { return producer.wait_for(std::chrono::seconds(0)) != std::future_status::ready; });
  }

  tg::group group_{"bounded", {.max_concurrent = 1, .max_pending = 1}};
  hold held_;
  std::atomic<int> ran_{0};
};

TEST_F(producer_wait, wakes_when_a_task_ends) {
  auto producer = produce();
  EXPECT_TRUE(waits(producer));
  held_.release();
  ASSERT_TRUE(finishes(producer));
  EXPECT_TRUE(producer.get());
  expect_joins(group_, {.succeeded = 3});
  EXPECT_EQ(ran_, 1);
  expect_accounted(group_, 3);
}

TEST_F(producer_wait, wakes_when_the_queue_is_cleared) {
  auto producer = produce();
  EXPECT_TRUE(waits(producer));
  EXPECT_EQ(group_.clear_pending_tasks(), 1u);
  ASSERT_TRUE(finishes(producer));
  EXPECT_TRUE(producer.get());
  held_.release();
  expect_joins(group_, {.succeeded = 2, .skipped = 1});
  expect_accounted(group_, 3);
}

TEST_F(producer_wait, wakes_when_the_limit_is_raised) {
  auto producer = produce();
  EXPECT_TRUE(waits(producer));
  group_.set_max_concurrent(3);
  ASSERT_TRUE(finishes(producer));
  EXPECT_TRUE(producer.get());
  held_.release();
  expect_joins(group_, {.succeeded = 3});
  expect_accounted(group_, 3);
}

TEST_F(producer_wait, wakes_when_the_event_is_set_and_its_task_is_skipped) {
  auto producer = produce();
  EXPECT_TRUE(waits(producer));
  EXPECT_TRUE(group_.set_event());
  ASSERT_TRUE(finishes(producer));
  EXPECT_TRUE(producer.get());
  held_.release();
  expect_joins(group_, {.succeeded = 1, .skipped = 2});
  EXPECT_EQ(ran_, 0);
  expect_accounted(group_, 3);
}

TEST_F(producer_wait, wakes_when_the_group_is_closed) {
  auto producer = produce();
  EXPECT_TRUE(waits(producer));
  group_.close();
  ASSERT_TRUE(finishes(producer));
  EXPECT_FALSE(producer.get());
  held_.release();
  expect_joins(group_, {.succeeded = 2});
  expect_accounted(group_, 2);
}

TEST_F(producer_wait, submit_waits_too) {
  auto producer = in_background([this] { return group_.submit([] { return 42; }).get(); });
  EXPECT_TRUE(stays([&] { return group_.stats().pending <= 1; }));
  held_.release();
  ASSERT_TRUE(finishes(producer));
  EXPECT_EQ(producer.get(), 42);
  expect_joins(group_, {.succeeded = 3});
  expect_accounted(group_, 3);
}

TEST_F(producer_wait, many_producers_all_get_in_and_the_queue_stays_bounded) {
  std::vector<std::future<bool>> producers;
  for (int i = 0; i < 8; ++i) producers.push_back(produce());
  EXPECT_TRUE(stays([&] { return group_.stats().pending <= 1; }));
  held_.release();
  for (auto& producer : producers) {
    ASSERT_TRUE(finishes(producer));
    EXPECT_TRUE(producer.get());
  }
  expect_joins(group_, {.succeeded = 10});
  EXPECT_EQ(ran_, 8);
  expect_accounted(group_, 10);
}

TEST_F(producer_wait, many_producers_all_wake_on_close) {
  std::vector<std::future<bool>> producers;
  for (int i = 0; i < 8; ++i) producers.push_back(produce());
  group_.close();
  for (auto& producer : producers) {
    ASSERT_TRUE(finishes(producer));
    EXPECT_FALSE(producer.get());
  }
  held_.release();
  expect_joins(group_, {.succeeded = 2});
  expect_accounted(group_, 2);
}

TEST_F(producer_wait, a_strangers_task_waits_and_its_worker_is_replaced) {
  tg::group stranger("stranger");
  for (int i = 0; i < 20; ++i) stranger.add_task([this] { group_.add_task([this] { ++ran_; }); });
  EXPECT_TRUE(stays([&] { return group_.stats().pending <= 1; }));
  held_.release();
  expect_joins(stranger, {.succeeded = 20});
  expect_joins(group_, {.succeeded = 22});
  EXPECT_EQ(ran_, 20);
  expect_accounted(group_, 22);
}

TEST(producer_in_the_tree, is_woken_by_an_ancestors_event) {
  tg::group root("root");
  tg::group child(root, "bounded child", {.max_concurrent = 0, .max_pending = 1});
  child.add_task([] {});
  auto producer = in_background([&] { child.add_task([] {}); });
  EXPECT_TRUE(root.set_event());
  ASSERT_TRUE(finishes(producer));
  producer.get();
  expect_joins(child, {.skipped = 2});
  expect_accounted(child, 2);
}

// A set event is one to every producer, whether it comes before or after it: none waits for a queue that nobody empties.
TEST(producer_of_a_group_that_runs, does_not_wait_while_the_event_is_set) {
  tg::group group("paused", {.max_concurrent = 0, .max_pending = 1, .on_event = tg::pending_policy::run});
  std::atomic<int> ran{0};
  const auto task = [&] { ++ran; };
  group.add_task(task);
  auto producer = in_background([&] { group.add_task(task); });
  EXPECT_TRUE(stays([&] { return group.stats().pending <= 1; }));
  EXPECT_TRUE(group.set_event());
  ASSERT_TRUE(finishes(producer));
  auto late = in_background([&] {
    group.add_task(task);
    static_cast<void>(group.submit(task));
  });
  ASSERT_TRUE(finishes(late));
  EXPECT_EQ(group.stats().pending, 4u);
  EXPECT_FALSE(group.try_add_task(task)) << "try_add_task keeps to max_pending everywhere";
  group.set_max_concurrent(1);
  expect_joins(group, {.succeeded = 4});
  EXPECT_EQ(ran, 4);
  expect_accounted(group, 4);
}

TEST(producer_of_a_group_that_runs, waits_again_after_a_reset) {
  tg::group group("re-armed", {.max_concurrent = 0, .max_pending = 1, .on_event = tg::pending_policy::run});
  group.set_event();
  EXPECT_TRUE(group.reset_event());
  group.add_task([] {});
  auto producer = in_background([&] { group.add_task([] {}); });
  EXPECT_TRUE(stays([&] { return group.stats().pending <= 1; }));
  group.set_max_concurrent(1);
  ASSERT_TRUE(finishes(producer));
  expect_joins(group, {.succeeded = 2});
  expect_accounted(group, 2);
}

TEST(producer_in_the_tree, never_waits_in_an_own_task) {
  tg::group own("own", {.max_concurrent = 1, .max_pending = 2});
  std::atomic<int> ran{0};
  own.add_task([&] {
    for (int i = 0; i < 100; ++i) own.add_task([&] { ++ran; });
    for (int i = 0; i < 100; ++i) own.submit([&] { ++ran; });
    EXPECT_GE(own.stats().pending, 200u);
    EXPECT_FALSE(own.try_add_task([&] { ++ran; })) << "try_add_task keeps to max_pending everywhere";
  });
  expect_joins(own, {.succeeded = 201});
  EXPECT_EQ(ran, 200);
  expect_accounted(own, 201);
}

TEST(producer_in_the_tree, never_waits_in_a_descendants_task) {
  tg::group top("top", {.max_concurrent = 0, .max_pending = 1});
  tg::group middle(top, "middle");
  tg::group low(middle, "low");
  low.add_task([&] {
    for (int i = 0; i < 50; ++i) top.add_task([] {});
    for (int i = 0; i < 50; ++i) top.submit([] {});
  });
  expect_joins(low, {.succeeded = 1});
  EXPECT_EQ(top.stats().pending, 100u);
  top.set_max_concurrent(2);
  expect_joins(top, {.succeeded = 100});
  expect_accounted(top, 100);
}

// Every producer has to be woken, again and again.
TEST(producer_stream, through_a_narrow_queue_loses_nothing) {
  tg::group group("narrow", {.max_concurrent = 2, .max_pending = 3});
  constexpr std::size_t producers = 4, each = 2'000;
  std::atomic<std::size_t> ran{0};
  std::vector<std::future<void>> all;
  for (std::size_t i = 0; i < producers; ++i) {
    all.push_back(in_background([&] {
      for (std::size_t n = 0; n < each; ++n) group.add_task([&] { ++ran; });
    }));
  }
  for (auto& producer : all) ASSERT_TRUE(finishes(producer));
  expect_joins(group, {.succeeded = producers * each});
  EXPECT_EQ(ran, producers * each);
  expect_accounted(group, producers * each);
}

}  // namespace
