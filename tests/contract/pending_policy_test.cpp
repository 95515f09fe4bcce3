// Promise: setting the event under pending_policy::skip skips all that is queued, also in a paused group;
// under run it runs. (group.h)
#include "tests/support/accounting.h"
#include "tests/support/at_its_end.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
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
  EXPECT_EQ(group.stats().pending, 0u);
  for (auto& task : queued) {
    EXPECT_TRUE(task.ready());
    EXPECT_EQ(skip_cause(task), event_cause::failure);
  }
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
  EXPECT_EQ(group.stats().pending, 0u);
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

// Tasks of a runtime that keep all its workers busy until they are released.
class busy_runtime {
 public:
  busy_runtime() : runtime_({.workers = 1, .max_blocked = 0}), group_("busy", {.on = &runtime_}) {
    group_.add_task(held_.task());
    EXPECT_TRUE(held_.wait_entered(1));
  }
  ~busy_runtime() {
    held_.release();
    EXPECT_TRUE(group_.join().complete);
  }
  busy_runtime(const busy_runtime&) = delete;
  busy_runtime& operator=(const busy_runtime&) = delete;

  tg::group_options in(std::uint32_t limit) { return {.max_concurrent = limit, .on = &runtime_}; }

 private:
  tg::runtime runtime_;
  hold held_;
  tg::group group_;
};

TEST(skip_policy, needs_no_worker_that_is_free) {
  busy_runtime busy;
  for (const std::uint32_t limit : {0u, 1u, 8u}) {
    tg::group group("waits for a worker", busy.in(limit));
    const auto captured = std::make_shared<int>(1);
    auto before = group.submit([captured] { ADD_FAILURE() << "a skipped task ran"; });
    EXPECT_TRUE(group.set_event());
    auto after = group.submit([captured] { ADD_FAILURE() << "a skipped task ran"; });
    EXPECT_TRUE(before.ready());
    EXPECT_TRUE(after.ready());
    EXPECT_EQ(captured.use_count(), 1);
    EXPECT_TRUE(group.join_for(0ms).complete);
    EXPECT_TRUE(group.reset_event());
  }
}

TEST(skip_policy, at_a_deadline_needs_no_worker_that_is_free) {
  busy_runtime busy;
  tg::group_options options = busy.in(1);
  options.deadline = std::chrono::steady_clock::now() + 20ms;
  tg::group group("late", options);
  auto queued = group.submit([] { ADD_FAILURE() << "a skipped task ran"; });
  EXPECT_EQ(skip_cause(queued), event_cause::deadline);
}

TEST(skip_policy, after_a_signal_needs_no_worker_that_is_free) {
  busy_runtime busy;
  tg::group group("signalled", busy.in(1));
  auto queued = group.submit([] { ADD_FAILURE() << "a skipped task ran"; });
  EXPECT_TRUE(group.set_event_from_signal(event_cause::shutdown));
  EXPECT_EQ(skip_cause(queued), event_cause::shutdown);
}

// All workers, and those that take over, wait for what only the set ends.
TEST(skip_policy, ends_the_wait_of_more_tasks_than_there_are_workers) {
  tg::runtime runtime({.workers = 2, .max_blocked = 2});
  tg::group paused("paused", {.max_concurrent = 0, .on = &runtime});
  tg::group waiting("waiting", {.on = &runtime});
  std::atomic<int> skipped{0};
  for (int i = 0; i < 8; ++i) {
    waiting.add_task([&, task = paused.submit([] { ADD_FAILURE() << "a skipped task ran"; })]() mutable {
      if (task.kind() == tg::outcome_kind::skipped) ++skipped;
    });
  }
  ASSERT_TRUE(eventually([&] { return runtime.stats().blocked >= 2; }));
  EXPECT_TRUE(paused.set_event());
  const tg::join_report report = waiting.join_for(patience);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(skipped.load(), 8);
}

// A task looks, and waits for nobody.
TEST(skip_policy, is_seen_by_the_task_that_has_set_the_event) {
  tg::runtime runtime({.workers = 1, .max_blocked = 0});
  tg::group paused("paused", {.max_concurrent = 0, .on = &runtime});
  auto queued = paused.submit([] { ADD_FAILURE() << "a skipped task ran"; });
  tg::group group("sets", {.on = &runtime});
  auto ready = group.submit([&] {
    paused.set_event();
    return queued.ready();
  });
  EXPECT_TRUE(ready.get());
}

TEST(skip_policy, comes_before_a_later_clear) {
  tg::group group("cleared too late", {.max_concurrent = 0});
  auto queued = group.submit([] { ADD_FAILURE() << "a skipped task ran"; });
  EXPECT_TRUE(group.set_event(event_cause::shutdown));
  EXPECT_EQ(group.clear_pending_tasks(), 0u);
  EXPECT_EQ(skip_cause(queued), event_cause::shutdown);
}

TEST(skip_policy, reaches_what_the_skipped_wait_for) {
  busy_runtime busy;
  tg::group group("nested", busy.in(1));
  bool seen = false;
  group.add_task(at_its_end([&] {
    auto added = group.submit([] { ADD_FAILURE() << "a skipped task ran"; });
    seen = skip_cause(added) == event_cause::requested;
  }));
  EXPECT_TRUE(group.set_event());
  EXPECT_TRUE(seen);
  EXPECT_EQ(group.stats().skipped, 2u);
}

// The outcome of the task that has failed is there before others are skipped.
TEST(skip_policy, lets_who_is_skipped_wait_for_the_task_that_failed) {
  tg::group group("fails", {.max_concurrent = 1, .on_failure = tg::failure_policy::set_event});
  hold held;
  auto failing = group.submit([&] {
    held.task()();
    throw std::runtime_error("failed");
  });
  ASSERT_TRUE(held.wait_entered(1));
  std::atomic<bool> seen{false};
  group.add_task(at_its_end([&] { seen = failing.wait_for(patience); }));
  held.release();
  expect_joins(group, {.failed = 1, .skipped = 1});
  EXPECT_TRUE(seen);
}

// As in a task that runs: of the group, so that it does not wait for room, and may not join.
TEST(skip_policy, lets_who_is_skipped_act_for_its_group) {
  tg::group group("bounded", {.max_concurrent = 0, .max_pending = 1});
  bool refused = false;
  group.add_task(at_its_end([&] {
    for (int i = 0; i < 3; ++i) group.add_task([] {});
    try {
      static_cast<void>(group.join());
    } catch (const tg::would_deadlock&) {
      refused = true;
    }
  }));
  EXPECT_EQ(group.clear_pending_tasks(), 1u);
  EXPECT_TRUE(refused);
  EXPECT_EQ(group.stats().pending, 3u);
  group.clear_pending_tasks();
  expect_joins(group, {.skipped = 4});
}

// However long the chain is. Another thread may go on with it.
TEST(skip_policy, goes_on_with_what_the_skipped_add_without_end_of_the_stack) {
  tg::group group("grows", {.max_concurrent = 0});
  constexpr int count = 100'000;
  std::atomic<int> left{count};
  struct adds_one {
    tg::group* to;
    std::atomic<int>* left;
    adds_one(tg::group& group, std::atomic<int>& how_many) : to(&group), left(&how_many) {}
    adds_one(adds_one&& other) noexcept : to(std::exchange(other.to, nullptr)), left(other.left) {}
    ~adds_one() {
      if (to != nullptr && --*left > 0) to->add_task(adds_one(*to, *left));
    }
    void operator()() const { ADD_FAILURE() << "a skipped task ran"; }
  };
  group.add_task(adds_one(group, left));
  EXPECT_TRUE(group.set_event());
  expect_joins(group, {.skipped = count});
  EXPECT_EQ(left.load(), 0);
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
