// Promise: an event_callback calls f() once, on the setter's thread, after the flags, at once if the event is
// set already; its destructor waits for a run on another thread and not for one on its own. (event.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/fresh_process.h"
#include "tests/support/hold.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

using any_callback = tg::event_callback<std::function<void()>>;

TEST(event_callback, is_called_once_on_the_setters_thread_before_set_event_returns) {
  tg::group group("called");
  int calls = 0;
  std::thread::id caller;
  tg::event_callback callback(group, [&] {
    ++calls;
    caller = std::this_thread::get_id();
  });
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(group.set_event());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(caller, std::this_thread::get_id());
  EXPECT_FALSE(group.set_event());
  EXPECT_EQ(calls, 1);
}

TEST(event_callback, is_called_on_the_thread_of_a_task_that_sets_the_event) {
  tg::group group("called");
  std::thread::id caller;
  tg::event_callback callback(group, [&caller] { caller = std::this_thread::get_id(); });
  group.add_task([&group, &caller] {
    group.set_event();
    EXPECT_EQ(caller, std::this_thread::get_id());
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(event_callback, is_called_after_the_flags_of_the_whole_subtree) {
  group_tree tree(3, 3);
  std::size_t seen_at_root = 0;
  std::size_t seen_at_leaf = 0;
  tg::event_callback at_root(tree.root(), [&] { seen_at_root = tree.count_set(); });
  tg::event_callback at_leaf(tree[tree.size() - 1], [&] { seen_at_leaf = tree.count_set(); });
  tree.root().set_event();
  EXPECT_EQ(seen_at_root, tree.size());
  EXPECT_EQ(seen_at_leaf, tree.size());
}

TEST(event_callback, is_called_at_once_on_the_constructing_thread_if_the_event_is_set) {
  tg::group group("set");
  group.set_event();
  std::thread::id caller;
  tg::event_callback callback(group, [&caller] { caller = std::this_thread::get_id(); });
  EXPECT_EQ(caller, std::this_thread::get_id());
}

TEST(event_callback, is_called_at_once_on_a_group_that_was_born_set) {
  tg::group root("root");
  root.set_event();
  tg::group child(root, "child");
  int calls = 0;
  tg::event_callback callback(child, [&calls] { ++calls; });
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(root.set_event());
  EXPECT_EQ(calls, 1);
}

TEST(event_callback, of_a_descendant_is_called_by_an_ancestors_set_and_of_a_relative_is_not) {
  group_tree tree(2, 2);
  std::vector<int> calls(tree.size());
  std::vector<std::unique_ptr<any_callback>> callbacks;
  for (std::size_t node = 0; node < tree.size(); ++node) {
    callbacks.push_back(std::make_unique<any_callback>(tree[node], [&calls, node] { ++calls[node]; }));
  }
  tree[1].set_event();
  for (std::size_t node = 0; node < tree.size(); ++node)
    EXPECT_EQ(calls[node], tree.is_within(node, 1) ? 1 : 0);
  tree.root().set_event();
  for (std::size_t node = 0; node < tree.size(); ++node) EXPECT_EQ(calls[node], 1) << "node " << node;
}

TEST(event_callback, of_which_there_may_be_many_are_all_called_and_destroyed_ones_are_not) {
  tg::group group("many");
  constexpr std::size_t count = 1'000;
  std::vector<int> calls(count);
  std::vector<std::unique_ptr<any_callback>> callbacks;
  for (std::size_t i = 0; i < count; ++i) {
    callbacks.push_back(std::make_unique<any_callback>(group, [&calls, i] { ++calls[i]; }));
  }
  for (std::size_t i = 0; i < count; i += 3) callbacks[i].reset();
  group.set_event();
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], i % 3 == 0 ? 0 : 1) << i;
}

TEST(event_callback, may_come_and_go_without_the_event_being_set) {
  tg::group group("unset");
  int calls = 0;
  for (int i = 0; i < 10'000; ++i) {
    tg::event_callback callback(group, [&calls] { ++calls; });
  }
  EXPECT_EQ(calls, 0);
  group.set_event();
  EXPECT_EQ(calls, 0);
}

TEST(event_callback, is_called_once_when_two_threads_set_the_event) {
  for (int round = 0; round < 200; ++round) {
    tg::group root("root");
    tg::group child(root, "child");
    std::atomic<int> calls{0};
    tg::event_callback callback(child, [&calls] { ++calls; });
    std::latch together(2);
    auto other = in_background([&] {
      together.arrive_and_wait();
      child.set_event();
    });
    together.arrive_and_wait();
    root.set_event();
    other.get();
    EXPECT_EQ(calls.load(), 1);
  }
}

TEST(event_callback, destructor_waits_for_a_run_on_another_thread) {
  tg::group group("busy");
  gate inside, leave;
  std::atomic<bool> finished{false};
  std::optional<any_callback> callback(std::in_place, group, [&] {
    inside.open();
    EXPECT_TRUE(leave.wait());
    finished = true;
  });
  auto setter = in_background([&group] { group.set_event(); });
  ASSERT_TRUE(inside.wait());
  auto destroyer = in_background([&] {
    callback.reset();
    return finished.load();
  });
  EXPECT_EQ(destroyer.wait_for(20ms), std::future_status::timeout) << "the destructor did not wait";
  leave.open();
  ASSERT_TRUE(finishes(destroyer));
  EXPECT_TRUE(destroyer.get());
  setter.get();
}

TEST(event_callback, destructor_waits_for_a_run_at_construction_on_no_thread_but_another) {
  tg::group group("set");
  group.set_event();
  int calls = 0;
  {
    tg::event_callback callback(group, [&calls] { ++calls; });
  }
  EXPECT_EQ(calls, 1);
}

TEST(event_callback, may_destroy_itself_in_its_own_call) {
  tg::group group("suicide");
  std::unique_ptr<any_callback> callback;
  int calls = 0;
  callback = std::make_unique<any_callback>(group, [&callback, &calls] {
    int& kept = calls;
    callback.reset();
    ++kept;
  });
  auto setter = in_background([&group] { group.set_event(); });
  ASSERT_TRUE(finishes(setter));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(callback, nullptr);
}

TEST(event_callback, may_destroy_others_of_its_group_in_its_call) {
  tg::group group("murder");
  constexpr std::size_t count = 10;
  std::vector<std::unique_ptr<any_callback>> callbacks(count);
  int calls = 0;
  for (std::size_t i = 0; i < count; ++i) {
    callbacks[i] = std::make_unique<any_callback>(group, [&, i] {
      ++calls;
      for (std::size_t other = 0; other < count; ++other) {
        if (other != i) callbacks[other].reset();
      }
    });
  }
  auto setter = in_background([&group] { group.set_event(); });
  ASSERT_TRUE(finishes(setter));
  EXPECT_EQ(calls, 1);
}

TEST(event_callback, may_set_events_add_tasks_and_make_groups_and_callbacks) {
  tg::group group("busy", {.on_event = tg::pending_policy::run});
  tg::group other("other");
  std::atomic<int> ran{0};
  int nested = 0;
  tg::event_callback callback(group, [&] {
    EXPECT_FALSE(group.set_event());
    EXPECT_TRUE(other.set_event(tg::event_cause::failure));
    group.add_task([&ran] { ++ran; });
    EXPECT_TRUE(group.try_add_task([&ran] { ++ran; }));
    tg::group inner("inner");
    inner.add_task([&ran] { ++ran; });
    expect_joins(inner, {.succeeded = 1});
    tg::event_callback within(group, [&nested] { ++nested; });
    EXPECT_TRUE(group.state().set);
    group.notify();
    group.close();
  });
  EXPECT_TRUE(group.set_event());
  expect_joins(group, {.succeeded = 2});
  EXPECT_EQ(ran.load(), 3);
  EXPECT_EQ(nested, 1);
  EXPECT_EQ(other.state().cause, tg::event_cause::failure);
}

TEST(event_callback, may_get_the_result_of_a_task) {
  tg::group group("asked");
  tg::group helper("helper");
  int answer = 0;
  tg::event_callback callback(group, [&] { answer = helper.submit([] { return 42; }).get(); });
  group.set_event();
  EXPECT_EQ(answer, 42);
  expect_joins(helper, {.succeeded = 1});
}

// Its destructor waits for the call, which waits for a task; the only worker runs the destructor.
TEST(event_callback, may_get_the_result_of_a_task_while_a_task_waits_for_the_callback) {
  tg::runtime machinery({.workers = 1});
  tg::group group("asked", {.on = &machinery});
  tg::group helper("helper", {.on = &machinery});
  tg::group ending("ending", {.on = &machinery});
  std::latch called(1);
  std::latch about_to_end(1);
  int answer = 0;
  const auto ask = [&] {
    called.count_down();
    about_to_end.wait();
    std::this_thread::sleep_for(20ms);
    answer = helper.submit([] { return 42; }).get();
  };
  std::optional<tg::event_callback<decltype(ask)>> callback(std::in_place, group, ask);
  ending.add_task([&] {
    called.wait();
    about_to_end.count_down();
    callback.reset();
    EXPECT_EQ(answer, 42);
  });
  auto setter = in_background([&] { return group.set_event(); });
  ASSERT_TRUE(finishes(setter));
  expect_joins(ending, {.succeeded = 1});
  expect_joins(helper, {.succeeded = 1});
}

// No worker is free, and whoever has set the event comes to the task after the callback.
TEST(event_callback, may_get_the_result_of_a_task_that_is_skipped_by_the_same_set) {
  tg::runtime machinery({.workers = 1, .max_blocked = 0});
  tg::group busy("busy", {.on = &machinery});
  hold held;
  busy.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  const auto skips = [&](std::chrono::milliseconds deadline, auto set) {
    tg::group group("asked", {.deadline = steady_clock::now() + deadline, .on = &machinery});
    auto queued = group.submit([] {});
    std::atomic<bool> skipped{false};
    tg::event_callback callback(group, [&] { skipped = queued.kind() == tg::outcome_kind::skipped; });
    set(group);
    EXPECT_TRUE(eventually([&] { return skipped.load(); }));
  };
  skips(1h, [](tg::group& group) { group.set_event(); });
  skips(1h, [](tg::group& group) { group.set_event_from_signal(); });
  skips(10ms, [](tg::group&) {});
  held.release();
  expect_joins(busy, {.succeeded = 1});
}

TEST(event_callback, is_called_for_each_way_in_which_an_event_is_set) {
  const auto calls_after = [](const tg::group_options& options, auto set) {
    tg::group group("way", options);
    std::atomic<int> calls{0};
    tg::event_callback callback(group, [&calls] { ++calls; });
    set(group);
    EXPECT_TRUE(eventually([&] { return calls == 1; }));
    EXPECT_TRUE(group.event().is_set());
    EXPECT_TRUE(group.join().complete);
    return calls.load();
  };
  EXPECT_EQ(calls_after({}, [](tg::group& group) { group.set_event_for_child_tasks(); }), 1);
  EXPECT_EQ(calls_after({}, [](tg::group& group) { group.set_event_from_signal(); }), 1);
  EXPECT_EQ(calls_after({}, [](tg::group&) { tg::set_all_events(); }), 1);
  EXPECT_EQ(calls_after({}, [](tg::group&) { tg::set_all_events_from_signal(); }), 1);
  EXPECT_EQ(calls_after({},
                        [](tg::group& group) {
                          EXPECT_EQ(group.wait_for_condition([] { return true; }, 1s), tg::condition::met);
                        }),
            1);
  EXPECT_EQ(calls_after({.on_failure = tg::failure_policy::set_event},
                        [](tg::group& group) { group.add_task([] { throw std::runtime_error("fails"); }); }),
            1);
  EXPECT_EQ(
      calls_after({},
                  [](tg::group& group) { group.add_task([] { tg::this_task::set_event_for_siblings(); }); }),
      1);
  EXPECT_EQ(calls_after({.deadline = steady_clock::now() + 10ms}, [](tg::group&) {}), 1);
}

TEST(event_callback, of_a_deadline_does_not_run_on_the_timer) {
  // The first callback lasts until a later deadline has passed and its callback has been called.
  const auto soon = steady_clock::now() + 20ms;
  tg::group first("first", {.deadline = soon});
  tg::group second("second", {.deadline = soon + 20ms});
  gate second_called;
  std::atomic<int> calls{0};
  tg::event_callback slow(first, [&] {
    EXPECT_TRUE(eventually([&] { return second.event().is_set(); })) << "the timer waits for this callback";
    EXPECT_EQ(second.state().cause, tg::event_cause::deadline);
    ++calls;
  });
  EXPECT_TRUE(eventually([&] { return calls == 1; }));
}

class throwing_event_callback : public fresh_process {};

TEST_F(throwing_event_callback, terminates) {
  TG_EXPECT_TERMINATES(
      {
        tg::group group("thrower");
        tg::event_callback callback(group, [] { throw std::runtime_error("from a callback"); });
        try {
          group.set_event();
        } catch (...) {
          std::_Exit(3);
        }
      },
      "");
}

TEST_F(throwing_event_callback, terminates_at_construction_too) {
  TG_EXPECT_TERMINATES(
      {
        tg::group group("thrower");
        group.set_event();
        try {
          tg::event_callback callback(group, [] { throw std::runtime_error("from a callback"); });
        } catch (...) {
          std::_Exit(3);
        }
      },
      "");
}

}  // namespace
