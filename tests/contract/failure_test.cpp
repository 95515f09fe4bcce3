// Promise: what tasks throw is kept with their ids, counted, told by the join, and under
// failure_policy::set_event stops the rest. (group.h, Exceptions, failure_policy, join_report)
#include "tests/support/accounting.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tg_test;

std::string message_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

TEST(failures, are_told_with_the_ids_of_their_tasks) {
  tg::group group("some fail", {.max_kept_exceptions = 100});
  std::map<tg::task_id, std::string> expected;
  for (int i = 0; i < 60; ++i) {
    const tg::task_id id = group.add_task([i] {
      if (i % 3 == 0) throw std::runtime_error("task " + std::to_string(i));
    });
    if (i % 3 == 0) expected[id] = "task " + std::to_string(i);
  }
  const tg::join_report report = expect_joins(group, {.succeeded = 40, .failed = 20});
  std::map<tg::task_id, std::string> told;
  for (const tg::task_failure& failure : report.failures) told[failure.id] = message_of(failure.exception);
  EXPECT_EQ(told, expected);
  EXPECT_FALSE(group.event().is_set()) << "collect sets no event";
  expect_accounted(group, 60);
}

class kept_exceptions : public testing::TestWithParam<std::size_t> {};

TEST_P(kept_exceptions, are_at_most_as_many_as_wanted_and_all_are_counted) {
  const std::size_t most = GetParam();
  tg::group group("many fail", {.max_kept_exceptions = most});
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) group.add_task([] { throw std::runtime_error("again"); });
    const tg::join_report report = expect_joins(group, {.failed = 40});
    EXPECT_EQ(report.failures.size(), std::min<std::size_t>(most, 40));
    for (const tg::task_failure& failure : report.failures) EXPECT_EQ(message_of(failure.exception), "again");
  }
  expect_accounted(group, 120);
}

INSTANTIATE_TEST_SUITE_P(sizes, kept_exceptions, testing::Values(0u, 1u, 16u, 39u, 40u, 41u, tg::unlimited));

TEST(kept_exceptions_by_default, are_16) {
  tg::group group("default");
  for (int i = 0; i < 20; ++i) group.add_task([] { throw 1; });
  EXPECT_EQ(expect_joins(group, {.failed = 20}).failures.size(), 16u);
}

TEST(throw_if_failed, does_nothing_without_failures) {
  tg::group group("fine");
  group.add_task([] {});
  group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
  EXPECT_NO_THROW(expect_joins(group, {.succeeded = 1, .skipped = 1}).throw_if_failed());
}

struct own_error {
  int number;
};

TEST(throw_if_failed, rethrows_a_single_failure_as_it_is) {
  tg::group group("one");
  group.add_task([] { throw own_error{42}; });
  group.add_task([] {});
  const tg::join_report report = expect_joins(group, {.succeeded = 1, .failed = 1});
  for (int i = 0; i < 2; ++i) {
    try {
      report.throw_if_failed();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const own_error& error) {
      EXPECT_EQ(error.number, 42);
    }
  }
}

TEST(throw_if_failed, throws_one_error_for_several) {
  tg::group group("several");
  for (int i = 0; i < 3; ++i) group.add_task([] { throw own_error{1}; });
  const tg::join_report report = expect_joins(group, {.failed = 3});
  try {
    report.throw_if_failed();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const tg::group_error& error) {
    ASSERT_EQ(error.failures().size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(error.failures()[i].id, report.failures[i].id);
      EXPECT_THROW(std::rethrow_exception(error.failures()[i].exception), own_error);
    }
  }
}

TEST(throw_if_failed, throws_for_several_even_if_fewer_were_kept) {
  for (const std::size_t kept : {std::size_t{0}, std::size_t{1}}) {
    tg::group group("few kept", {.max_kept_exceptions = kept});
    for (int i = 0; i < 3; ++i) group.add_task([] { throw own_error{1}; });
    const tg::join_report report = expect_joins(group, {.failed = 3});
    try {
      report.throw_if_failed();
      ADD_FAILURE() << "nothing was thrown with " << kept << " kept";
    } catch (const tg::group_error& error) {
      EXPECT_EQ(error.failures().size(), kept);
    }
  }
}

TEST(throw_if_failed, throws_for_one_that_was_not_kept) {
  tg::group group("none kept", {.max_kept_exceptions = 0});
  group.add_task([] { throw own_error{1}; });
  EXPECT_THROW(expect_joins(group, {.failed = 1}).throw_if_failed(), tg::error);
}

TEST(group_error, outlives_group_and_report) {
  std::exception_ptr kept;
  {
    tg::group group("gone");
    for (int i = 0; i < 2; ++i) group.add_task([] { throw std::runtime_error("still here"); });
    try {
      group.join().throw_if_failed();
    } catch (const tg::group_error&) {
      kept = std::current_exception();
    }
  }
  ASSERT_NE(kept, nullptr);
  try {
    std::rethrow_exception(kept);
  } catch (const tg::group_error& error) {
    ASSERT_EQ(error.failures().size(), 2u);
    const std::string_view text = error.what();
    EXPECT_NE(text.find("2 tasks failed"), text.npos) << text;
    EXPECT_NE(text.find("task 1: still here"), text.npos) << text;
    EXPECT_EQ(message_of(error.failures()[1].exception), "still here");
  }
}

TEST(fail_fast, sets_the_event_and_skips_the_rest) {
  tg::group group("fail fast", {.max_concurrent = 1, .on_failure = tg::failure_policy::set_event});
  std::atomic<int> ran{0};
  hold held;
  group.add_task(held.task());
  group.add_task([] { throw std::runtime_error("first"); });
  for (int i = 0; i < 50; ++i) group.add_task([&] { ++ran; });
  auto last = group.submit([&] { ++ran; });
  held.release();
  const tg::join_report report = expect_joins(group, {.succeeded = 1, .failed = 1, .skipped = 51});
  EXPECT_EQ(ran, 0);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(message_of(report.failures[0].exception), "first");
  EXPECT_TRUE(group.state().set);
  EXPECT_EQ(group.state().cause, tg::event_cause::failure);
  EXPECT_EQ(group.state().origin, group.id());
  try {
    last.get();
    ADD_FAILURE() << "it was not skipped";
  } catch (const tg::task_skipped& skipped) {
    EXPECT_EQ(skipped.cause(), tg::event_cause::failure);
  }
  expect_accounted(group, 53);
}

TEST(fail_fast, reaches_running_siblings_and_descendants) {
  tg::group group("family", {.max_concurrent = 4, .on_failure = tg::failure_policy::set_event});
  tg::group child(group, "child");
  std::atomic<int> asleep{0};
  const auto sleep = [&] {
    ++asleep;
    EXPECT_FALSE(tg::this_task::event_aware_sleep(patience));
  };
  child.add_task(sleep);
  group.add_task(sleep);
  ASSERT_TRUE(eventually([&] { return asleep == 2; }));
  group.add_task([] { throw 1; });
  expect_joins(child, {.succeeded = 1});
  EXPECT_EQ(child.state().cause, tg::event_cause::failure);
  EXPECT_EQ(child.state().origin, group.id());
  expect_joins(group, {.succeeded = 1, .failed = 1});
  expect_accounted(group, 2);
}

TEST(fail_fast, leaves_the_parent_alone) {
  tg::group parent("parent");
  tg::group child(parent, "child", {.on_failure = tg::failure_policy::set_event});
  child.add_task([] { throw 1; });
  expect_joins(child, {.failed = 1});
  EXPECT_TRUE(child.event().is_set());
  EXPECT_FALSE(parent.event().is_set());
}

TEST(fail_fast, keeps_an_earlier_cause) {
  tg::group group("set before",
                  {.on_event = tg::pending_policy::run, .on_failure = tg::failure_policy::set_event});
  group.set_event(tg::event_cause::requested);
  group.add_task([] { throw 1; });
  expect_joins(group, {.failed = 1});
  EXPECT_EQ(group.state().cause, tg::event_cause::requested);
}

TEST(fail_fast, counts_a_submitted_tasks_failure) {
  tg::group group("submitted", {.on_failure = tg::failure_policy::set_event});
  auto failing = group.submit([] { throw std::runtime_error("for both"); });
  EXPECT_THROW(failing.get(), std::runtime_error);
  const tg::join_report report = expect_joins(group, {.failed = 1});
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(message_of(report.failures[0].exception), "for both");
  EXPECT_EQ(group.state().cause, tg::event_cause::failure);
  expect_accounted(group, 1);
}

TEST(task_skipped, leaving_a_task_counts_as_skipped_and_is_no_failure) {
  tg::group group("give up", {.on_failure = tg::failure_policy::set_event});
  for (const auto cause : {tg::event_cause::requested, tg::event_cause::deadline, tg::event_cause::cleared}) {
    group.add_task([cause] { throw tg::task_skipped(cause); });
    auto given_up = group.submit([cause]() -> int { throw tg::task_skipped(cause); });
    EXPECT_EQ(given_up.kind(), tg::outcome_kind::skipped);
    try {
      given_up.get();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const tg::task_skipped& skipped) {
      EXPECT_EQ(skipped.cause(), cause);
    }
  }
  const tg::join_report report = expect_joins(group, {.skipped = 6});
  EXPECT_TRUE(report.failures.empty());
  EXPECT_FALSE(group.event().is_set());
  expect_accounted(group, 6);
}

TEST(failing_tasks, of_any_type_stop_no_worker) {
  tg::group group("all kinds", {.max_concurrent = 3, .max_kept_exceptions = tg::unlimited});
  std::atomic<int> ran{0};
  for (int i = 0; i < 400; ++i) {
    group.add_task([i, &ran] {
      switch (i % 4) {
        case 0:
          throw i;
        case 1:
          throw std::string("text");
        case 2:
          throw std::make_exception_ptr(1);
        default:
          ++ran;
      }
    });
  }
  const tg::join_report report = expect_joins(group, {.succeeded = 100, .failed = 300});
  EXPECT_EQ(ran, 100);
  EXPECT_EQ(report.failures.size(), 300u);
  expect_accounted(group, 400);
}

TEST(failing_tasks, that_nobody_joins_are_dropped_with_their_group) {
  std::atomic<int> alive{0};
  struct counted {
    std::atomic<int>* of;
    explicit counted(std::atomic<int>& count) : of(&count) { ++*of; }
    counted(const counted& other) : of(other.of) { ++*of; }
    counted& operator=(const counted&) = delete;
    ~counted() { --*of; }
  };
  {
    tg::group group("nobody asks");
    for (int i = 0; i < 30; ++i) group.add_task([&] { throw counted(alive); });
    ASSERT_TRUE(eventually([&] { return group.stats().failed == 30; }));
  }
  EXPECT_TRUE(eventually([&] { return alive == 0; })) << alive << " exceptions were not destroyed";
}

}  // namespace
