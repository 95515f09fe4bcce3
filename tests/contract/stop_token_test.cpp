// Promise: stop_token() is the group's event as a std::stop_token. (group.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

TEST(stop_token, of_a_group_is_stopped_by_its_event) {
  tg::group group("token");
  const std::stop_token token = group.stop_token();
  EXPECT_TRUE(token.stop_possible());
  EXPECT_FALSE(token.stop_requested());
  group.set_event();
  EXPECT_TRUE(token.stop_requested());
}

TEST(stop_token, of_a_set_group_is_stopped) {
  tg::group group("set");
  group.set_event();
  EXPECT_TRUE(group.stop_token().stop_requested());
}

TEST(stop_token, of_a_descendant_is_stopped_by_an_ancestors_event) {
  tg::group root("root");
  tg::group child(root, "child");
  const std::stop_token of_root = root.stop_token();
  const std::stop_token of_child = child.stop_token();
  child.set_event();
  EXPECT_TRUE(of_child.stop_requested());
  EXPECT_FALSE(of_root.stop_requested());
  tg::group second(root, "second");
  const std::stop_token of_second = second.stop_token();
  root.set_event();
  EXPECT_TRUE(of_root.stop_requested());
  EXPECT_TRUE(of_second.stop_requested());
}

TEST(stop_token, calls_its_callbacks_once) {
  tg::group group("callbacks");
  int calls = 0;
  const std::stop_callback callback(group.stop_token(), [&calls] { ++calls; });
  EXPECT_EQ(calls, 0);
  group.set_event();
  group.set_event();
  EXPECT_EQ(calls, 1);
}

TEST(stop_token, ends_a_wait_on_a_condition_variable) {
  tg::group group("waiter");
  std::mutex mutex;
  std::condition_variable_any changed;
  sleep_mark mark;
  auto waiter = in_background([&] {
    const std::stop_token token = group.stop_token();
    std::unique_lock lock(mutex);
    mark.about_to_wait();
    return changed.wait(lock, token, [] { return false; });
  });
  EXPECT_TRUE(mark.wait_asleep());
  group.set_event();
  ASSERT_TRUE(finishes(waiter));
  EXPECT_FALSE(waiter.get());
}

TEST(stop_token, is_stopped_by_a_deadline_and_by_a_signal_safe_set) {
  tg::group late("late", {.deadline = std::chrono::steady_clock::now() + 10ms});
  const std::stop_token of_late = late.stop_token();
  EXPECT_TRUE(eventually([&] { return of_late.stop_requested(); }));
  tg::group signalled("signalled");
  const std::stop_token of_signalled = signalled.stop_token();
  signalled.set_event_from_signal();
  EXPECT_TRUE(eventually([&] { return of_signalled.stop_requested(); }));
}

// The tasks that the token is to stop may hold all workers.
TEST(stop_token, is_stopped_by_a_deadline_while_all_workers_are_busy) {
  tg::runtime machinery({.workers = 2});
  tg::group group("busy", {.on_event = tg::pending_policy::run,
                           .deadline = std::chrono::steady_clock::now() + 20ms,
                           .on = &machinery});
  const std::stop_token token = group.stop_token();
  std::atomic<bool> given_up{false};
  for (int i = 0; i < 2; ++i) {
    group.add_task([&] {
      while (!token.stop_requested() && !given_up) std::this_thread::yield();
    });
  }
  EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
  given_up = true;
  expect_joins(group, {.succeeded = 2});
}

TEST(stop_token, is_stopped_by_a_signal_safe_set_while_all_workers_are_busy) {
  tg::runtime machinery({.workers = 1});
  tg::group group("busy", {.on = &machinery});
  const std::stop_token token = group.stop_token();
  std::atomic<bool> begun{false};
  std::atomic<bool> given_up{false};
  group.add_task([&] {
    begun = true;
    while (!token.stop_requested() && !given_up) std::this_thread::yield();
  });
  EXPECT_TRUE(eventually([&] { return begun.load(); }));
  group.set_event_from_signal();
  EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
  given_up = true;
  expect_joins(group, {.succeeded = 1});
}

TEST(stop_token, outlives_its_group) {
  std::stop_token of_set;
  std::stop_token of_unset;
  {
    tg::group set("set");
    tg::group unset("unset");
    of_set = set.stop_token();
    of_unset = unset.stop_token();
    set.set_event();
  }
  EXPECT_TRUE(of_set.stop_requested());
  EXPECT_FALSE(of_unset.stop_requested());
}

TEST(stop_token, may_be_asked_for_by_many_threads_while_the_event_is_set) {
  for (int round = 0; round < 100; ++round) {
    tg::group group("asked");
    std::vector<std::future<std::stop_token>> asking;
    for (int i = 0; i < 3; ++i) asking.push_back(in_background([&group] { return group.stop_token(); }));
    group.set_event();
    for (auto& token : asking) EXPECT_TRUE(token.get().stop_requested());
  }
}

// Only the end of a std::stop_callback waits for its call.
TEST(stop_token, of_an_epoch_that_ends_holds_up_neither_the_reset_nor_the_next_token) {
  tg::group group("re-armed beside a call");
  gate inside, go_on;
  const std::stop_callback callback(group.stop_token(), [&] {
    inside.open();
    EXPECT_TRUE(go_on.wait());
  });
  auto setter = in_background([&group] { group.set_event(); });
  ASSERT_TRUE(inside.wait());
  auto resetter = in_background([&group] {
    const bool done = group.reset_event();
    return std::pair(done, group.stop_token());
  });
  ASSERT_TRUE(finishes(resetter));
  const auto [done, next] = resetter.get();
  EXPECT_TRUE(done);
  EXPECT_FALSE(next.stop_requested());
  go_on.open();
  setter.get();
  group.set_event();
  EXPECT_TRUE(next.stop_requested());
}

}  // namespace
