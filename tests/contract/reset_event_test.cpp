// Promise: reset_event() re-arms a group at rest and refuses otherwise; a wait that was in progress when the
// event was set returns "set" all the same; spent callbacks stay spent, old stop_tokens stay stopped.
// (group.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using tg::event_cause;

void expect_refused(tg::group& group) {
  const tg::event_state before = group.state();
  EXPECT_FALSE(group.reset_event());
  const tg::event_state after = group.state();
  EXPECT_TRUE(after.set);
  EXPECT_EQ(after.cause, before.cause);
  EXPECT_EQ(after.origin, before.origin);
}

void expect_rearmed(tg::group& group) {
  EXPECT_TRUE(group.reset_event());
  EXPECT_FALSE(group.event().is_set());
  EXPECT_FALSE(group.state().set);
  EXPECT_EQ(group.state().cause, event_cause::none);
}

TEST(reset_event, of_an_unset_event_is_true) {
  tg::group group("unset");
  expect_rearmed(group);
}

TEST(reset_event, makes_a_joined_group_work_again) {
  tg::group group("again");
  for (std::size_t round = 1; round <= 5; ++round) {
    EXPECT_TRUE(group.set_event());
    group.add_task([] { ADD_FAILURE() << "ran in a set group"; });
    expect_joins(group, {.skipped = 1});
    EXPECT_TRUE(group.event().is_set()) << "a join must not re-arm";
    expect_rearmed(group);
    group.add_task([] { EXPECT_FALSE(tg::this_task::event_set()); });
    expect_joins(group, {.succeeded = 1});
    expect_accounted(group, 2 * round);
  }
}

TEST(reset_event, begins_a_new_epoch) {
  tg::group group("epochs");
  const auto first = group.state().epoch;
  group.set_event();
  EXPECT_EQ(group.state().epoch, first);
  expect_rearmed(group);
  const auto second = group.state().epoch;
  EXPECT_NE(second, first);
  group.set_event();
  expect_rearmed(group);
  EXPECT_NE(group.state().epoch, second);
  EXPECT_NE(group.state().epoch, first);
}

TEST(reset_event, lets_a_later_set_take_a_new_cause) {
  tg::group group("causes");
  EXPECT_TRUE(group.set_event(event_cause::failure));
  expect_rearmed(group);
  EXPECT_TRUE(group.set_event(event_cause::shutdown));
  EXPECT_EQ(group.state().cause, event_cause::shutdown);
}

TEST(reset_event, is_refused_while_a_task_runs) {
  tg::group group("running");
  hold held;
  group.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  group.set_event();
  expect_refused(group);
  held.release();
  expect_joins(group, {.succeeded = 1});
  expect_rearmed(group);
}

TEST(reset_event, is_refused_from_a_task_of_the_group) {
  tg::group group("itself");
  group.add_task([&group] {
    group.set_event();
    expect_refused(group);
  });
  expect_joins(group, {.succeeded = 1});
  expect_rearmed(group);
}

TEST(reset_event, is_refused_while_a_task_is_queued) {
  tg::group group("queued", {.max_concurrent = 0, .on_event = tg::pending_policy::run});
  group.add_task([] {});
  group.set_event();
  expect_refused(group);
  group.set_max_concurrent(1);
  expect_joins(group, {.succeeded = 1});
  expect_rearmed(group);
}

// An argument of a task of a set group, which is asked to re-arm the group while it is moved into the task.
struct resets_when_moved {
  tg::group* of;
  bool* refused;
  resets_when_moved(tg::group& group, bool& result) : of(&group), refused(&result) {}
  resets_when_moved(resets_when_moved&& other) noexcept : of(other.of), refused(other.refused) {
    if (other.of == nullptr) return;
    *refused = !of->reset_event();
    other.of = nullptr;
  }
};

void expect_refused_while_a_task_is_added_to(tg::group& group) {
  group.set_event();
  bool refused = false;
  resets_when_moved argument(group, refused);
  group.add_task([](const resets_when_moved&) { ADD_FAILURE() << "ran in a set group"; },
                 std::move(argument));
  EXPECT_TRUE(refused);
  EXPECT_TRUE(group.event().is_set());
  expect_joins(group, {.skipped = 1});
  expect_rearmed(group);
}

TEST(reset_event, is_refused_while_a_task_is_being_added) {
  tg::group bounded("bounded", {.max_pending = 10});
  expect_refused_while_a_task_is_added_to(bounded);
  tg::group unbounded("unbounded");
  expect_refused_while_a_task_is_added_to(unbounded);
}

TEST(reset_event, is_refused_while_a_producer_is_on_its_way) {
  for (int round = 0; round < 100; ++round) {
    tg::group group("full", {.max_concurrent = 0, .max_pending = 1});
    group.add_task([] {});
    sleep_mark mark;
    auto producer = in_background([&] {
      mark.about_to_wait();
      group.add_task([] {});
    });
    ASSERT_TRUE(mark.wait_asleep());
    group.set_event();
    EXPECT_TRUE(eventually([&] { return group.reset_event(); }));
    ASSERT_EQ(group.stats().skipped, 2u) << "re-armed while a producer was adding";
    ASSERT_TRUE(finishes(producer));
    producer.get();
    expect_joins(group, {.skipped = 2});
  }
}

TEST(reset_event, is_refused_while_a_descendant_lives) {
  tg::group root("root");
  auto child = std::make_unique<tg::group>(root, "child");
  tg::group grandchild(*child, "grandchild");
  root.set_event();
  expect_refused(root);
  expect_refused(*child);
  child.reset();
  expect_refused(root);
}

TEST(reset_event, works_again_when_the_last_descendant_has_gone) {
  tg::group root("root");
  {
    tg::group child(root, "child");
    const tg::group grandchild(child, "grandchild");
    root.set_event();
    expect_refused(root);
  }
  expect_rearmed(root);
  const tg::group later(root, "later");
  EXPECT_FALSE(later.event().is_set());
}

TEST(reset_event, is_refused_while_a_living_ancestor_is_set) {
  tg::group root("root");
  auto middle = std::make_unique<tg::group>(root, "middle");
  tg::group leaf(*middle, "leaf");
  root.set_event();
  expect_refused(leaf);
  middle.reset();
  expect_refused(leaf);
}

TEST(reset_event, works_when_the_ancestor_that_was_set_has_gone) {
  auto root = std::make_unique<tg::group>("root");
  tg::group child(*root, "child");
  root->set_event();
  expect_refused(child);
  root.reset();
  expect_rearmed(child);
}

TEST(reset_event, works_when_the_set_parent_has_gone_and_the_living_ancestors_are_unset) {
  tg::group root("root");
  auto middle = std::make_unique<tg::group>(root, "middle");
  tg::group leaf(*middle, "leaf");
  middle->set_event();
  middle.reset();
  expect_rearmed(leaf);
  EXPECT_TRUE(root.set_event());
  EXPECT_TRUE(leaf.event().is_set());
}

TEST(reset_event, of_a_child_is_allowed_under_an_unset_parent) {
  tg::group root("root");
  tg::group child(root, "child");
  child.set_event();
  expect_rearmed(child);
  EXPECT_TRUE(root.set_event());
  EXPECT_TRUE(child.event().is_set());
}

TEST(reset_event, is_refused_after_the_deadline) {
  tg::group group("late", {.deadline = steady_clock::now() - 1s});
  expect_refused(group);
}

TEST(reset_event, is_refused_after_an_inherited_deadline_even_if_its_owner_has_gone) {
  auto root = std::make_unique<tg::group>("root", tg::group_options{.deadline = steady_clock::now() + 20ms});
  tg::group child(*root, "child");
  EXPECT_TRUE(eventually([&] { return child.event().is_set(); }));
  expect_refused(child);
  root.reset();
  expect_refused(child);
}

TEST(reset_event, before_the_deadline_leaves_the_deadline_in_force) {
  const auto when = steady_clock::now() + 300ms;
  tg::group group("early", {.deadline = when});
  group.set_event();
  if (!group.reset_event()) {
    EXPECT_GE(steady_clock::now(), when);
    GTEST_SKIP() << "the machine was so slow that the deadline passed before the reset";
  }
  EXPECT_TRUE(eventually([&] { return group.event().is_set(); }));
  EXPECT_EQ(group.state().cause, event_cause::deadline);
  EXPECT_EQ(group.state().origin, group.id());
}

TEST(reset_event, after_a_refusal_changes_nothing_for_tasks_added_later) {
  tg::group root("root");
  tg::group child(root, "child");
  root.set_event();
  expect_refused(child);
  child.add_task([] { ADD_FAILURE() << "ran in a set group"; });
  expect_joins(child, {.skipped = 1});
}

TEST(reset_event, does_not_take_back_the_wake_of_a_sleep_in_progress) {
  tg::group group("sleepers");
  for (int round = 0; round < 200; ++round) {
    sleep_mark marks[2];
    auto timed = in_background([&] {
      marks[0].about_to_wait();
      return group.event().sleep_for(1h);
    });
    auto untimed = in_background([&] {
      marks[1].about_to_wait();
      group.event().wait();
    });
    ASSERT_TRUE(marks[0].wait_asleep() && marks[1].wait_asleep());
    EXPECT_TRUE(group.set_event());
    expect_rearmed(group);
    const bool both = finishes(timed) && finishes(untimed);
    EXPECT_TRUE(both) << "a sleeper slept on";
    if (!both) group.set_event();
    EXPECT_FALSE(timed.get());
  }
}

TEST(reset_event, leaves_spent_callbacks_spent_and_lets_new_ones_be_called) {
  tg::group group("callbacks");
  std::atomic<int> old_calls{0};
  std::atomic<int> new_calls{0};
  tg::event_callback old_one(group, [&] { ++old_calls; });
  group.set_event();
  expect_rearmed(group);
  EXPECT_EQ(old_calls.load(), 1);
  tg::event_callback new_one(group, [&] { ++new_calls; });
  EXPECT_EQ(new_calls.load(), 0);
  group.set_event();
  EXPECT_EQ(old_calls.load(), 1);
  EXPECT_EQ(new_calls.load(), 1);
}

TEST(reset_event, leaves_old_stop_tokens_stopped_and_gives_new_ones) {
  tg::group group("tokens");
  const std::stop_token first = group.stop_token();
  group.set_event();
  EXPECT_TRUE(first.stop_requested());
  expect_rearmed(group);
  EXPECT_TRUE(first.stop_requested());
  const std::stop_token second = group.stop_token();
  EXPECT_FALSE(second.stop_requested());
  EXPECT_TRUE(second.stop_possible());
  group.set_event();
  EXPECT_TRUE(second.stop_requested());
}

}  // namespace
