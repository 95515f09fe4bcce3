// Promise: an untimed join inside a task runs that group's queued tasks and no other's; timed waits run none;
// a join that would wait for itself is refused. (group.h, join)
#include "tests/support/accounting.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// What this thread waits for, while it does.
thread_local const tg::group* joined_here = nullptr;
thread_local bool waits_here = false;

void expect_would_deadlock(tg::group& group) {
  EXPECT_THROW(static_cast<void>(group.join()), tg::would_deadlock) << group.name();
  EXPECT_THROW(static_cast<void>(group.join_for(patience)), tg::would_deadlock) << group.name();
  EXPECT_THROW(static_cast<void>(group.join_until(std::chrono::steady_clock::time_point::max())),
               tg::would_deadlock)
      << group.name();
}

TEST(join_from_inside, by_an_own_task_is_refused) {
  tg::group group("own");
  for (int i = 0; i < 10; ++i) group.add_task([&] { expect_would_deadlock(group); });
  expect_joins(group, {.succeeded = 10});
  expect_accounted(group, 10);
}

TEST(join_from_inside, by_a_descendants_task_is_refused_however_deep) {
  tg::group root("root");
  root.add_task([&] {
    tg::group child("child");
    child.add_task([&] {
      tg::group grandchild("grandchild");
      grandchild.add_task([&] {
        expect_would_deadlock(root);
        expect_would_deadlock(child);
        expect_would_deadlock(grandchild);
      });
      EXPECT_EQ(grandchild.join().succeeded, 1u);
    });
    EXPECT_EQ(child.join().succeeded, 1u);
  });
  expect_joins(root, {.succeeded = 1});
  expect_accounted(root, 1);
}

TEST(join_from_inside, by_a_descendant_with_an_explicit_parent_is_refused) {
  tg::group idle("idle");
  tg::group middle(idle, "middle");
  tg::group low(middle, "low");
  low.add_task([&] { expect_would_deadlock(idle); });
  expect_joins(low, {.succeeded = 1});
  expect_accounted(low, 1);
}

TEST(join_from_inside, says_which_group_it_was) {
  tg::group group("the one meant");
  auto message = group.submit([&]() -> std::unique_ptr<std::string> {
    try {
      static_cast<void>(group.join());
    } catch (const tg::would_deadlock& error) {
      return std::make_unique<std::string>(error.what());
    }
    return nullptr;
  });
  const auto text = message.get();
  ASSERT_NE(text, nullptr);
  EXPECT_NE(text->find("the one meant"), std::string::npos) << *text;
  expect_joins(group, {.succeeded = 1});
}

TEST(join_from_inside, of_children_siblings_and_strangers_is_allowed) {
  tg::group root("root"), stranger("stranger");
  tg::group first(root, "first"), second(root, "second");
  first.add_task([&] {
    second.add_task([] {});
    EXPECT_TRUE(second.join().complete);
    stranger.add_task([] {});
    EXPECT_TRUE(stranger.join().complete);
  });
  root.add_task([&] { EXPECT_TRUE(first.join().complete); });
  expect_joins(root, {.succeeded = 1});
  expect_accounted(first, 1);
  expect_accounted(second, 1);
  expect_accounted(stranger, 1);
}

TEST(join_from_inside, by_a_detached_groups_task_polls_the_outer_group) {
  tg::group outer("outer");
  outer.add_task([&] {
    tg::group detached("detached", {.parent = tg::parent_policy::detached});
    detached.add_task([&] { EXPECT_FALSE(outer.join_for(0s).complete) << "the outer task still runs"; });
    EXPECT_EQ(detached.join().succeeded, 1u);
  });
  expect_joins(outer, {.succeeded = 1});
  expect_accounted(outer, 1);
}

TEST(helping_join, runs_the_tasks_itself_when_no_worker_is_left) {
  tg::runtime alone({.workers = 1, .max_blocked = 0});
  tg::group outer("outer", {.on = &alone});
  std::atomic<int> ran{0};
  outer.add_task([&] {
    tg::group inner("inner");
    for (int i = 0; i < 100; ++i) inner.add_task([&] { ++ran; });
    EXPECT_EQ(inner.join().succeeded, 100u);
  });
  expect_joins(outer, {.succeeded = 1});
  EXPECT_EQ(ran, 100);
  expect_accounted(outer, 1);
}

TEST(helping_join, inside_a_task_runs_no_stranger) {
  tg::group strangers("strangers"), outer("outer");
  std::atomic<bool> done{false};
  std::atomic<int> intruders{0}, strangers_run{0};
  const auto stranger = [&] {
    if (joined_here != nullptr) ++intruders;
    ++strangers_run;
  };
  std::function<void()> keep_coming = [&] {
    stranger();
    if (!done) strangers.add_task([&] { keep_coming(); });
  };
  for (int i = 0; i < 4; ++i) strangers.add_task([&] { keep_coming(); });
  std::atomic<int> inner_run{0};
  for (int i = 0; i < 200; ++i) {
    outer.add_task([&] {
      tg::group inner("inner", {.max_concurrent = 2});
      for (int n = 0; n < 10; ++n) {
        inner.add_task([&] {
          if (joined_here != nullptr && joined_here != &inner) ++intruders;
          ++inner_run;
          std::this_thread::yield();
        });
      }
      joined_here = &inner;
      EXPECT_EQ(inner.join().succeeded, 10u);
      joined_here = nullptr;
    });
  }
  EXPECT_TRUE(outer.join_for(patience).complete);
  done = true;
  EXPECT_TRUE(strangers.join_for(patience).complete);
  EXPECT_EQ(intruders, 0);
  EXPECT_EQ(inner_run, 2'000);
  expect_accounted(outer, 200);
  expect_accounted(strangers, static_cast<std::size_t>(strangers_run));
}

// Timed joins, wait_for_condition and futures run no task on the waiting thread, inside a task or outside.
struct waiting_call {
  const char* name;
  std::function<void(tg::group&)> wait;
};

void PrintTo(const waiting_call& which, std::ostream* out) { *out << which.name; }

const waiting_call waiting_calls[]{
    {"join_for", [](tg::group& group) { EXPECT_TRUE(group.join_for(patience).complete); }},
    {"join_until",
     [](tg::group& group) {
       EXPECT_TRUE(group.join_until(std::chrono::steady_clock::time_point::max()).complete);
     }},
    {"wait_for_condition",
     [](tg::group& group) {
       EXPECT_EQ(group.wait_for_condition([] { return false; }, patience), tg::condition::drained);
     }},
    {"future_get", [](tg::group& group) { group.submit([] {}).get(); }},
    {"future_wait_for", [](tg::group& group) { EXPECT_TRUE(group.submit([] {}).wait_for(patience)); }},
};

class plain_wait : public testing::TestWithParam<waiting_call> {
 protected:
  // Fills the group, waits, and counts the tasks that ran on the waiting thread.
  void fill_and_wait(tg::group& group) {
    for (int i = 0; i < 300; ++i) {
      group.add_task([this] {
        if (waits_here) ++intruders_;
      });
    }
    waits_here = true;
    GetParam().wait(group);
    waits_here = false;
    EXPECT_TRUE(group.join_for(patience).complete);
  }
  std::atomic<int> intruders_{0};
};

TEST_P(plain_wait, outside_a_task_runs_none) {
  tg::group group("outside", {.max_concurrent = 2});
  for (int i = 0; i < 20; ++i) fill_and_wait(group);
  EXPECT_EQ(intruders_, 0);
  EXPECT_EQ(group.stats().failed + group.stats().skipped, 0u);
  EXPECT_EQ(group.stats().pending + group.stats().running, 0u);
}

TEST_P(plain_wait, inside_a_task_runs_none) {
  tg::group outer("outer");
  for (int i = 0; i < 20; ++i) {
    outer.add_task([this] {
      tg::group inner("inner", {.max_concurrent = 2});
      fill_and_wait(inner);
    });
  }
  expect_joins(outer, {.succeeded = 20});
  EXPECT_EQ(intruders_, 0);
  expect_accounted(outer, 20);
}

INSTANTIATE_TEST_SUITE_P(calls, plain_wait, testing::ValuesIn(waiting_calls),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
