// Promise: after fork() the child may not use its parent's runtime: calls that may throw throw
// forked_runtime, destructors return without waiting. The parent goes on. (runtime.h)
#include "tests/support/accounting.h"
#include "tests/support/fresh_process.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <sys/wait.h>

#include <chrono>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

struct forbidden_call {
  const char* name;
  std::function<void(tg::group&)> call;

  friend void PrintTo(const forbidden_call& which, std::ostream* out) { *out << which.name; }
};

const forbidden_call forbidden_calls[] = {
    {"add_task", [](tg::group& group) { group.add_task([] {}); }},
    {"submit", [](tg::group& group) { static_cast<void>(group.submit([] {})); }},
    {"join", [](tg::group& group) { static_cast<void>(group.join()); }},
    {"join_for", [](tg::group& group) { static_cast<void>(group.join_for(1ms)); }},
    {"join_until",
     [](tg::group& group) { static_cast<void>(group.join_until(std::chrono::steady_clock::now())); }},
    {"wait_for_condition", [](tg::group& group) { group.wait_for_condition([] { return false; }, 1ms); }},
    {"notify", [](tg::group& group) { group.notify(); }},
    {"set_event", [](tg::group& group) { group.set_event(); }},
    {"set_event_for_child_tasks", [](tg::group& group) { group.set_event_for_child_tasks(); }},
    {"reset_event", [](tg::group& group) { group.reset_event(); }},
    {"stop_token", [](tg::group& group) { static_cast<void>(group.stop_token()); }},
    {"clear_pending_tasks", [](tg::group& group) { group.clear_pending_tasks(); }},
    {"set_max_concurrent", [](tg::group& group) { group.set_max_concurrent(1); }},
    {"close", [](tg::group& group) { group.close(); }},
    {"event_view_sleep", [](tg::group& group) { static_cast<void>(group.event().sleep_for(1ms)); }},
    {"event_view_wait", [](tg::group& group) { group.event().wait(); }},
    {"event_callback", [](tg::group& group) { tg::event_callback callback(group, [] {}); }},
    {"child_group", [](tg::group& group) { tg::group child(group, "child"); }},
    {"root_group", [](tg::group&) { tg::group root("root"); }},
    {"instance", [](tg::group&) { tg::runtime::instance(); }},
    {"configure", [](tg::group&) { tg::runtime::configure({}); }},
    {"prewarm", [](tg::group&) { tg::runtime::instance().prewarm(); }},
    {"set_all_events", [](tg::group&) { tg::set_all_events(); }},
    {"snapshot", [](tg::group&) { static_cast<void>(tg::snapshot()); }},
    {"print_forest",
     [](tg::group&) {
       std::ostringstream out;
       tg::print_forest(out);
     }},
};

bool throws_forked_runtime(const forbidden_call& forbidden, tg::group& group) {
  try {
    forbidden.call(group);
  } catch (const tg::forked_runtime&) {
    return true;
  }
  return false;
}

class forked_call : public testing::TestWithParam<forbidden_call> {};

TEST_P(forked_call, throws_in_the_child) {
  tg::group group("parent's");
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(exit_code_of_fork([&] { return throws_forked_runtime(GetParam(), group); }), 0);
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
}

INSTANTIATE_TEST_SUITE_P(calls, forked_call, testing::ValuesIn(forbidden_calls),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(fork_child, cannot_add_by_try_add_task) {
  tg::group group("parent's");
  EXPECT_EQ(exit_code_of_fork([&group] {
              try {
                return !group.try_add_task([] {});
              } catch (const tg::forked_runtime&) {
                return true;
              }
            }),
            0);
  expect_accounted(group, 0);
}

TEST(fork_child, throws_at_a_future_that_is_not_ready) {
  tg::group group("paused", {.max_concurrent = 0});
  auto result = group.submit([] { return 1; });
  EXPECT_EQ(exit_code_of_fork([&result] {
              try {
                result.get();
              } catch (const tg::forked_runtime&) {
                return true;
              }
              return false;
            }),
            0);
  group.set_max_concurrent(1);
  EXPECT_EQ(result.get(), 1);
  expect_joins(group, {.succeeded = 1});
}

TEST(fork_child, throws_at_a_future_that_is_ready) {
  tg::group group("over");
  auto value = group.submit([] { return 1; });
  auto failure = group.submit([] { throw std::runtime_error("failed"); });
  ASSERT_TRUE(eventually([&] { return value.ready() && failure.ready(); }));
  const forbidden_call calls[] = {
      {"wait_for", [&](tg::group&) { static_cast<void>(value.wait_for(0s)); }},
      {"kind", [&](tg::group&) { static_cast<void>(value.kind()); }},
      {"get", [&](tg::group&) { value.get(); }},
      {"get of a failure", [&](tg::group&) { failure.get(); }},
  };
  for (const auto& forbidden : calls) {
    EXPECT_EQ(exit_code_of_fork([&] {
                return throws_forked_runtime(forbidden, group) &&
                       holds(value.ready(), "ready all the same") &&
                       holds(value.valid() && failure.valid(), "nothing was fetched");
              }),
              0)
        << forbidden.name;
  }
  EXPECT_EQ(value.get(), 1);
  EXPECT_THROW(failure.get(), std::runtime_error);
  static_cast<void>(group.join());
}

TEST(fork_child, throws_in_a_task_too) {
  static const forbidden_call calls[] = {
      {"event_aware_sleep", [](tg::group&) { tg::this_task::event_aware_sleep(0s); }},
      {"event_aware_sleep_until",
       [](tg::group&) { tg::this_task::event_aware_sleep_until(std::chrono::steady_clock::now()); }},
      {"wait_for_condition", [](tg::group&) { tg::this_task::wait_for_condition([] { return true; }, 1ms); }},
      {"set_event_for_siblings", [](tg::group&) { tg::this_task::set_event_for_siblings(); }},
      {"notify", [](tg::group&) { tg::this_task::notify(); }},
      {"event wait", [](tg::group&) { tg::this_task::this_event().wait(); }},
      {"child group", [](tg::group&) { tg::group child("child"); }},
      {"add_task", [](tg::group& group) { group.add_task([] {}); }},
      {"submit", [](tg::group& group) { static_cast<void>(group.submit([] {})); }},
      {"join of another group", [](tg::group& group) { static_cast<void>(group.join()); }},
  };
  tg::group other("other", {.max_concurrent = 0, .max_pending = 1});
  other.add_task([] {});
  tg::group group("forks");
  for (const auto& forbidden : calls) {
    auto code = group.submit(
        [&] { return exit_code_of_fork([&] { return throws_forked_runtime(forbidden, other); }); });
    EXPECT_EQ(code.get(), 0) << forbidden.name;
  }
  expect_joins(group, {.succeeded = std::size(calls)});
  other.set_max_concurrent(1);
  expect_joins(other, {.succeeded = 1});
}

TEST(fork_child, sees_the_groups_of_a_runtime_of_its_own) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts threads";
#endif
  const tg::group parents("parent's");
  EXPECT_EQ(exit_code_of_fork([] {
              tg::runtime own({.workers = 1, .task_records = 64, .group_records = 8});
              const tg::group group("child's", {.on = &own});
              const tg::forest_snapshot seen = tg::snapshot();
              return holds(seen.groups.size() == 1, "one group") &&
                     holds(seen.groups.front().name == "child's", "its own");
            }),
            0);
}

TEST(fork_child, can_still_ask_what_cannot_throw) {
  tg::group group("parent's");
  group.set_event();
  const tg::runtime& runtime = tg::runtime::instance();
  EXPECT_EQ(exit_code_of_fork([&group, &runtime] {
              return holds(runtime.stats().group_records_in_use != 0, "the figures") &&
                     holds(group.event().is_set(), "the event reads set") &&
                     holds(group.name() == "parent's", "the name") && holds(group.state().set, "the state") &&
                     holds(!group.closed(), "not closed") && holds(group.stats().running == 0, "the stats") &&
                     holds(!tg::this_task::event_set(), "no task");
            }),
            0);
}

TEST(fork_child, returns_from_the_destructor_of_a_group_with_tasks_left) {
  auto group = std::make_unique<tg::group>("busy", tg::group_options{.max_concurrent = 1});
  hold held;
  group->add_task(held.task());
  for (int i = 0; i < 10; ++i) group->add_task([] {});
  ASSERT_TRUE(held.wait_entered(1));
  EXPECT_EQ(exit_code_of_fork([&group] {
              group.reset();
              return true;
            }),
            0);
  held.release();
  expect_joins(*group, {.succeeded = 11});
}

TEST(fork_child, returns_from_the_destructors_of_callbacks_futures_and_runtimes) {
  std::optional<tg::runtime> machinery(std::in_place, tg::runtime_options{.workers = 2});
  std::optional<tg::group> group(std::in_place, "explicit", tg::group_options{.on = &*machinery});
  auto callback = std::make_unique<tg::event_callback<std::function<void()>>>(*group, [] {});
  std::optional<tg::future<int>> result(group->submit([] { return 1; }));
  EXPECT_EQ(exit_code_of_fork([&] {
              callback.reset();
              result.reset();
              group.reset();
              machinery.reset();
              return true;
            }),
            0);
  EXPECT_EQ(result->get(), 1);
  expect_joins(*group, {.succeeded = 1});
  callback.reset();
}

TEST(fork_child, may_be_forked_from_a_task) {
  tg::group group("forks");
  auto code = group.submit([&group] {
    return exit_code_of_fork([&group] {
      const forbidden_call add{"add_task", [](tg::group& of) { of.add_task([] {}); }};
      return throws_forked_runtime(add, group);
    });
  });
  EXPECT_EQ(code.get(), 0);
  expect_joins(group, {.succeeded = 1});
}

TEST(fork_child, of_a_process_without_a_runtime_makes_its_own) {
  // Whatever this process has used, a fresh one has used nothing before it forks.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  TG_EXPECT_IN_FRESH_PROCESS([] {
    return exit_code_of_fork([] {
             tg::group group("first use");
             return group.submit([] { return 3; }).get() == 3 && group.join().succeeded == 1;
           }) == 0;
  });
}

}  // namespace
