// Promise: wait_for_condition looks at its predicate when it should, on the calling thread, and returns the
// first of met, event_set, drained, timed_out that holds. (group.h, wait_for_condition)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tg::condition;

const auto never = [] { return false; };
const auto always = [] { return true; };

// A group with a task inside, so that it is not drained.
class busy_group : public testing::Test {
 protected:
  void SetUp() override {
    group_.add_task(held_.task());
    ASSERT_TRUE(held_.wait_entered(1));
  }
  void TearDown() override {
    held_.release();
    EXPECT_TRUE(group_.join_for(patience).complete);
    expect_accounted(group_, added_);
    EXPECT_EQ(group_.stats().failed, 0u);
  }
  std::size_t added_ = 1;
  tg::group group_{"busy"};
  hold held_;
};

class condition_met : public busy_group {};
class condition_wait : public busy_group {};
class condition_look : public busy_group {};
class condition_predicate : public busy_group {};

TEST_F(condition_met, sets_the_event_of_the_group_and_its_descendants) {
  tg::group child(group_, "child");
  tg::group grandchild(child, "grandchild");
  EXPECT_EQ(group_.wait_for_condition(always, patience), condition::met);
  for (const tg::group* reached : {&group_, &child, &grandchild}) {
    EXPECT_TRUE(reached->event().is_set());
    EXPECT_EQ(reached->state().cause, tg::event_cause::condition_met);
    EXPECT_EQ(reached->state().origin, group_.id());
  }
}

TEST_F(condition_met, leaves_an_earlier_cause) {
  group_.set_event(tg::event_cause::requested);
  EXPECT_EQ(group_.wait_for_condition(always, patience), condition::met) << "met goes before event_set";
  EXPECT_EQ(group_.state().cause, tg::event_cause::requested);
}

TEST_F(condition_met, goes_before_timed_out) {
  for (const auto timeout : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
    EXPECT_EQ(group_.wait_for_condition(always, timeout), condition::met);
  }
}

TEST(condition_met_at_rest, goes_before_drained) {
  tg::group group("at rest");
  EXPECT_EQ(group.wait_for_condition(always, 0s), condition::met);
  EXPECT_TRUE(group.event().is_set());
}

TEST_F(condition_wait, ends_as_event_set_when_the_event_is_set_before) {
  group_.set_event();
  EXPECT_EQ(group_.wait_for_condition(never, patience), condition::event_set);
  EXPECT_EQ(group_.wait_for_condition(never, 0s), condition::event_set) << "event_set goes before timed_out";
}

TEST(condition_wait_at_rest, ends_as_drained_and_event_set_goes_before) {
  tg::group group("at rest");
  EXPECT_EQ(group.wait_for_condition(never, patience), condition::drained);
  EXPECT_EQ(group.wait_for_condition(never, 0s), condition::drained) << "drained goes before timed_out";
  EXPECT_EQ(group.wait_for_condition(never, -1h), condition::drained);
  EXPECT_FALSE(group.event().is_set()) << "only met sets it";
  group.set_event();
  EXPECT_EQ(group.wait_for_condition(never, patience), condition::event_set);
}

TEST_F(condition_wait, ends_as_timed_out) {
  EXPECT_EQ(group_.wait_for_condition(never, 0s), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, -1h), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, 3ms), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, std::chrono::duration<double>(0.003)), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, 3ms, std::chrono::hours::max()), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, 3ms, 0ns), condition::timed_out);
  EXPECT_EQ(group_.wait_for_condition(never, 3ms, -1s), condition::timed_out);
  EXPECT_FALSE(group_.event().is_set()) << "only met sets it";
}

TEST_F(condition_wait, ends_when_the_event_is_set_meanwhile) {
  auto waiter =
      in_background([&] { return group_.wait_for_condition(never, std::chrono::hours::max(), 1h); });
  EXPECT_TRUE(stays([&] { return waiter.wait_for(0s) != std::future_status::ready; }, 5ms));
  group_.set_event();
  ASSERT_TRUE(finishes(waiter));
  EXPECT_EQ(waiter.get(), condition::event_set);
}

TEST_F(condition_wait, ends_when_an_ancestors_event_is_set_meanwhile) {
  tg::group child(group_, "child", {.max_concurrent = 0});
  child.add_task([] {});
  auto waiter = in_background([&] {
    return child.wait_for_condition(
        never, std::chrono::duration<double>(std::numeric_limits<double>::infinity()), 1h);
  });
  group_.set_event();
  ASSERT_TRUE(finishes(waiter));
  EXPECT_EQ(waiter.get(), condition::event_set);
}

TEST_F(condition_wait, ends_as_drained_with_the_last_task) {
  auto waiter =
      in_background([&] { return group_.wait_for_condition(never, std::chrono::nanoseconds::max(), 1h); });
  EXPECT_TRUE(stays([&] { return waiter.wait_for(0s) != std::future_status::ready; }, 5ms));
  held_.release();
  ASSERT_TRUE(finishes(waiter));
  EXPECT_EQ(waiter.get(), condition::drained);
}

// The predicate provides the work that it waits for, the first of it at the look before the wait would end.
TEST(condition_wait_at_rest, is_not_drained_by_what_its_predicate_adds) {
  constexpr int tasks = 5;
  tg::group group("fed by its predicate");
  int looks_at_rest = 0;
  int added = 0;
  std::atomic<int> ended{0};
  // Two looks at a group at rest: the first of them makes the wait end, the second is the last before it does.
  const auto feed = [&] {
    const tg::group_stats now = group.stats();
    const bool at_rest = now.running == 0 && now.pending == 0;
    if (at_rest && ++looks_at_rest % 2 == 0 && added < tasks) {
      ++added;
      group.add_task([&] {
        tg::this_task::event_aware_sleep(1ms);
        ++ended;
      });
    }
    return ended == tasks;
  };
  EXPECT_EQ(group.wait_for_condition(feed, patience, 1h), condition::met);
  EXPECT_EQ(ended, tasks);
  EXPECT_TRUE(group.join_for(patience).complete);
}

TEST(condition_wait_at_rest, ends_as_timed_out_when_its_predicate_adds_for_ever) {
  tg::group group("fed without end", {.max_concurrent = 0});
  const auto feed = [&] {
    group.clear_pending_tasks();
    group.add_task([] {});
    return false;
  };
  EXPECT_EQ(group.wait_for_condition(feed, 3ms), condition::timed_out);
  group.clear_pending_tasks();
  int looks = 0;
  const auto late = [&] {
    if (++looks == 2) group.add_task([] {});
    return false;
  };
  EXPECT_EQ(group.wait_for_condition(late, 0s), condition::timed_out);
  EXPECT_EQ(group.stats().pending, 1u);
  group.clear_pending_tasks();
}

TEST_F(condition_wait, by_several_threads_ends_for_all) {
  std::atomic<bool> flag{false};
  std::vector<std::future<condition>> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.push_back(in_background([&] {
      return group_.wait_for_condition([&] { return flag.load(); }, std::chrono::hours::max(), 1h);
    }));
  }
  flag = true;
  group_.notify();
  for (auto& waiter : waiters) {
    ASSERT_TRUE(finishes(waiter));
    EXPECT_EQ(waiter.get(), condition::met);
  }
}

TEST(condition_wait_inside, by_an_own_task_counts_the_caller_as_running) {
  tg::group own("own");
  own.add_task([&] { EXPECT_EQ(own.wait_for_condition(never, 2ms), condition::timed_out); });
  expect_joins(own, {.succeeded = 1});
}

TEST(condition_look_at_an_end, of_a_task_happens_at_once) {
  for (int i = 0; i < 200; ++i) {
    tg::group group("ends");
    hold held;
    group.add_task(held.task());
    std::atomic<bool> flag{false};
    group.add_task([&] { flag = true; });
    ASSERT_EQ(group.wait_for_condition([&] { return flag.load(); }, patience, 1h), condition::met);
    held.release();
    ASSERT_TRUE(group.join_for(patience).complete);
    expect_accounted(group, 2);
  }
}

TEST_F(condition_look, happens_on_notify) {
  std::atomic<bool> flag{false};
  ++added_;
  group_.add_task([&] {
    flag = true;
    group_.notify();
    EXPECT_FALSE(tg::this_task::event_aware_sleep(patience)) << "met sets the event";
  });
  EXPECT_EQ(group_.wait_for_condition([&] { return flag.load(); }, patience, 1h), condition::met);
}

TEST(condition_notified, from_any_thread_is_looked_at) {
  for (int i = 0; i < 200; ++i) {
    tg::group group("notified", {.max_concurrent = 0});
    group.add_task([] {});
    std::atomic<bool> flag{false};
    auto notifier = in_background([&] {
      flag = true;
      group.notify();
    });
    ASSERT_EQ(group.wait_for_condition([&] { return flag.load(); }, patience, 1h), condition::met);
    ASSERT_TRUE(finishes(notifier));
    expect_joins(group, {.skipped = 1});
  }
}

TEST_F(condition_look, happens_at_least_every_poll) {
  std::atomic<bool> flag{false};
  auto waiter =
      in_background([&] { return group_.wait_for_condition([&] { return flag.load(); }, patience, 1ms); });
  EXPECT_TRUE(stays([&] { return waiter.wait_for(0s) != std::future_status::ready; }, 5ms));
  flag = true;
  ASSERT_TRUE(finishes(waiter));
  EXPECT_EQ(waiter.get(), condition::met);
}

// True at the second look and later.
struct second_look {
  int looks = 0;
  bool operator()() { return ++looks >= 2; }
};

TEST_F(condition_look, happens_once_more_after_another_reason_was_seen) {
  EXPECT_EQ(group_.wait_for_condition(second_look{}, 0s, 1h), condition::met) << "after the time-out";
  EXPECT_EQ(group_.wait_for_condition(second_look{}, patience, 1h), condition::met) << "after the event";
  tg::group empty("empty");
  EXPECT_EQ(empty.wait_for_condition(second_look{}, patience, 1h), condition::met) << "after the end";
}

TEST(condition_made_true, before_the_event_is_set_is_never_missed) {
  for (int i = 0; i < 300; ++i) {
    tg::group group("race", {.max_concurrent = 0});
    group.add_task([] {});
    std::atomic<bool> flag{false};
    auto setter = in_background([&] {
      flag = true;
      group.set_event();
    });
    ASSERT_EQ(group.wait_for_condition([&] { return flag.load(); }, patience, 1h), condition::met);
    ASSERT_TRUE(finishes(setter));
    expect_joins(group, {.skipped = 1});
  }
}

TEST(condition_made_true, by_the_last_task_is_never_missed) {
  for (int i = 0; i < 2'000; ++i) {
    tg::group group("last");
    bool plain = false;
    std::atomic<bool> flag{false};
    group.add_task([&] {
      plain = true;
      flag = true;
    });
    ASSERT_EQ(group.wait_for_condition([&] { return flag.load(); }, patience, 1h), condition::met);
    ASSERT_TRUE(group.join_for(patience).complete);
    ASSERT_TRUE(plain);
  }
}

TEST_F(condition_predicate, runs_on_the_calling_thread_only) {
  std::atomic<int> looks{0}, elsewhere{0};
  const auto here = std::this_thread::get_id();
  for (int i = 0; i < 200; ++i) group_.add_task([] {});
  added_ += 200;
  EXPECT_EQ(group_.wait_for_condition(
                [&] {
                  if (std::this_thread::get_id() != here) ++elsewhere;
                  return ++looks > 20;
                },
                patience, 1ms),
            condition::met);
  EXPECT_EQ(elsewhere, 0);
}

TEST_F(condition_predicate, that_throws_leaves_the_call_and_changes_nothing) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_THROW(group_.wait_for_condition([]() -> bool { throw std::runtime_error("predicate"); }, patience),
                 std::runtime_error);
  }
  int looks = 0;
  EXPECT_THROW(group_.wait_for_condition(
                   [&]() -> bool {
                     if (++looks == 3) throw 1;
                     return false;
                   },
                   patience, 1ms),
               int);
  EXPECT_FALSE(group_.event().is_set());
  EXPECT_EQ(group_.stats().running, 1u);
  EXPECT_EQ(group_.wait_for_condition(always, patience), condition::met) << "the group goes on";
}

TEST_F(condition_predicate, may_call_the_group) {
  int looks = 0;
  EXPECT_EQ(group_.wait_for_condition(
                [&] {
                  group_.add_task([] {});
                  ++added_;
                  group_.notify();
                  static_cast<void>(group_.stats());
                  group_.set_max_concurrent(2);
                  return ++looks > 50;
                },
                patience, 1h),
            condition::met);
  EXPECT_EQ(looks, 51);
}

TEST_F(condition_predicate, may_set_the_event_itself) {
  int looks = 0;
  EXPECT_EQ(group_.wait_for_condition(
                [&] {
                  ++looks;
                  group_.set_event(tg::event_cause::shutdown);
                  return false;
                },
                patience, 1h),
            condition::event_set);
  EXPECT_GE(looks, 2) << "once, and once more after the event was seen";
  EXPECT_EQ(group_.state().cause, tg::event_cause::shutdown);
}

TEST_F(condition_predicate, may_be_anything_that_can_be_called) {
  EXPECT_EQ(group_.wait_for_condition([held = std::make_unique<bool>(true)] { return *held; }, patience),
            condition::met);
  struct truthy {
    explicit operator bool() const { return true; }
  };
  EXPECT_EQ(group_.wait_for_condition([] { return truthy{}; }, patience), condition::met);
  second_look changed;
  EXPECT_EQ(group_.wait_for_condition(std::ref(changed), patience), condition::met);
  EXPECT_EQ(changed.looks, 2);
  bool (*pointer)() = [] { return true; };
  EXPECT_EQ(group_.wait_for_condition(pointer, patience), condition::met);
  EXPECT_EQ(group_.wait_for_condition(*pointer, patience), condition::met);
}

}  // namespace
