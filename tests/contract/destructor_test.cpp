// Promise: a group's destructor skips what is queued, sets the event (abandoned), waits for what runs, never
// throws; from inside the group's own tree it terminates. (group.h, Destructor)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace tg_test;

static_assert(std::is_nothrow_destructible_v<tg::group>);

tg::event_cause cause_of(tg::future<void>& of) {
  try {
    of.get();
  } catch (const tg::task_skipped& skipped) {
    return skipped.cause();
  }
  return tg::event_cause::none;
}

TEST(destructor, of_an_unused_group_does_nothing) {
  for (int i = 0; i < 1'000; ++i) const tg::group group("unused");
}

TEST(destructor, of_a_group_at_rest_sets_nothing) {
  std::optional<tg::group> group(std::in_place, "at rest");
  tg::group child(*group, "child");
  group->add_task([] {});
  expect_joins(*group, {.succeeded = 1});
  group.reset();
  EXPECT_FALSE(child.event().is_set());
}

class abandoned_queue : public testing::TestWithParam<tg::pending_policy> {};

TEST_P(abandoned_queue, is_skipped_whatever_the_policy) {
  std::atomic<int> ran{0};
  std::vector<tg::future<void>> futures;
  {
    tg::group group("abandoned", {.max_concurrent = 0, .on_event = GetParam()});
    for (int i = 0; i < 20; ++i) futures.push_back(group.submit([&] { ++ran; }));
    for (int i = 0; i < 20; ++i) group.add_task([&] { ++ran; });
  }
  for (auto& future : futures) {
    EXPECT_TRUE(future.ready());
    EXPECT_EQ(cause_of(future), tg::event_cause::abandoned);
  }
  EXPECT_EQ(ran, 0);
}

TEST_P(abandoned_queue, is_skipped_behind_a_running_task_that_is_waited_for) {
  std::atomic<int> ran{0};
  std::atomic<bool> ended{false};
  tg::event_state seen;
  std::uint64_t id = 0;
  std::vector<tg::future<void>> futures;
  {
    tg::group group("running", {.max_concurrent = 1, .on_event = GetParam()});
    id = group.id();
    std::atomic<bool> begun{false};
    group.add_task([&] {
      begun = true;
      EXPECT_FALSE(tg::this_task::event_aware_sleep(patience)) << "the destructor sets the event";
      seen = group.state();
      ended = true;
    });
    for (int i = 0; i < 20; ++i) futures.push_back(group.submit([&] { ++ran; }));
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
  }
  EXPECT_TRUE(ended);
  EXPECT_TRUE(seen.set);
  EXPECT_EQ(seen.cause, tg::event_cause::abandoned);
  EXPECT_EQ(seen.origin, id);
  for (auto& future : futures) EXPECT_EQ(cause_of(future), tg::event_cause::abandoned);
  EXPECT_EQ(ran, 0);
}

INSTANTIATE_TEST_SUITE_P(policies, abandoned_queue,
                         testing::Values(tg::pending_policy::skip, tg::pending_policy::run));

TEST(destructor, sets_the_event_of_descendants_when_tasks_were_left) {
  std::optional<tg::group> group(std::in_place, "left", tg::group_options{.max_concurrent = 0});
  tg::group child(*group, "child");
  const std::uint64_t id = group->id();
  group->add_task([] {});
  group.reset();
  EXPECT_TRUE(child.state().set);
  EXPECT_EQ(child.state().cause, tg::event_cause::abandoned);
  EXPECT_EQ(child.state().origin, id);
}

TEST(destructor, waits_for_a_task_that_ignores_the_event) {
  std::atomic<bool> ended{false};
  hold held;
  auto releaser = std::future<void>();
  {
    tg::group group("stubborn");
    group.add_task([&, stay = held.task()] {
      stay();
      ended = true;
    });
    ASSERT_TRUE(held.wait_entered(1));
    releaser = in_background([&, view = group.event()] {
      EXPECT_TRUE(eventually([&] { return view.is_set(); }));
      held.release();
    });
  }
  EXPECT_TRUE(ended);
  ASSERT_TRUE(finishes(releaser));
}

TEST(destructor, lets_own_tasks_add_and_skips_what_they_add) {
  std::atomic<int> ran{0};
  std::vector<tg::future<void>> futures;
  {
    tg::group group("adding", {.max_concurrent = 1, .max_pending = 3});
    std::atomic<bool> begun{false};
    group.add_task([&] {
      begun = true;
      EXPECT_FALSE(tg::this_task::event_aware_sleep(patience));
      for (int i = 0; i < 30; ++i) {
        futures.push_back(group.submit([&] { ++ran; }));
        EXPECT_NE(group.add_task([&] { ++ran; }), 0u);
      }
    });
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
  }
  ASSERT_EQ(futures.size(), 30u);
  for (auto& future : futures) {
    EXPECT_TRUE(future.ready());
    EXPECT_EQ(cause_of(future), tg::event_cause::abandoned);
  }
  EXPECT_EQ(ran, 0);
}

TEST(destructor, ends_while_own_tasks_add_without_pause) {
  for (int round = 0; round < 100; ++round) {
    std::atomic<bool> begun{false};
    std::function<void()> again;
    tg::group group("endless", {.max_concurrent = 3});
    again = [&] {
      begun = true;
      group.add_task([&] { again(); });
    };
    for (int i = 0; i < 3; ++i) group.add_task([&] { again(); });
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
  }
}

TEST(destructor, keeps_an_earlier_cause) {
  std::optional<tg::group> group(std::in_place, "set before",
                                 tg::group_options{.max_concurrent = 0, .on_event = tg::pending_policy::run});
  tg::group child(*group, "child");
  group->add_task([] {});
  group->set_event(tg::event_cause::requested);
  group.reset();
  EXPECT_EQ(child.state().cause, tg::event_cause::requested);
}

TEST(destructor, swallows_failures_that_nobody_asked_for) {
  std::atomic<int> threw{0};
  {
    tg::group group("failing");
    for (int i = 0; i < 10; ++i) {
      group.add_task([&] {
        ++threw;
        throw std::string("unheard");
      });
    }
    ASSERT_TRUE(eventually([&] { return threw == 10; }));
  }
  SUCCEED();
}

TEST(destructor, of_many_groups_at_once_on_many_threads) {
  std::vector<std::future<int>> threads;
  for (int t = 0; t < 4; ++t) {
    threads.push_back(in_background([] {
      std::atomic<int> outcomes{0};
      for (int i = 0; i < 500; ++i) {
        tg::future<void> last;
        {
          tg::group group("brief", {.max_concurrent = static_cast<std::uint32_t>(i % 3)});
          group.add_task([] {});
          last = group.submit([] {});
        }
        if (last.ready()) ++outcomes;
      }
      return outcomes.load();
    }));
  }
  for (auto& thread : threads) {
    ASSERT_TRUE(finishes(thread));
    EXPECT_EQ(thread.get(), 500) << "after the destructor every task has ended";
  }
}

// These children of the test program die on purpose.
class DestructorDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(DestructorDeathTest, from_an_own_task_terminates_and_names_the_group) {
  const auto destroy_inside = [] {
    auto* group = new tg::group("doomed by itself");
    group->add_task([group] { delete group; });
    static_cast<void>(group->join_for(patience));
  };
  EXPECT_DEATH(destroy_inside(), "doomed by itself");
}

TEST_F(DestructorDeathTest, from_a_descendants_task_terminates_and_names_the_group) {
  const auto destroy_from_below = [] {
    auto* group = new tg::group("doomed from below");
    tg::group middle(*group, "middle");
    tg::group low(middle, "low");
    low.add_task([group] { delete group; });
    static_cast<void>(low.join_for(patience));
  };
  EXPECT_DEATH(destroy_from_below(), "doomed from below");
}

TEST_F(DestructorDeathTest, of_an_idle_ancestor_terminates_too) {
  const auto destroy_idle = [] {
    auto* group = new tg::group("doomed though idle");
    tg::group child(*group, "child");
    hold held;
    child.add_task(held.task());
    child.add_task([group] { delete group; });
    static_cast<void>(child.join_for(patience));
  };
  EXPECT_DEATH(destroy_idle(), "doomed though idle");
}

}  // namespace
