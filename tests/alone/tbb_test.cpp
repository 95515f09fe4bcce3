// Promise: the library lives well with a program that uses oneTBB itself: parallel_for inside tasks, groups
// inside parallel_for, a global_control of the user's, oneTBB used first.
#include "tests/support/accounting.h"
#include "tests/support/fresh_process.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

namespace {

using namespace tg_test;

constexpr std::size_t sum_below(std::size_t end) { return end * (end - 1) / 2; }

std::size_t parallel_sum(std::size_t end) {
  return tbb::parallel_reduce(
      tbb::blocked_range<std::size_t>(0, end), std::size_t{0},
      [](const auto& range, std::size_t sum) {
        for (std::size_t i = range.begin(); i != range.end(); ++i) sum += i;
        return sum;
      },
      std::plus<>());
}

// As many tasks as workers, none of which says that it blocks, meet: each has a thread of its own.
bool all_workers_meet(tg::runtime& machinery, std::size_t workers) {
  tg::group group("meet", {.on = &machinery});
  std::atomic<std::size_t> inside{0};
  std::atomic<std::size_t> met{0};
  for (std::size_t i = 0; i < workers; ++i) {
    group.add_task([&] {
      ++inside;
      if (eventually([&] { return inside == workers; })) ++met;
    });
  }
  // A timed join runs no task on this thread.
  const tg::join_report report = group.join_for(patience * 2);
  return report.complete && report.succeeded == workers && met == workers;
}

int processors_of_this_thread() {
  cpu_set_t mine;
  return ::sched_getaffinity(0, sizeof mine, &mine) == 0 ? CPU_COUNT(&mine) : 0;
}

int first_processor_of_this_thread() {
  cpu_set_t mine;
  int cpu = 0;
  if (::sched_getaffinity(0, sizeof mine, &mine) != 0) return cpu;
  while (!CPU_ISSET(static_cast<std::size_t>(cpu), &mine)) ++cpu;
  return cpu;
}

// The threads that three tasks have run on, which are there at once.
std::set<std::thread::id> three_workers_of(tg::runtime& machinery) {
  tg::group group("pinned", {.on = &machinery});
  std::mutex mutex;
  std::set<std::thread::id> workers;
  for (int i = 0; i < 3; ++i) {
    group.add_task([&] {
      EXPECT_EQ(processors_of_this_thread(), 1);
      const auto all_are_there = [&] {
        const std::lock_guard lock(mutex);
        workers.insert(std::this_thread::get_id());
        return workers.size() == 3;
      };
      EXPECT_TRUE(eventually(all_are_there));
    });
  }
  EXPECT_TRUE(group.join_for(patience * 2).complete);  // a timed join runs no task on this thread
  return workers;
}

// True if a parallel algorithm of the program's own has met one of them.
bool meets_one_of(const std::set<std::thread::id>& workers, int processors) {
  std::atomic<bool> met{false};
  const auto look = [&](int) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (!workers.contains(std::this_thread::get_id())) return;
    EXPECT_EQ(processors_of_this_thread(), processors);
    met = true;
  };
  for (int i = 0; i < 20 && !met; ++i) tbb::parallel_for(0, 4, look, tbb::simple_partitioner());
  return met;
}

// oneTBB's threads are the program's as well: after their time as workers they may run where they could before. On a busy
// machine all three workers may be threads of the library's own, who came first; then once more.
TEST(tbb, its_threads_get_their_processors_back) {
  const int before = processors_of_this_thread();
  if (before < 2) GTEST_SKIP() << "with one processor nothing can be restricted";
  EXPECT_TRUE(eventually([&] {
    tg::runtime machinery(
        {.workers = 3, .linger = std::chrono::microseconds(0), .cpus = {first_processor_of_this_thread()}});
    return meets_one_of(three_workers_of(machinery), before);
  }));
}

TEST(tbb, parallel_algorithms_work_inside_tasks) {
  tg::group group("outer");
  constexpr std::size_t count = 50, end = 10'000;
  std::atomic<std::size_t> total{0};
  for (std::size_t i = 0; i < count; ++i) group.add_task([&total] { total += parallel_sum(end); });
  expect_joins(group, {.succeeded = count});
  EXPECT_EQ(total.load(), count * sum_below(end));
  expect_accounted(group, count);
}

TEST(tbb, a_parallel_for_inside_a_task_is_stopped_through_the_captured_event) {
  tg::group group("stopped");
  std::atomic<std::size_t> begun{0};
  std::atomic<std::size_t> stopped{0};
  group.add_task([&] {
    const tg::event_view event = tg::this_task::this_event();
    tbb::parallel_for(0, 64, [&](int) {
      ++begun;
      if (eventually([&] { return event.is_set(); })) ++stopped;
    });
  });
  EXPECT_TRUE(eventually([&] { return begun > 0; }));
  group.set_event();
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(stopped.load(), 64u);
}

TEST(tbb, groups_work_inside_parallel_for) {
  constexpr std::size_t bodies = 200, tasks = 10;
  std::atomic<std::size_t> ran{0};
  std::atomic<std::size_t> joined{0};
  tbb::parallel_for(std::size_t{0}, bodies, [&](std::size_t) {
    tg::group group("inner");
    for (std::size_t i = 0; i < tasks; ++i) group.add_task([&ran] { ++ran; });
    const tg::join_report report = group.join();
    EXPECT_EQ(report.succeeded, tasks);
    joined += report.succeeded + report.failed + report.skipped;
  });
  EXPECT_EQ(ran.load(), bodies * tasks);
  EXPECT_EQ(joined.load(), bodies * tasks);
}

TEST(tbb, both_nest_in_each_other) {
  tg::group outer("outer");
  static constexpr std::size_t count = 8, bodies = 8, tasks = 8;
  std::atomic<std::size_t> ran{0};
  for (std::size_t i = 0; i < count; ++i) {
    outer.add_task([&ran] {
      tbb::parallel_for(std::size_t{0}, bodies, [&](std::size_t) {
        tg::group inner("inner", {.parent = tg::parent_policy::detached});
        for (std::size_t k = 0; k < tasks; ++k)
          inner.add_task([&ran] { ran += parallel_sum(10) == 45 ? 1u : 0u; });
        EXPECT_EQ(inner.join().succeeded, tasks);
      });
    });
  }
  expect_joins(outer, {.succeeded = count});
  EXPECT_EQ(ran.load(), count * bodies * tasks);
}

TEST(tbb, groups_work_inside_the_users_own_arena_and_task_group) {
  tbb::task_arena arena(2);
  std::atomic<std::size_t> ran{0};
  arena.execute([&] {
    tbb::task_group users;
    for (int i = 0; i < 20; ++i) {
      users.run([&ran] {
        tg::group group("inner");
        for (int k = 0; k < 5; ++k) group.add_task([&ran] { ++ran; });
        EXPECT_EQ(group.join().succeeded, 5u);
      });
    }
    users.wait();
  });
  EXPECT_EQ(ran.load(), 100u);
}

TEST(tbb, a_parallel_for_outside_is_not_starved_by_idle_workers) {
  tg::group group("before");
  for (int i = 0; i < 100; ++i) group.add_task([] {});
  expect_joins(group, {.succeeded = 100});
  EXPECT_EQ(parallel_sum(100'000), sum_below(100'000));
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
}

class tbb_control : public fresh_process {};

TEST_F(tbb_control, of_the_user_that_allows_two_threads_takes_no_worker_away) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
    tg::runtime machinery({.workers = 6});
    return holds(all_workers_meet(machinery, 6), "six workers meet") &&
           holds(machinery.stats().workers == 6, "six workers are reported");
  });
}

TEST_F(tbb_control, of_the_user_that_allows_one_thread_takes_no_worker_away) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    tg::runtime machinery({.workers = 3});
    return holds(all_workers_meet(machinery, 3), "three workers meet");
  });
}

TEST_F(tbb_control, may_be_made_while_groups_are_at_work) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime machinery({.workers = 4});
    bool all = holds(all_workers_meet(machinery, 4), "four workers meet before");
    {
      const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
      all = holds(all_workers_meet(machinery, 4), "four workers meet meanwhile") && all;
    }
    return holds(all_workers_meet(machinery, 4), "four workers meet afterwards") && all;
  });
}

TEST_F(tbb_control, that_was_used_first_leaves_the_workers_their_number) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const bool summed = parallel_sum(100'000) == sum_below(100'000);
    tg::runtime machinery({.workers = 6});
    return holds(summed, "oneTBB works") && holds(all_workers_meet(machinery, 6), "six workers meet") &&
           holds(parallel_sum(100'000) == sum_below(100'000), "oneTBB still works");
  });
}

}  // namespace
