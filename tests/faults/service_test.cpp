// No memory on the library's own threads, which have nobody to tell: workers turn back and are called again, the
// service thread looks again later, and what was asked for happens.
#include "tests/faults/injection/memory.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// More than such a thread asks for memory before it has done all that it has to.
constexpr std::size_t enough = 40;

// run(n), for every n up to enough; which of them are met is the threads' affair.
template <class Run>
void for_many_n(Run run) {
  std::size_t met = 0;
  testing::internal::CaptureStderr();
  for (std::size_t n = 1; n <= enough && !testing::Test::HasFailure(); ++n) {
    SCOPED_TRACE("call " + std::to_string(n) + " fails");
    met += run(n) ? 1u : 0u;
  }
  testing::internal::GetCapturedStderr();
  print_reached("runs in which a call failed", met);
  EXPECT_GT(met, 0u);
}

// Gives other threads the time to come and to ask.
void let_strike(const failing& call) {
  static_cast<void>(eventually([&] { return call.has_struck(); }, 20ms));
}

// The n-th time, or from then on until the test says otherwise.
class memory_elsewhere : public testing::TestWithParam<std::size_t> {
 protected:
  static bool comes_back() { return GetParam() == for_good; }
};

TEST_P(memory_elsewhere, fails_for_workers_that_come_and_every_task_runs) {
  for_many_n([](std::size_t n) {
    tg::runtime_options options = little_of_everything();
    options.workers = 2;
    small_runtime machinery(options);
    tg::group group("tasks", machinery.with_limit(3));
    bool struck = false;
    {
      const failing call(memory, n, whose::other_threads, GetParam());
      for (int i = 0; i < 50; ++i) group.add_task([] {});
      let_strike(call);
      // There may be no worker now: the joiner does it.
      if (comes_back()) {
        EXPECT_EQ(group.join().succeeded, 50u);
      } else {
        expect_joins(group, {.succeeded = 50});
      }
      struck = call.has_struck();
    }
    group.add_task([] {});
    expect_joins(group, {.succeeded = 1});
    machinery.expect_works();
    return struck;
  });
}

TEST_P(memory_elsewhere, fails_while_tasks_block_and_others_go_on) {
  for_many_n([](std::size_t n) {
    small_runtime machinery;
    tg::group sleepers("sleepers", machinery.with_limit(2));
    bool struck = false;
    std::atomic<int> begun{0};
    {
      const failing call(memory, n, whose::other_threads, GetParam());
      for (int i = 0; i < 2; ++i) {
        sleepers.add_task([&begun] {
          ++begun;
          tg::this_task::event_aware_sleep(1h);
        });
      }
      tg::group others("others", machinery.with_limit(1));
      others.add_task([] {});
      let_strike(call);
      EXPECT_EQ(others.join().succeeded, 1u);
      struck = call.has_struck();
    }
    EXPECT_TRUE(eventually([&] { return begun == 2; }));
    sleepers.set_event();
    expect_joins(sleepers, {.succeeded = 2});
    return struck;
  });
}

TEST_P(memory_elsewhere, fails_and_deadlines_and_their_callbacks_come_once_there_is_some) {
  for_many_n([](std::size_t n) {
    small_runtime machinery;
    std::deque<tg::group> groups;
    std::deque<std::stop_token> tokens;
    bool struck = false;
    {
      const failing call(memory, n, whose::other_threads, GetParam());
      for (int i = 0; i < 200; ++i) {
        groups.emplace_back("due", tg::group_options{.max_concurrent = 0,
                                                     .deadline = std::chrono::steady_clock::now() + 1ms,
                                                     .on = &*machinery});
        tokens.push_back(groups.back().stop_token());
        groups.back().add_task([] {});
      }
      let_strike(call);
      struck = call.has_struck();
    }
    for (const std::stop_token& token : tokens) {
      EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
    }
    for (tg::group& group : groups) {
      EXPECT_EQ(group.state().cause, tg::event_cause::deadline);
      expect_joins(group, {.skipped = 1});
    }
    return struck;
  });
}

TEST_P(memory_elsewhere, fails_and_callbacks_follow_a_signal_safe_set_once_there_is_some) {
  for_many_n([](std::size_t n) {
    small_runtime machinery;
    tg::group group("set", machinery.with_limit(0));
    std::atomic<int> calls{0};
    const tg::event_callback callback(group, [&] { ++calls; });
    group.add_task([] {});
    bool struck = false;
    {
      const failing call(memory, n, whose::other_threads, GetParam());
      group.set_event_from_signal();
      let_strike(call);
      struck = call.has_struck();
    }
    EXPECT_TRUE(eventually([&] { return calls == 1; }));
    expect_joins(group, {.skipped = 1});
    return struck;
  });
}

INSTANTIATE_TEST_SUITE_P(memory, memory_elsewhere, testing::Values(std::size_t{1}, for_good),
                         [](const auto& tested) { return tested.param == 1 ? "once" : "for_a_while"; });

// The errand's record has to be grown for, and there is no memory.
TEST(callbacks_of_a_deadline, wait_for_memory_for_their_errand) {
  small_runtime machinery;
  tg::group holds_records("holds", machinery.with_limit(0));
  while (holds_records.try_add_task([] {})) {
  }
  tg::group due("due", {.deadline = std::chrono::steady_clock::now() + 20ms, .on = &*machinery});
  std::atomic<int> calls{0};
  const tg::event_callback callback(due, [&] { ++calls; });
  {
    const failing call(memory, 1, whose::other_threads, for_good);
    EXPECT_TRUE(eventually([&] { return due.event().is_set(); }));
    EXPECT_TRUE(eventually([&] { return call.has_struck(); }));
    EXPECT_EQ(calls.load(), 0);
  }
  EXPECT_TRUE(eventually([&] { return calls == 1; }));
  holds_records.set_event();
  EXPECT_TRUE(holds_records.join_for(patience).complete);
}

// The tasks that are to be skipped have all the records, so that there is none for the errand: a worker comes.
TEST(tasks_past_a_deadline, are_skipped_though_they_have_all_the_records) {
  small_runtime machinery;
  tg::group busy("busy", machinery.with_limit(1));
  hold held;
  busy.add_task(held.task());
  ASSERT_TRUE(held.wait_entered(1));
  tg::group_options options = machinery.with_limit(0);
  options.deadline = std::chrono::steady_clock::now() + 20ms;
  tg::group due("due", options);
  due.add_task([] {});
  while (due.try_add_task([] {})) {
  }
  {
    const failing call(memory, 1, whose::other_threads, for_good);
    EXPECT_TRUE(eventually([&] { return due.event().is_set() && call.has_struck(); }));
    std::this_thread::sleep_for(
        50ms);  // the service thread goes on after the failed call, while the worker is there
    held.release();
    EXPECT_TRUE(due.join_for(patience).complete);
  }
  expect_joins(busy, {.succeeded = 1});
}

}  // namespace
