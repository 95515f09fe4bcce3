// Promise: setting the event under pending_policy::skip skips all that is queued, also in a paused group;
// under run it runs. (group.h)
#include "tests/support/accounting.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tg::event_cause;

// Fetches the cause with which a task was skipped; none if it was not.
event_cause skip_cause(tg::future<void>& task) {
  if (!task.wait_for(patience) || task.kind() != tg::outcome_kind::skipped) return event_cause::none;
  try {
    task.get();
  } catch (const tg::task_skipped& skipped) {
    return skipped.cause();
  }
  return event_cause::none;
}

TEST(skip_policy, skips_what_is_queued_and_lets_what_runs_end) {
  tg::group group("skip", {.max_concurrent = 1});
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  std::vector<tg::future<void>> queued;
  for (int i = 0; i < 10; ++i) {
    queued.push_back(group.submit([] { ADD_FAILURE() << "a skipped task ran"; }));
  }
  EXPECT_TRUE(group.set_event(event_cause::failure));
  for (auto& task : queued) EXPECT_EQ(skip_cause(task), event_cause::failure);
  held.release();
  expect_joins(group, {.succeeded = 1, .skipped = 10});
  expect_accounted(group, 11);
}

TEST(skip_policy, skips_what_is_queued_in_a_paused_group) {
  tg::group group("paused", {.max_concurrent = 0});
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i) group.add_task([] { ADD_FAILURE() << "ran in a paused group"; });
  EXPECT_EQ(group.stats().pending, count);
  EXPECT_TRUE(group.set_event());
  expect_joins(group, {.skipped = count});
  expect_accounted(group, count);
}

TEST(skip_policy, skips_what_is_queued_in_paused_descendants) {
  tg::group root("root");
  tg::group middle(root, "middle", {.max_concurrent = 0});
  tg::group leaf(middle, "leaf", {.max_concurrent = 0});
  auto in_middle = middle.submit([] { ADD_FAILURE() << "ran in a paused group"; });
  auto in_leaf = leaf.submit([] { ADD_FAILURE() << "ran in a paused group"; });
  EXPECT_TRUE(root.set_event(event_cause::shutdown));
  EXPECT_EQ(skip_cause(in_middle), event_cause::shutdown);
  EXPECT_EQ(skip_cause(in_leaf), event_cause::shutdown);
  expect_joins(middle, {.skipped = 1});
  expect_joins(leaf, {.skipped = 1});
}

TEST(skip_policy, lets_tasks_be_added_to_a_set_group_and_skips_them) {
  tg::group group("set");
  group.set_event(event_cause::condition_met);
  EXPECT_NE(group.add_task([] { ADD_FAILURE() << "ran in a set group"; }), 0u);
  EXPECT_TRUE(group.try_add_task([] { ADD_FAILURE() << "ran in a set group"; }));
  auto submitted = group.submit([] { ADD_FAILURE() << "ran in a set group"; });
  EXPECT_EQ(skip_cause(submitted), event_cause::condition_met);
  expect_joins(group, {.skipped = 3});
}

TEST(skip_policy, destroys_what_skipped_tasks_have_captured_before_the_join_ends) {
  tg::group group("captures", {.max_concurrent = 0});
  const auto captured = std::make_shared<int>(1);
  for (int i = 0; i < 10; ++i) group.add_task([captured] { ADD_FAILURE() << "ran"; });
  EXPECT_EQ(captured.use_count(), 11);
  group.set_event();
  expect_joins(group, {.skipped = 10});
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(skip_policy, of_a_group_with_a_past_deadline_skips_everything) {
  tg::group group("late", {.deadline = std::chrono::steady_clock::now() - 1h});
  auto task = group.submit([] { ADD_FAILURE() << "ran after the deadline"; });
  EXPECT_EQ(skip_cause(task), event_cause::deadline);
  expect_joins(group, {.skipped = 1});
}

TEST(run_policy, runs_what_is_queued_and_what_is_added_after_the_set) {
  tg::group group("run", {.max_concurrent = 1, .on_event = tg::pending_policy::run});
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  std::atomic<int> saw_set{0};
  const auto look = [&saw_set] { saw_set += tg::this_task::event_set() ? 1 : 0; };
  for (int i = 0; i < 10; ++i) group.add_task(look);
  EXPECT_TRUE(group.set_event());
  for (int i = 0; i < 5; ++i) group.add_task(look);
  held.release();
  expect_joins(group, {.succeeded = 16});
  EXPECT_EQ(saw_set.load(), 15);
  expect_accounted(group, 16);
}

TEST(run_policy, keeps_what_is_queued_in_a_paused_group_until_it_is_resumed) {
  tg::group group("paused", {.max_concurrent = 0, .on_event = tg::pending_policy::run});
  std::atomic<int> ran{0};
  for (int i = 0; i < 5; ++i) group.add_task([&ran] { ++ran; });
  group.set_event();
  EXPECT_FALSE(group.join_for(20ms).complete);
  EXPECT_EQ(ran.load(), 0);
  group.set_max_concurrent(2);
  expect_joins(group, {.succeeded = 5});
  EXPECT_EQ(ran.load(), 5);
}

TEST(pending_policy, is_each_groups_own) {
  tg::group root("root", {.max_concurrent = 0});
  tg::group skips(root, "skips", {.max_concurrent = 0});
  tg::group runs(root, "runs", {.max_concurrent = 0, .on_event = tg::pending_policy::run});
  root.add_task([] { ADD_FAILURE() << "ran under skip"; });
  skips.add_task([] { ADD_FAILURE() << "ran under skip"; });
  runs.add_task([] { EXPECT_TRUE(tg::this_task::event_set()); });
  root.set_event();
  runs.set_max_concurrent(1);
  expect_joins(root, {.skipped = 1});
  expect_joins(skips, {.skipped = 1});
  expect_joins(runs, {.succeeded = 1});
}

}  // namespace
