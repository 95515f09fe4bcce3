// Promise: what comes in by add_task, try_add_task and submit, and what is refused. (group.h, Admission)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

namespace {

using namespace tg_test;

TEST(admission, each_way_in_runs_the_task_once) {
  tg::group group("ways in");
  std::atomic<int> added{0}, tried{0}, submitted{0};
  const tg::task_id id = group.add_task([&] { ++added; });
  ASSERT_TRUE(group.try_add_task([&] { ++tried; }));
  auto result = group.submit([&] { return ++submitted; });
  expect_joins(group, {.succeeded = 3});
  EXPECT_NE(id, 0u);
  EXPECT_EQ(added, 1);
  EXPECT_EQ(tried, 1);
  EXPECT_EQ(submitted, 1);
  EXPECT_EQ(result.get(), 1);
  expect_accounted(group, 3);
}

TEST(admission, ids_are_unique_in_the_group_and_never_zero) {
  tg::group group("ids");
  std::set<tg::task_id> ids;
  for (int i = 0; i < 500; ++i) {
    ids.insert(group.add_task([] {}));
    ids.insert(group.submit([] {}).id());
  }
  expect_joins(group, {.succeeded = 1000});
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_FALSE(ids.contains(0));
  expect_accounted(group, 1000);
}

TEST(admission, ids_stay_unique_across_threads_and_joins) {
  tg::group group("ids of many");
  std::vector<std::future<std::vector<tg::task_id>>> producers;
  const auto produce = [&] {
    std::vector<tg::task_id> mine;
    for (int i = 0; i < 300; ++i) mine.push_back(group.add_task([] {}));
    return mine;
  };
  std::set<tg::task_id> all;
  for (int round = 0; round < 2; ++round) {
    producers.clear();
    for (int i = 0; i < 4; ++i) producers.push_back(in_background(produce));
    for (auto& producer : producers) {
      ASSERT_TRUE(finishes(producer));
      for (const tg::task_id id : producer.get()) EXPECT_TRUE(all.insert(id).second) << id << " came twice";
    }
    expect_joins(group, {.succeeded = 1200});
  }
  expect_accounted(group, 2400);
}

// Counted are the tasks that wait; those that may start at once come on top.
struct room {
  std::uint32_t limit;
  std::size_t max_pending;
};

class admission_room : public testing::TestWithParam<room> {};

TEST_P(admission_room, try_add_task_takes_what_may_start_and_max_pending_more) {
  const std::uint32_t limit = GetParam().limit;
  const std::size_t max_pending = GetParam().max_pending;
  tg::group group("room", {.max_concurrent = limit, .max_pending = max_pending});
  hold held;
  std::size_t taken = 0;
  while (taken < limit + max_pending + 10 && group.try_add_task(held.task())) ++taken;
  EXPECT_EQ(taken, limit + max_pending);
  EXPECT_FALSE(group.try_add_task(held.task()));
  ASSERT_TRUE(held.wait_entered(limit));
  EXPECT_TRUE(eventually([&] { return group.stats().pending == max_pending; }));
  EXPECT_FALSE(group.try_add_task(held.task())) << "as many run as may, and the queue is full";
  held.release();
  group.set_max_concurrent(limit == 0 ? 1 : limit);
  expect_joins(group, {.succeeded = taken});
  expect_accounted(group, taken);
}

INSTANTIATE_TEST_SUITE_P(sizes, admission_room,
                         testing::Values(room{1, 0}, room{1, 1}, room{2, 0}, room{2, 3}, room{5, 40},
                                         room{0, 1}, room{0, 7}),
                         [](const auto& instance) {
                           return "limit_" + std::to_string(instance.param.limit) + "_pending_" +
                                  std::to_string(instance.param.max_pending);
                         });

TEST(admission, a_full_group_has_room_again_when_its_tasks_have_ended) {
  tg::group group("room again", {.max_concurrent = 1, .max_pending = 0});
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(group.try_add_task([] {})) << "round " << i;
    expect_joins(group, {.succeeded = 1});
  }
  expect_accounted(group, 200);
}

TEST(admission, a_paused_group_without_room_takes_nothing) {
  tg::group group("nothing", {.max_concurrent = 0, .max_pending = 0});
  EXPECT_FALSE(group.try_add_task([] {}));
  expect_joins(group, {});
  expect_accounted(group, 0);
}

// Whoever has run the last tasks may still be there.
TEST(admission, a_group_that_is_paused_after_a_join_takes_max_pending) {
  tg::group group("paused again", {.max_concurrent = 4, .max_pending = 3});
  for (int i = 0; i < 1'000; ++i) {
    group.set_max_concurrent(4);
    group.add_task([] {});
    expect_joins(group, {.succeeded = i == 0 ? 1u : 4u});
    group.set_max_concurrent(0);
    std::size_t taken = 0;
    while (taken < 10 && group.try_add_task([] {})) ++taken;
    ASSERT_EQ(taken, 3u) << "round " << i;
  }
}

TEST(admission, a_raised_limit_makes_room) {
  tg::group group("raised", {.max_concurrent = 0, .max_pending = 1});
  EXPECT_TRUE(group.try_add_task([] {}));
  EXPECT_FALSE(group.try_add_task([] {}));
  group.set_max_concurrent(2);
  EXPECT_TRUE(group.try_add_task([] {})) << "it can start at once";
  expect_joins(group, {.succeeded = 2});
  expect_accounted(group, 2);
}

// What runs is not queued, also if it would not be let in any more.
TEST(admission, a_lowered_limit_leaves_room_for_as_many_as_before) {
  tg::group group("lowered", {.max_concurrent = 3, .max_pending = 2});
  hold busy;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(group.try_add_task(busy.task()));
  ASSERT_TRUE(busy.wait_entered(3));
  group.set_max_concurrent(1);
  EXPECT_TRUE(group.try_add_task([] {}));
  EXPECT_TRUE(group.try_add_task([] {}));
  EXPECT_FALSE(group.try_add_task([] {}));
  EXPECT_EQ(group.stats().pending, 2u);
  busy.release();
  expect_joins(group, {.succeeded = 5});
}

TEST(admission, a_refused_task_is_not_moved_from) {
  tg::group full("full", {.max_concurrent = 0, .max_pending = 0});
  tg::group closed("closed");
  closed.close();
  for (tg::group* refusing : {&full, &closed}) {
    auto argument = std::make_unique<int>(7);
    auto callable = [captured = std::make_unique<int>(8)](std::unique_ptr<int>) {};
    EXPECT_FALSE(refusing->try_add_task(std::move(callable), std::move(argument))) << refusing->name();
    ASSERT_NE(argument, nullptr) << refusing->name();
    EXPECT_EQ(*argument, 7);
    EXPECT_FALSE(refusing->try_add_task(std::move(callable), std::move(argument))) << refusing->name();
    expect_accounted(*refusing, 0);
  }
}

// Tells whether it was moved from.
struct telltale {
  std::shared_ptr<int> content = std::make_shared<int>(1);
  void operator()() const {}
};

TEST(admission, add_task_that_throws_moves_from_nothing) {
  tg::group group("closed");
  group.close();
  telltale callable;
  auto argument = std::make_unique<int>(7);
  EXPECT_THROW(group.add_task(std::move(callable)), tg::group_closed);
  EXPECT_NE(callable.content, nullptr);
  EXPECT_THROW(group.add_task([](std::unique_ptr<int>) {}, std::move(argument)), tg::group_closed);
  EXPECT_NE(argument, nullptr);
  EXPECT_THROW(group.submit([](std::unique_ptr<int>) {}, std::move(argument)), tg::group_closed);
  EXPECT_NE(argument, nullptr);
  expect_accounted(group, 0);
}

// Copying it throws.
struct uncopyable_today {
  uncopyable_today() = default;
  uncopyable_today(const uncopyable_today&) { throw std::runtime_error("no copies today"); }
  void operator()() const {}
};

TEST(admission, an_argument_that_cannot_be_copied_leaves_nothing_behind) {
  tg::group group("no copies", {.max_concurrent = 1, .max_pending = 1});
  const uncopyable_today stubborn;
  for (int i = 0; i < 100; ++i) {
    EXPECT_THROW(group.add_task(stubborn), std::runtime_error);
    EXPECT_THROW(static_cast<void>(group.try_add_task(stubborn)), std::runtime_error);
    EXPECT_THROW(group.submit(stubborn), std::runtime_error);
    EXPECT_THROW(group.add_task([](const uncopyable_today&) {}, stubborn), std::runtime_error);
  }
  EXPECT_TRUE(group.try_add_task([] {})) << "the failed ones took no room";
  expect_joins(group, {.succeeded = 1});
  expect_accounted(group, 1);
}

TEST(admission, a_set_group_takes_tasks_and_skips_them) {
  tg::group group("set", {.max_concurrent = 1});
  ASSERT_TRUE(group.set_event());
  std::atomic<int> ran{0};
  group.add_task([&] { ++ran; });
  EXPECT_TRUE(group.try_add_task([&] { ++ran; }));
  auto skipped = group.submit([&] { ++ran; });
  expect_joins(group, {.skipped = 3});
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(skipped.kind(), tg::outcome_kind::skipped);
  expect_accounted(group, 3);
}

TEST(admission, a_full_group_that_is_set_takes_tasks_and_skips_them) {
  tg::group paused("set and paused", {.max_concurrent = 0, .max_pending = 0});
  ASSERT_TRUE(paused.set_event());
  EXPECT_TRUE(paused.try_add_task([] { ADD_FAILURE() << "ran in a paused group"; }));
  paused.add_task([] { ADD_FAILURE() << "ran in a paused group"; });
  expect_joins(paused, {.skipped = 2});
  ASSERT_TRUE(paused.reset_event());
  EXPECT_FALSE(paused.try_add_task([] {})) << "full again";

  tg::group kept("set and kept",
                 {.max_concurrent = 0, .max_pending = 0, .on_event = tg::pending_policy::run});
  ASSERT_TRUE(kept.set_event());
  EXPECT_FALSE(kept.try_add_task([] {})) << "what would be run needs room";
}

TEST(admission, tasks_may_add_to_any_group) {
  tg::group other("other");
  tg::group group("own");
  std::atomic<int> ran{0};
  for (int i = 0; i < 50; ++i) {
    group.add_task([&] {
      group.add_task([&] { ++ran; });
      other.add_task([&] { ++ran; });
    });
  }
  expect_joins(group, {.succeeded = 100});
  expect_joins(other, {.succeeded = 50});
  EXPECT_EQ(ran, 100);
  expect_accounted(group, 100);
  expect_accounted(other, 50);
}

TEST(admission, more_tasks_than_the_pool_holds_still_come_in) {
  tg::runtime small({.workers = 2, .task_records = 1, .group_records = 1});
  tg::group group("growing", {.max_concurrent = 0, .on = &small});
  constexpr std::size_t count = 50'000;
  std::atomic<std::size_t> ran{0};
  for (std::size_t i = 0; i < count; ++i) group.add_task([&] { ++ran; });
  EXPECT_GE(small.stats().task_records_grown, 1u);
  EXPECT_GE(small.stats().task_records, count);
  group.set_max_concurrent(2);
  expect_joins(group, {.succeeded = count});
  EXPECT_EQ(ran, count);
  expect_accounted(group, count);
}

// A worker has run all that the pool has records for; threads that have added nothing yet come after it.
TEST(admission, try_add_task_gets_the_records_that_other_threads_have_used) {
  for (const std::size_t records : {1u, 4u, 64u, 300u}) {
    SCOPED_TRACE(std::to_string(records) + " records");
    tg::runtime small({.workers = 1, .task_records = records, .group_records = 4});
    tg::group group("small", {.max_concurrent = 0, .on = &small});
    std::size_t added = 0;
    while (group.try_add_task([] {})) ++added;
    EXPECT_EQ(added, records);
    group.set_max_concurrent(1);
    EXPECT_EQ(group.join_for(patience).succeeded, records);
    EXPECT_EQ(small.stats().task_records_in_use, 0u);
    for (int producer = 0; producer < 2; ++producer) {
      EXPECT_TRUE(in_background([&] { return group.try_add_task([] {}); }).get());
      EXPECT_EQ(group.join_for(patience).succeeded, 1u);
    }
    EXPECT_EQ(small.stats().task_records_grown, 0u);
  }
}

// Each has had a record and has given it back, and stays: what it keeps nobody else gets.
TEST(admission, try_add_task_gets_all_records_of_a_small_pool_however_many_threads_have_had_one) {
  constexpr std::size_t records = 64, threads = 40;
  tg::runtime small({.workers = 1, .task_records = records, .group_records = 4});
  tg::group group("small", {.max_concurrent = 0, .on = &small});
  tg::group full("full", {.max_concurrent = 0, .max_pending = 1, .on = &small});
  ASSERT_TRUE(full.try_add_task([] {}));
  gate leave;
  std::atomic<std::size_t> refused{0};
  std::vector<std::future<bool>> users;
  for (std::size_t user = 0; user < threads; ++user) {
    users.push_back(in_background([&] {
      if (!full.try_add_task([] {})) ++refused;
      return leave.wait();
    }));
    ASSERT_TRUE(eventually([&] { return refused == user + 1; }));
  }
  EXPECT_EQ(small.stats().task_records_in_use, 1u);
  std::size_t added = 0;
  while (group.try_add_task([] {})) ++added;
  EXPECT_EQ(added, records - 1);
  EXPECT_EQ(small.stats().task_records_in_use, records);
  EXPECT_EQ(small.stats().task_records_grown, 0u);
  leave.open();
  for (auto& user : users) EXPECT_TRUE(user.get());
  EXPECT_EQ(group.clear_pending_tasks() + full.clear_pending_tasks(), records);
  expect_joins(group, {.skipped = records - 1});
  expect_joins(full, {.skipped = 1});
}

TEST(admission, try_add_task_is_refused_when_records_are_out_and_grows_nothing) {
  tg::runtime small({.workers = 1, .task_records = 64, .group_records = 4});
  tg::group group("out of records", {.max_concurrent = 0, .on = &small});
  std::size_t taken = 0;
  while (taken < 1'000'000 && group.try_add_task([] {})) ++taken;
  EXPECT_LT(taken, 1'000'000u) << "the pool must end somewhere";
  EXPECT_EQ(small.stats().task_records_grown, 0u);
  EXPECT_FALSE(group.closed());
  group.set_max_concurrent(1);
  expect_joins(group, {.succeeded = taken});
  expect_accounted(group, taken);
}

}  // namespace
