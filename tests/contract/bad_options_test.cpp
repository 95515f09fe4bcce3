// Promise: unusable options are refused with an error that names the field and the value, and nothing is
// started. (group_options, runtime_options, bad_options)
#include "tests/support/accounting.h"
#include "tests/support/process_status.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// The message of the error that `make` ends with.
std::string message_of(const std::function<void()>& make) {
  try {
    make();
  } catch (const tg::bad_options& error) {
    return error.what();
  }
  return "nothing was thrown";
}

struct bad_case {
  const char* name;
  std::vector<const char*> words;  // of the message
  std::function<void()> make;
};

void PrintTo(const bad_case& which, std::ostream* out) { *out << which.name; }

template <class Change>
std::function<void()> with_runtime_options(Change change) {
  return [change] {
    tg::runtime_options options{.workers = 1, .task_records = 64, .group_records = 16};
    change(options);
    const tg::runtime made(options);
  };
}

template <class Change>
std::function<void()> with_group_options(Change change) {
  return [change] {
    tg::group_options options;
    change(options);
    const tg::group made("never made", options);
  };
}

using runtime_options = tg::runtime_options;
using group_options = tg::group_options;

const bad_case cases[]{
    {"too_many_workers", {"workers", "4000000000"}, with_runtime_options([](runtime_options& o) {
       o.workers = 4'000'000'000;
     })},
    {"just_too_many_workers", {"workers", "1024"}, with_runtime_options([](runtime_options& o) {
       o.workers = 1'024;
     })},
    {"too_many_blocked", {"max_blocked", "1024"}, with_runtime_options([](runtime_options& o) {
       o.max_blocked = 1'024;
     })},
    {"no_task_records", {"task_records", "0"}, with_runtime_options([](runtime_options& o) {
       o.task_records = 0;
     })},
    {"absurd_task_records",
     {"task_records", "18446744073709551615"},
     with_runtime_options(
         [](runtime_options& o) { o.task_records = std::numeric_limits<std::size_t>::max(); })},
    {"no_group_records", {"group_records", "0"}, with_runtime_options([](runtime_options& o) {
       o.group_records = 0;
     })},
    {"absurd_group_records", {"group_records", "4294967296"}, with_runtime_options([](runtime_options& o) {
       o.group_records = std::size_t{1} << 32;
     })},
    {"negative_linger", {"linger", "-5"}, with_runtime_options([](runtime_options& o) { o.linger = -5us; })},
    {"long_thread_name", {"thread_name", "sixteen-bytes-xx"}, with_runtime_options([](runtime_options& o) {
       o.thread_name = "sixteen-bytes-xx";
     })},
    {"negative_cpu", {"cpus", "-1"}, with_runtime_options([](runtime_options& o) { o.cpus = {-1}; })},
    {"absurd_cpu", {"cpus", "1000000"}, with_runtime_options([](runtime_options& o) {
       o.cpus = {0, 1'000'000};
     })},
    {"unknown_parent_policy", {"parent", "9"}, with_group_options([](group_options& o) {
       o.parent = static_cast<tg::parent_policy>(9);
     })},
    {"unknown_pending_policy", {"on_event", "7"}, with_group_options([](group_options& o) {
       o.on_event = static_cast<tg::pending_policy>(7);
     })},
    {"unknown_failure_policy", {"on_failure", "-3"}, with_group_options([](group_options& o) {
       o.on_failure = static_cast<tg::failure_policy>(-3);
     })},
    {"explicit_parent_and_detached",
     {"parent", "detached"},
     [] {
       tg::group parent("parent");
       const tg::group child(parent, "never made", {.parent = tg::parent_policy::detached});
     }},
    {"another_runtime_than_the_parents",
     {"on", "the parent's name"},
     [] {
       tg::group parent("the parent's name");
       tg::runtime other({.workers = 1, .task_records = 64, .group_records = 16});
       const tg::group child(parent, "never made", {.on = &other});
     }},
};

class bad_options : public testing::TestWithParam<bad_case> {};

TEST_P(bad_options, are_refused_naming_field_and_value) {
  const std::string message = message_of(GetParam().make);
  for (const char* word : GetParam().words) {
    EXPECT_NE(message.find(word), std::string::npos) << "no '" << word << "' in: " << message;
  }
}

TEST_P(bad_options, leave_nothing_started) {
  // The default runtime may be there already: what counts is that no thread and no group is left behind.
  const std::size_t groups = tg::snapshot().groups.size();
  static_cast<void>(message_of(GetParam().make));
  const std::size_t threads = thread_count();
  for (int i = 0; i < 5; ++i) static_cast<void>(message_of(GetParam().make));
  EXPECT_LE(thread_count(), threads);
  EXPECT_EQ(tg::snapshot().groups.size(), groups);
}

INSTANTIATE_TEST_SUITE_P(cases, bad_options, testing::ValuesIn(cases),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(bad_parent, of_another_runtime_is_refused_inside_a_task_too) {
  tg::runtime other({.workers = 1, .task_records = 64, .group_records = 16});
  tg::group outer("outer");
  outer.add_task([&] { EXPECT_THROW(tg::group("inner", {.on = &other}), tg::bad_options); });
  outer.add_task([&] {
    tg::group detached("detached", {.parent = tg::parent_policy::detached, .on = &other});
    detached.add_task([] {});
    EXPECT_EQ(detached.join().succeeded, 1u);
  });
  expect_joins(outer, {.succeeded = 2});
  expect_accounted(outer, 2);
}

TEST(good_options, at_their_ends_are_taken) {
  tg::runtime least({.workers = 1,
                     .max_blocked = 0,
                     .task_records = 1,
                     .group_records = 1,
                     .linger = 0us,
                     .thread_name = "fifteen-bytes-x",
                     .cpus = {}});
  tg::group group("least", {.max_concurrent = 0,
                            .max_pending = 0,
                            .parent = tg::parent_policy::detached,
                            .on_event = tg::pending_policy::run,
                            .on_failure = tg::failure_policy::set_event,
                            .deadline = std::chrono::steady_clock::time_point::max(),
                            .max_kept_exceptions = 0,
                            .on = &least});
  group.set_max_concurrent(1);
  group.add_task([] {});
  expect_joins(group, {.succeeded = 1});
  EXPECT_FALSE(group.event().is_set()) << "its deadline is for ever away";
}

TEST(good_options, are_the_defaults_of_the_page) {
  const tg::group_options group;
  EXPECT_EQ(group.max_concurrent, 32u);
  EXPECT_EQ(group.max_pending, tg::unlimited);
  EXPECT_EQ(group.parent, tg::parent_policy::inherit);
  EXPECT_EQ(group.on_event, tg::pending_policy::skip);
  EXPECT_EQ(group.on_failure, tg::failure_policy::collect);
  EXPECT_FALSE(group.deadline.has_value());
  EXPECT_EQ(group.max_kept_exceptions, 16u);
  EXPECT_EQ(group.on, nullptr);
  const tg::runtime_options runtime;
  EXPECT_EQ(runtime.workers, 0u);
  EXPECT_EQ(runtime.max_blocked, 256u);
  EXPECT_EQ(runtime.task_records, 65'536u);
  EXPECT_EQ(runtime.group_records, 4'096u);
  EXPECT_EQ(runtime.thread_name, "tg");
  EXPECT_TRUE(runtime.cpus.empty());
}

}  // namespace
