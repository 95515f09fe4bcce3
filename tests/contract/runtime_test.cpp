// Promise: explicit runtimes are independent, report what was really obtained, grow their pools when they
// have to, and may not be destroyed before their groups. (runtime.h)
#include "tests/support/accounting.h"
#include "tests/support/fresh_process.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

TEST(runtime, instance_is_always_the_same) {
  tg::runtime& first = tg::runtime::instance();
  tg::group group("default");
  group.add_task([&first] { EXPECT_EQ(&tg::runtime::instance(), &first); });
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(&tg::runtime::instance(), &first);
}

TEST(runtime, runs_the_tasks_of_its_groups_beside_others) {
  tg::runtime first({.workers = 1});
  tg::runtime second({.workers = 2});
  tg::group on_first("first", {.on = &first});
  tg::group on_second("second", {.on = &second});
  tg::group on_default("default");
  std::atomic<int> ran{0};
  for (tg::group* group : {&on_first, &on_second, &on_default}) {
    for (int i = 0; i < 1'000; ++i) group->add_task([&ran] { ++ran; });
  }
  for (tg::group* group : {&on_first, &on_second, &on_default}) {
    expect_joins(*group, {.succeeded = 1'000});
    expect_accounted(*group, 1'000);
  }
  EXPECT_EQ(ran.load(), 3'000);
}

TEST(runtime, may_be_made_and_destroyed_again_and_again) {
  for (int round = 0; round < 30; ++round) {
    tg::runtime machinery({.workers = 2, .task_records = 64, .group_records = 8});
    tg::group group("short", {.on = &machinery});
    for (int i = 0; i < 10; ++i) group.add_task([] {});
    expect_joins(group, {.succeeded = 10});
  }
}

TEST(runtime, may_be_destroyed_without_having_been_used) {
  for (int round = 0; round < 10; ++round) {
    const tg::runtime machinery({.workers = 4});
    EXPECT_EQ(machinery.stats().workers, 4u);
  }
}

TEST(runtime, reports_what_its_options_asked_for) {
  tg::runtime machinery({.workers = 3, .max_blocked = 5, .task_records = 1'000, .group_records = 100});
  machinery.prewarm();
  const tg::runtime_stats stats = machinery.stats();
  EXPECT_EQ(stats.workers, 3u);
  EXPECT_EQ(stats.blocked_cap, 5u);
  EXPECT_EQ(stats.blocked, 0u);
  EXPECT_EQ(stats.cap_reached, 0u);
  EXPECT_GE(stats.task_records, 1'000u);
  EXPECT_GE(stats.group_records, 100u);
  EXPECT_EQ(stats.task_records_grown, 0u);
  EXPECT_EQ(stats.group_records_grown, 0u);
  EXPECT_EQ(stats.task_records_in_use, 0u);
}

TEST(runtime, really_has_as_many_workers_as_it_reports) {
  constexpr std::size_t workers = 5;
  tg::runtime machinery({.workers = workers});
  tg::group group("together", {.on = &machinery});
  std::atomic<std::size_t> inside{0};
  // None of them says that it blocks: they can only meet if each has a worker of its own.
  for (std::size_t i = 0; i < workers; ++i) {
    group.add_task([&inside] {
      ++inside;
      EXPECT_TRUE(eventually([&] { return inside == workers; }));
    });
  }
  expect_joins(group, {.succeeded = workers});
}

TEST(runtime, prewarm_may_be_called_at_any_time) {
  tg::runtime machinery({.workers = 2, .task_records = 2'000});
  tg::group group("warm", {.on = &machinery});
  for (int round = 0; round < 3; ++round) {
    machinery.prewarm();
    for (int i = 0; i < 100; ++i) group.add_task([] {});
    machinery.prewarm();
    expect_joins(group, {.succeeded = 100});
  }
}

TEST(runtime, counts_the_records_in_use) {
  tg::runtime machinery({.workers = 1});
  tg::group paused("paused", {.max_concurrent = 0, .on = &machinery});
  const auto groups_before = machinery.stats().group_records_in_use;
  std::vector<std::unique_ptr<tg::group>> groups;
  for (int i = 0; i < 50; ++i) {
    groups.push_back(std::make_unique<tg::group>("one", tg::group_options{.on = &machinery}));
  }
  EXPECT_EQ(machinery.stats().group_records_in_use, groups_before + 50);
  for (int i = 0; i < 70; ++i) paused.add_task([] {});
  EXPECT_EQ(machinery.stats().task_records_in_use, 70u);
  groups.clear();
  paused.set_event();
  expect_joins(paused, {.skipped = 70});
  EXPECT_EQ(machinery.stats().task_records_in_use, 0u);
  EXPECT_EQ(machinery.stats().group_records_in_use, groups_before);
}

TEST(runtime, grows_its_task_records_in_counted_steps_and_try_add_refuses_instead) {
  constexpr std::size_t sized_for = 100;
  tg::runtime machinery({.workers = 1, .task_records = sized_for});
  tg::group group("many", {.max_concurrent = 0, .on = &machinery});
  std::size_t added = 0;
  while (group.try_add_task([] {})) ++added;
  EXPECT_GT(added, 0u);
  EXPECT_LE(added, machinery.stats().task_records);
  EXPECT_EQ(machinery.stats().task_records_grown, 0u) << "try_add_task made the pool grow";
  for (std::size_t i = 0; i < 10 * sized_for; ++i) group.add_task([] {});
  added += 10 * sized_for;
  EXPECT_GE(machinery.stats().task_records_grown, 1u);
  EXPECT_GE(machinery.stats().task_records, added);
  group.set_max_concurrent(4);
  expect_joins(group, {.succeeded = added});
  expect_accounted(group, added);
}

TEST(runtime, grows_its_group_records_in_counted_steps) {
  tg::runtime machinery({.workers = 1, .group_records = 8});
  std::vector<std::unique_ptr<tg::group>> groups;
  for (int i = 0; i < 3'000; ++i) {
    groups.push_back(std::make_unique<tg::group>("one", tg::group_options{.on = &machinery}));
  }
  EXPECT_GE(machinery.stats().group_records_grown, 1u);
  EXPECT_GE(machinery.stats().group_records, 3'000u);
  for (const auto& group : groups) group->add_task([] {});
  for (const auto& group : groups) EXPECT_EQ(group->join().succeeded, 1u);
}

TEST(runtime, works_without_any_spare_worker) {
  tg::runtime machinery({.workers = 1, .max_blocked = 0});
  EXPECT_EQ(machinery.stats().blocked_cap, 0u);
  tg::group outer("outer", {.on = &machinery});
  outer.add_task([] {
    tg::group inner("inner");
    for (int i = 0; i < 10; ++i) inner.add_task([] {});
    EXPECT_EQ(inner.join().succeeded, 10u);
    EXPECT_TRUE(tg::this_task::event_aware_sleep(1ms));
  });
  expect_joins(outer, {.succeeded = 1});
  EXPECT_GE(machinery.stats().cap_reached, 1u);
}

TEST(runtime, lets_its_workers_use_only_the_processors_given) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) ++cpu;
  tg::runtime machinery({.workers = 3, .cpus = {cpu}});
  tg::group group("pinned", {.on = &machinery});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(group.submit([] { return ::sched_getcpu(); }).get(), cpu);
  expect_joins(group, {.succeeded = 50});
}

// One that was made before the thread's first use is destroyed after the thread's share was handed on.
TEST(runtime, can_be_used_in_destructors_of_thread_locals) {
  static std::atomic<std::size_t> ran{0};
  struct late_user {
    void touch() {}
    ~late_user() {
      tg::group group("in the destructor of a thread_local");
      group.add_task([] { ++ran; });
      static_cast<void>(group.join_for(patience));
    }
  };
  constexpr std::size_t threads = 5;
  for (std::size_t i = 0; i < threads; ++i) {
    std::thread([] {
      static thread_local late_user before;
      before.touch();
      tg::group group("the first use of this thread");
      group.add_task([] { ++ran; });
      expect_joins(group, {.succeeded = 1});
    }).join();
  }
  EXPECT_EQ(ran.load(), 2 * threads);
}

TEST(runtime, works_when_its_workers_do_not_linger) {
  tg::runtime machinery({.workers = 2, .linger = 0us});
  tg::group group("one by one", {.on = &machinery});
  for (int i = 0; i < 500; ++i) EXPECT_EQ(group.submit([i] { return i; }).get(), i);
  expect_joins(group, {.succeeded = 500});
}

struct bad_runtime_options {
  const char* field;
  const char* value;
  tg::runtime_options options;

  friend void PrintTo(const bad_runtime_options& bad, std::ostream* out) {
    *out << bad.field << " = " << bad.value;
  }
};

class runtime_refuses : public testing::TestWithParam<bad_runtime_options> {};

TEST_P(runtime_refuses, naming_the_field_and_the_value) {
  for (const bool configures : {false, true}) {
    try {
      if (configures) {
        tg::runtime::configure(GetParam().options);
      } else {
        const tg::runtime machinery(GetParam().options);
      }
      ADD_FAILURE() << "accepted";
    } catch (const tg::bad_options& failure) {
      const std::string message = failure.what();
      EXPECT_NE(message.find(GetParam().field), std::string::npos) << message;
      EXPECT_NE(message.find(GetParam().value), std::string::npos) << message;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(fields, runtime_refuses,
                         testing::Values(bad_runtime_options{"workers", "4000000", {.workers = 4'000'000}},
                                         bad_runtime_options{
                                             "max_blocked", "4000000", {.max_blocked = 4'000'000}},
                                         bad_runtime_options{"task_records", "0", {.task_records = 0}},
                                         bad_runtime_options{"group_records", "0", {.group_records = 0}},
                                         bad_runtime_options{"linger", "-5", {.linger = -5us}},
                                         bad_runtime_options{"thread_name",
                                                             "much too long for a thread",
                                                             {.thread_name = "much too long for a thread"}},
                                         bad_runtime_options{"cpus", "-7", {.cpus = {0, -7}}}),
                         [](const auto& tested) { return std::string(tested.param.field); });

class runtime_with_groups : public fresh_process {};

TEST_F(runtime_with_groups, cannot_be_destroyed) {
  TG_EXPECT_TERMINATES(
      {
        auto machinery = std::make_unique<tg::runtime>(tg::runtime_options{.workers = 1});
        const tg::group group("alive", {.on = machinery.get()});
        machinery.reset();
      },
      "runtime.*group");
}

TEST_F(runtime_with_groups, may_be_destroyed_right_after_their_end) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    for (int round = 0; round < 50; ++round) {
      tg::runtime machinery({.workers = 2});
      tg::group group("gone", {.on = &machinery});
      for (int i = 0; i < 50; ++i) group.add_task([] {});
    }
    return true;
  });
}

}  // namespace
