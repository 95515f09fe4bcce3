// Promise: the functions of this_task speak of the group whose task runs on the calling thread, and are
// harmless outside any task. (this_task.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
namespace this_task = tg::this_task;

TEST(outside_tasks, nothing_is_current_and_no_event_is_set) {
  tg::group group("set");
  group.set_event();
  EXPECT_FALSE(this_task::event_set());
  EXPECT_FALSE(this_task::this_event().is_set());
  EXPECT_FALSE(static_cast<bool>(this_task::current_group()));
  EXPECT_EQ(this_task::current_group().id(), 0u);
  EXPECT_EQ(this_task::current_group().name(), "");
  EXPECT_FALSE(this_task::current_group().event().is_set());
}

TEST(outside_tasks, sleeps_are_plain_sleeps) {
  tg::set_all_events();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(this_task::event_aware_sleep(2ms));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2ms);
  EXPECT_TRUE(this_task::event_aware_sleep(-1h));
  EXPECT_TRUE(this_task::event_aware_sleep(0s));
  EXPECT_TRUE(this_task::event_aware_sleep_until(std::chrono::steady_clock::now() - 1h));
}

TEST(outside_tasks, there_are_no_siblings_to_set_or_to_notify) {
  tg::group group("not mine");
  EXPECT_FALSE(this_task::set_event_for_siblings());
  this_task::notify();
  EXPECT_FALSE(group.event().is_set());
}

TEST(outside_tasks, blocking_passes_results_references_and_exceptions_through) {
  int value = 7;
  static_assert(std::is_same_v<decltype(this_task::blocking([&]() -> int& { return value; })), int&>);
  static_assert(std::is_same_v<decltype(this_task::blocking([] { return 1; })), int>);
  static_assert(std::is_void_v<decltype(this_task::blocking([] {}))>);
  EXPECT_EQ(&this_task::blocking([&]() -> int& { return value; }), &value);
  EXPECT_EQ(*this_task::blocking([] { return std::make_unique<int>(3); }), 3);
  EXPECT_THROW(this_task::blocking([] { throw std::runtime_error("inside"); }), std::runtime_error);
}

TEST(outside_tasks, a_thread_that_a_task_has_started_is_outside) {
  tg::group group("set", {.on_event = tg::pending_policy::run});
  group.set_event();
  group.add_task([] {
    std::thread([] {
      EXPECT_FALSE(this_task::event_set());
      EXPECT_FALSE(static_cast<bool>(this_task::current_group()));
    }).join();
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(inside_a_task, the_current_group_is_the_tasks) {
  tg::group group("the name");
  group.add_task([&group] {
    const tg::group_ref current = this_task::current_group();
    EXPECT_TRUE(static_cast<bool>(current));
    EXPECT_EQ(current.id(), group.id());
    EXPECT_EQ(current.name(), "the name");
    EXPECT_FALSE(current.event().is_set());
    group.set_event();
    EXPECT_TRUE(current.event().is_set());
    EXPECT_TRUE(this_task::event_set());
    EXPECT_TRUE(this_task::this_event().is_set());
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(inside_a_task, the_current_group_changes_with_nested_joins_and_comes_back) {
  tg::group outer("outer");
  outer.add_task([&outer] {
    for (int round = 0; round < 50; ++round) {
      tg::group inner("inner");
      for (int i = 0; i < 4; ++i) {
        inner.add_task([&inner] { EXPECT_EQ(this_task::current_group().id(), inner.id()); });
      }
      EXPECT_EQ(inner.join().succeeded, 4u);
      EXPECT_EQ(this_task::current_group().id(), outer.id());
    }
    EXPECT_FALSE(this_task::event_set());
  });
  expect_joins(outer, {.succeeded = 1});
}

TEST(inside_a_task, the_inner_groups_event_is_not_the_outer_ones) {
  tg::group outer("outer");
  outer.add_task([] {
    tg::group inner("inner", {.on_event = tg::pending_policy::run});
    inner.set_event();
    inner.add_task([] { EXPECT_TRUE(this_task::event_set()); });
    EXPECT_EQ(inner.join().succeeded, 1u);
    EXPECT_FALSE(this_task::event_set());
  });
  expect_joins(outer, {.succeeded = 1});
}

TEST(inside_a_task, the_current_group_is_kept_during_a_join_from_outside) {
  tg::group group("joined");
  for (int i = 0; i < 100; ++i) {
    group.add_task([&group] { EXPECT_EQ(this_task::current_group().id(), group.id()); });
  }
  EXPECT_EQ(group.join().succeeded, 100u);
  EXPECT_FALSE(static_cast<bool>(this_task::current_group()));
}

TEST(set_event_for_siblings, sets_the_own_group_and_its_descendants_and_not_the_parent) {
  tg::group root("root");
  tg::group own(root, "own");
  tg::group child(own, "child");
  auto first = own.submit([] { return this_task::set_event_for_siblings(tg::event_cause::failure); });
  EXPECT_TRUE(first.get());
  EXPECT_EQ(own.state().cause, tg::event_cause::failure);
  EXPECT_EQ(own.state().origin, own.id());
  EXPECT_TRUE(child.event().is_set());
  EXPECT_FALSE(root.event().is_set());
  expect_joins(own, {.succeeded = 1});
}

TEST(set_event_for_siblings, is_false_when_the_event_was_set_already) {
  tg::group group("own");
  auto second = group.submit([] {
    EXPECT_TRUE(this_task::set_event_for_siblings());
    return this_task::set_event_for_siblings();
  });
  EXPECT_FALSE(second.get());
  EXPECT_EQ(group.state().cause, tg::event_cause::requested);
}

TEST(set_event_for_siblings, wakes_sleeping_siblings_and_skips_queued_ones) {
  tg::group group("siblings", {.max_concurrent = 4});
  std::atomic<int> asleep{0};
  for (int i = 0; i < 3; ++i) {
    group.add_task([&asleep] {
      ++asleep;
      EXPECT_FALSE(this_task::event_aware_sleep(1h));
    });
  }
  EXPECT_TRUE(eventually([&] { return asleep == 3; }));
  hold held;
  group.add_task([stay = held.task()] {
    stay();
    EXPECT_TRUE(this_task::set_event_for_siblings());
  });
  ASSERT_TRUE(held.wait_entered(1));
  for (int i = 0; i < 5; ++i) group.add_task([] { ADD_FAILURE() << "started beyond the limit"; });
  held.release();
  expect_joins(group, {.succeeded = 4, .skipped = 5});
  expect_accounted(group, 9);
}

TEST(wait_for_condition_here, outside_tasks_polls_the_predicate) {
  int looks = 0;
  EXPECT_EQ(this_task::wait_for_condition([&looks] { return ++looks == 3; }, 1h, 1ms), tg::condition::met);
  EXPECT_EQ(looks, 3);
  EXPECT_EQ(this_task::wait_for_condition([] { return false; }, 5ms, 1ms), tg::condition::timed_out);
  EXPECT_EQ(this_task::wait_for_condition([] { return true; }, -1s), tg::condition::met);
}

TEST(wait_for_condition_here, in_the_only_task_is_not_drained_because_the_caller_counts_as_running) {
  tg::group group("alone");
  group.add_task([] {
    EXPECT_EQ(this_task::wait_for_condition([] { return false; }, 5ms, 1ms), tg::condition::timed_out);
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(wait_for_condition_here, sets_the_own_groups_event_when_met) {
  tg::group root("root");
  tg::group own(root, "own");
  tg::group child(own, "child");
  own.add_task([] { EXPECT_EQ(this_task::wait_for_condition([] { return true; }, 1h), tg::condition::met); });
  expect_joins(own, {.succeeded = 1});
  EXPECT_EQ(own.state().cause, tg::event_cause::condition_met);
  EXPECT_EQ(child.state().origin, own.id());
  EXPECT_FALSE(root.event().is_set());
}

TEST(wait_for_condition_here, ends_with_the_event) {
  tg::group group("set");
  std::atomic<bool> waiting{false};
  group.add_task([&waiting] {
    EXPECT_EQ(this_task::wait_for_condition([&] { return waiting.exchange(true), false; }, 1h, 1h),
              tg::condition::event_set);
  });
  EXPECT_TRUE(eventually([&] { return waiting.load(); }));
  group.set_event();
  expect_joins(group, {.succeeded = 1});
}

TEST(wait_for_condition_here, looks_again_when_a_sibling_notifies) {
  tg::group group("notified");
  std::atomic<bool> truth{false};
  gate looked;
  hold held;
  group.add_task([&] {
    const auto look = [&] {
      looked.open();
      return truth.load();
    };
    EXPECT_EQ(this_task::wait_for_condition(look, 1h, 1h), tg::condition::met);
    held.release();
  });
  ASSERT_TRUE(looked.wait());
  // The sibling stays until the wait is over: it is the call that wakes, not its end.
  group.add_task([&truth, stay = held.task()] {
    truth = true;
    this_task::notify();
    stay();
  });
  expect_joins(group, {.succeeded = 2});
}

}  // namespace
