// Promise: a sleep on an event tells whether it was slept to its end; a set event wakes it at once and beats
// an elapsed sleep, even one of zero or negative length. (event.h, this_task.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/sleeping.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

TEST(event_sleep, on_a_set_event_is_false_whatever_its_length) {
  tg::group group("set");
  group.set_event();
  const tg::event_view view = group.event();
  EXPECT_FALSE(view.sleep_for(0ms));
  EXPECT_FALSE(view.sleep_for(-1ms));
  EXPECT_FALSE(view.sleep_for(1ns));
  EXPECT_FALSE(view.sleep_for(1h));
  EXPECT_FALSE(view.sleep_for(std::chrono::hours::min()));
  EXPECT_FALSE(view.sleep_for(std::chrono::duration<double>(-0.5)));
  EXPECT_FALSE(view.sleep_until(steady_clock::now() - 1h));
  EXPECT_FALSE(view.sleep_until(steady_clock::time_point::min()));
}

TEST(event_sleep, on_a_set_event_is_false_inside_a_task_whatever_its_length) {
  tg::group group("set", {.on_event = tg::pending_policy::run});
  group.set_event();
  group.add_task([] {
    EXPECT_FALSE(tg::this_task::event_aware_sleep(0ms));
    EXPECT_FALSE(tg::this_task::event_aware_sleep(-1h));
    EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
    EXPECT_FALSE(tg::this_task::event_aware_sleep_until(steady_clock::time_point::min()));
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(event_sleep, of_no_length_on_an_unset_event_is_true) {
  const tg::group group("unset");
  const tg::event_view view = group.event();
  EXPECT_TRUE(view.sleep_for(0ms));
  EXPECT_TRUE(view.sleep_for(-1ms));
  EXPECT_TRUE(view.sleep_for(std::chrono::nanoseconds::min()));
  EXPECT_TRUE(view.sleep_for(std::chrono::duration<float>(-1.0f)));
  EXPECT_TRUE(view.sleep_until(steady_clock::now() - 1h));
  EXPECT_TRUE(view.sleep_until(steady_clock::time_point::min()));
}

template <class Sleep>
void expect_slept_all(std::chrono::nanoseconds at_least, Sleep sleep) {
  const auto begin = steady_clock::now();
  EXPECT_TRUE(sleep());
  EXPECT_GE(steady_clock::now() - begin, at_least);
}

TEST(event_sleep, that_is_slept_to_its_end_is_true_and_not_shorter_than_asked) {
  tg::group group("unset");
  const tg::event_view view = group.event();
  expect_slept_all(5ms, [&] { return view.sleep_for(5ms); });
  expect_slept_all(5ms, [&] { return view.sleep_for(std::chrono::duration<double>(0.005)); });
  expect_slept_all(5ms, [&] { return view.sleep_until(steady_clock::now() + 5ms); });
  expect_slept_all(5ms, [] { return tg::this_task::event_aware_sleep(5ms); });
  group.add_task([] {
    expect_slept_all(5ms, [] { return tg::this_task::event_aware_sleep(5ms); });
    expect_slept_all(5ms, [] { return tg::this_task::event_aware_sleep_until(steady_clock::now() + 5ms); });
  });
  expect_joins(group, {.succeeded = 1});
}

TEST(event_sleep, is_not_disturbed_by_the_event_of_a_relative) {
  tg::group root("root");
  tg::group sleeper(root, "sleeper");
  tg::group sibling(root, "sibling");
  tg::group child(sleeper, "child");
  sleep_mark mark;
  auto slept = in_background([&] {
    mark.about_to_wait();
    return sleeper.event().sleep_for(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  sibling.set_event();
  child.set_event();
  EXPECT_TRUE(stays([&] { return slept.wait_for(0s) != std::future_status::ready; }));
  sleeper.set_event();
  ASSERT_TRUE(finishes(slept));
  EXPECT_FALSE(slept.get());
}

// One sleep of each kind and of an endless length.
using endless_sleep = bool (*)(const tg::event_view&);
constexpr endless_sleep endless_sleeps[] = {
    [](const tg::event_view& view) { return view.sleep_for(1h); },
    [](const tg::event_view& view) { return view.sleep_for(std::chrono::hours::max()); },
    [](const tg::event_view& view) { return view.sleep_for(std::chrono::nanoseconds::max()); },
    [](const tg::event_view& view) { return view.sleep_for(std::chrono::duration<double>(1e300)); },
    [](const tg::event_view& view) {
      return view.sleep_for(std::chrono::duration<double>(std::numeric_limits<double>::infinity()));
    },
    [](const tg::event_view& view) { return view.sleep_until(steady_clock::now() + 1h); },
    [](const tg::event_view& view) { return view.sleep_until(steady_clock::time_point::max()); },
};

class endless_event_sleep : public testing::TestWithParam<endless_sleep> {};

TEST_P(endless_event_sleep, of_another_thread_is_woken_by_the_set_of_an_ancestor) {
  tg::group root("root");
  tg::group child(root, "child");
  sleep_mark mark;
  auto slept = in_background([&] {
    mark.about_to_wait();
    return GetParam()(child.event());
  });
  EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(root.set_event());
  ASSERT_TRUE(finishes(slept));
  EXPECT_FALSE(slept.get());
}

INSTANTIATE_TEST_SUITE_P(all, endless_event_sleep, testing::ValuesIn(endless_sleeps));

TEST(event_sleep, of_many_tasks_and_threads_in_a_tree_is_woken_by_one_set) {
  group_tree tree(2, 3);
  std::atomic<std::size_t> woken{0};
  std::vector<sleep_mark> marks(tree.size());
  std::vector<std::thread> threads;
  for (std::size_t node = 0; node < tree.size(); ++node) {
    tree[node].add_task([&woken] {
      EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
      EXPECT_TRUE(tg::this_task::event_set());
      ++woken;
    });
    threads.emplace_back([&, view = tree[node].event(), &mark = marks[node]] {
      mark.about_to_wait();
      EXPECT_FALSE(view.sleep_for(1h));
      ++woken;
    });
  }
  const auto running = [&] {
    std::size_t count = 0;
    for (std::size_t node = 0; node < tree.size(); ++node) count += tree[node].stats().running;
    return count;
  };
  EXPECT_TRUE(eventually([&] { return running() == tree.size(); }));
  for (const sleep_mark& mark : marks) EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(tree.root().set_event());
  for (std::thread& thread : threads) thread.join();
  for (std::size_t node = 0; node < tree.size(); ++node) expect_joins(tree[node], {.succeeded = 1});
  EXPECT_EQ(woken.load(), tree.size() * 2);
}

}  // namespace
