// Promise: a future tells the outcome of its task once, may outlive the group, and is ready only when
// callable and captures are gone. (future.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/hold.h"
#include "tests/support/life_counter.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

static_assert(std::is_nothrow_move_constructible_v<tg::future<int>>);
static_assert(std::is_nothrow_move_assignable_v<tg::future<int>>);
static_assert(!std::is_copy_constructible_v<tg::future<int>>);

TEST(future_result, may_be_a_value_a_reference_or_nothing) {
  tg::group group("results");
  int target = 1;
  const std::string text(1'000, 'x');
  auto value = group.submit([](int a, int b) { return a * b; }, 6, 7);
  auto nothing = group.submit([] {});
  auto reference = group.submit([&target]() -> int& { return target; });
  auto constant = group.submit([&text]() -> const std::string& { return text; });
  auto owning = group.submit([text] { return text; });
  static_assert(std::is_same_v<decltype(value), tg::future<int>>);
  static_assert(std::is_same_v<decltype(nothing), tg::future<void>>);
  static_assert(std::is_same_v<decltype(reference), tg::future<int&>>);
  static_assert(std::is_same_v<decltype(constant), tg::future<const std::string&>>);
  static_assert(std::is_same_v<decltype(reference.get()), int&>);
  EXPECT_EQ(value.get(), 42);
  nothing.get();
  EXPECT_EQ(&reference.get(), &target);
  EXPECT_EQ(&constant.get(), &text);
  EXPECT_EQ(owning.get(), text);
  expect_joins(group, {.succeeded = 5});
  expect_accounted(group, 5);
}

struct unmakeable {
  explicit unmakeable(int number) : n(number) {}
  unmakeable(unmakeable&&) = default;
  std::unique_ptr<int> held = std::make_unique<int>(3);
  int n;
};

TEST(future_result, may_be_move_only_and_without_default) {
  tg::group group("move only");
  EXPECT_EQ(*group.submit([] { return std::make_unique<int>(9); }).get(), 9);
  const unmakeable got = group.submit([] { return unmakeable(4); }).get();
  EXPECT_EQ(got.n, 4);
  EXPECT_EQ(*got.held, 3);
  expect_joins(group, {.succeeded = 2});
}

TEST(future_result, may_take_the_whole_capacity) {
  using full = std::array<unsigned char, tg::inline_result_capacity>;
  tg::group group("full");
  full expected{};
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<unsigned char>(i + 1);
  for (int i = 0; i < 100; ++i) {
    auto got = group.submit([] {
      full made{};
      for (std::size_t n = 0; n < made.size(); ++n) made[n] = static_cast<unsigned char>(n + 1);
      return made;
    });
    ASSERT_EQ(got.get(), expected);
  }
  expect_joins(group, {.succeeded = 100});
}

// However it is given up, the result is destroyed exactly once.
TEST(future_result, ends_its_life_exactly_once) {
  lives of;
  tg::group group("lives");
  const auto task = [&of] { return tracked(of); };
  {
    auto fetched = group.submit(task);
    EXPECT_TRUE(fetched.get().is_owner());
    EXPECT_EQ(of.owners, 0);
    auto dropped_after = group.submit(task);
    ASSERT_TRUE(dropped_after.wait_for(patience));
    EXPECT_EQ(of.owners, 1) << "kept for the future";
  }
  EXPECT_EQ(of.owners, 0);
  hold held;
  group.set_max_concurrent(1);
  group.add_task(held.task());
  { auto dropped_before = group.submit(task); }
  held.release();
  expect_joins(group, {.succeeded = 4});
  EXPECT_EQ(of.owners, 0);
  EXPECT_EQ(of.ends, 3);
  EXPECT_EQ(of.copies, 0);
  expect_accounted(group, 4);
}

TEST(future, without_a_task_is_not_valid) {
  tg::future<int> empty;
  EXPECT_FALSE(empty.valid());
  EXPECT_FALSE(empty.ready());
  EXPECT_THROW(static_cast<void>(empty.get()), tg::error);
  EXPECT_THROW(static_cast<void>(empty.kind()), tg::error);
  EXPECT_THROW(static_cast<void>(empty.wait_for(0s)), tg::error);
}

TEST(future, gives_its_outcome_once) {
  tg::group group("once");
  auto good = group.submit([] { return 1; });
  auto bad = group.submit([]() -> int { throw std::runtime_error("bad"); });
  EXPECT_EQ(good.get(), 1);
  EXPECT_THROW(static_cast<void>(bad.get()), std::runtime_error);
  for (auto* spent : {&good, &bad}) {
    EXPECT_FALSE(spent->valid());
    EXPECT_THROW(static_cast<void>(spent->get()), tg::error);
  }
  expect_joins(group, {.succeeded = 1, .failed = 1});
}

TEST(future, moves) {
  tg::group group("moves");
  auto first = group.submit([] { return 1; });
  const tg::task_id id = first.id();
  tg::future<int> second(std::move(first));
  EXPECT_FALSE(first.valid());
  EXPECT_EQ(second.id(), id);
  auto third = group.submit([] { return 3; });
  third = std::move(second);
  EXPECT_EQ(third.id(), id);
  EXPECT_EQ(third.get(), 1);
  std::vector<tg::future<int>> many;
  for (int i = 0; i < 100; ++i) many.push_back(group.submit([i] { return i; }));
  for (int i = 99; i >= 0; --i) EXPECT_EQ(many[static_cast<std::size_t>(i)].get(), i);
  expect_joins(group, {.succeeded = 102});
}

TEST(future, tells_the_kind_of_each_outcome_and_keeps_it) {
  tg::group group("kinds");
  auto value = group.submit([] { return 5; });
  auto exception = group.submit([]() -> int { throw std::logic_error("no"); });
  auto skipped = group.submit([]() -> int { throw tg::task_skipped(tg::event_cause::deadline); });
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(value.kind(), tg::outcome_kind::value);
    EXPECT_EQ(exception.kind(), tg::outcome_kind::exception);
    EXPECT_EQ(skipped.kind(), tg::outcome_kind::skipped);
  }
  EXPECT_EQ(value.get(), 5);
  EXPECT_THROW(static_cast<void>(exception.get()), std::logic_error);
  EXPECT_THROW(static_cast<void>(skipped.get()), tg::task_skipped);
  expect_joins(group, {.succeeded = 1, .failed = 1, .skipped = 1});
}

tg::event_cause cause_of(tg::future<int>& skipped) {
  try {
    static_cast<void>(skipped.get());
  } catch (const tg::task_skipped& error) {
    return error.cause();
  }
  return tg::event_cause::none;
}

TEST(future, says_why_its_task_was_skipped) {
  tg::group paused("paused", {.max_concurrent = 0});
  auto cleared = paused.submit([] { return 1; });
  EXPECT_EQ(paused.clear_pending_tasks(), 1u);
  EXPECT_EQ(cause_of(cleared), tg::event_cause::cleared);
  auto stopped = paused.submit([] { return 1; });
  paused.set_event(tg::event_cause::shutdown);
  EXPECT_EQ(cause_of(stopped), tg::event_cause::shutdown);
  auto too_late = paused.submit([] { return 1; });
  EXPECT_EQ(cause_of(too_late), tg::event_cause::shutdown);
  expect_joins(paused, {.skipped = 3});
  auto abandoned = [] {
    tg::group group("abandoned", {.max_concurrent = 0});
    return group.submit([] { return 1; });
  }();
  EXPECT_EQ(cause_of(abandoned), tg::event_cause::abandoned);
}

TEST(future, is_not_ready_before_its_task_has_ended) {
  tg::group group("slow");
  hold held;
  auto slow = group.submit([stay = held.task()] {
    stay();
    return 1;
  });
  EXPECT_FALSE(slow.ready());
  EXPECT_FALSE(slow.wait_for(0s));
  EXPECT_FALSE(slow.wait_for(-1h));
  EXPECT_FALSE(slow.wait_for(2ms));
  EXPECT_FALSE(slow.wait_for(std::chrono::duration<double>(0.001)));
  held.release();
  EXPECT_TRUE(slow.wait_for(std::chrono::hours::max()));
  EXPECT_TRUE(slow.ready());
  EXPECT_TRUE(slow.wait_for(-1s));
  EXPECT_EQ(slow.get(), 1);
  expect_joins(group, {.succeeded = 1});
}

// Takes its time to die.
struct slow_to_end {
  std::atomic<int>* ended;
  explicit slow_to_end(std::atomic<int>& count) : ended(&count) {}
  slow_to_end(slow_to_end&& other) noexcept : ended(std::exchange(other.ended, nullptr)) {}
  slow_to_end& operator=(slow_to_end&&) = delete;
  ~slow_to_end() {
    if (ended == nullptr) return;
    std::this_thread::sleep_for(1ms);
    ++*ended;
  }
};

TEST(future, is_ready_only_when_callable_and_captures_are_gone) {
  tg::group group("captures");
  for (int i = 0; i < 30; ++i) {
    std::atomic<int> ended{0};
    auto value =
        group.submit([inside = slow_to_end(ended)](const slow_to_end&) { return 1; }, slow_to_end(ended));
    ASSERT_TRUE(eventually([&] { return value.ready(); }));
    ASSERT_EQ(ended, 2);
    auto failing = group.submit([inside = slow_to_end(ended)] { throw 1; });
    EXPECT_THROW(failing.get(), int);
    ASSERT_EQ(ended, 3);
    auto boxed = group.submit(tg::boxed([inside = slow_to_end(ended)] {}));
    boxed.get();
    ASSERT_EQ(ended, 4);
    group.set_max_concurrent(0);
    auto cleared = group.submit([inside = slow_to_end(ended)] {});
    auto clearing = in_background([&] { return group.clear_pending_tasks(); });
    ASSERT_TRUE(cleared.wait_for(patience));
    ASSERT_EQ(ended, 5);
    ASSERT_TRUE(finishes(clearing));
    ASSERT_EQ(clearing.get(), 1u);
    group.set_max_concurrent(1);
  }
  expect_joins(group, {.succeeded = 60, .failed = 30, .skipped = 30});
  expect_accounted(group, 120);
}

TEST(future, may_outlive_its_group) {
  lives of;
  {
    tg::future<std::unique_ptr<int>> value;
    tg::future<tracked> unfetched;
    tg::future<int> exception;
    {
      tg::group group("gone");
      value = group.submit([] { return std::make_unique<int>(11); });
      unfetched = group.submit([&of] { return tracked(of); });
      exception = group.submit([]() -> int { throw std::runtime_error("kept"); });
      expect_joins(group, {.succeeded = 2, .failed = 1});
    }
    // Others use the records and the group's place meanwhile.
    tg::group next("next");
    for (int i = 0; i < 200; ++i) next.submit([i] { return i; }).get();
    EXPECT_EQ(*value.get(), 11);
    EXPECT_THROW(static_cast<void>(exception.get()), std::runtime_error);
    EXPECT_EQ(of.owners, 1);
  }
  EXPECT_EQ(of.owners, 0);
}

TEST(future, of_many_may_be_waited_for_by_tasks_of_other_groups) {
  tg::group producers("producers"), consumers("consumers", {.max_concurrent = 64});
  std::atomic<int> sum{0};
  hold held;
  for (int i = 0; i < 50; ++i) {
    auto value = producers.submit([i, stay = held.task()] {
      stay();
      return i;
    });
    consumers.add_task([&sum](tg::future<int> waited) { sum += waited.get(); }, std::move(value));
  }
  held.release();
  expect_joins(consumers, {.succeeded = 50});
  expect_joins(producers, {.succeeded = 50});
  EXPECT_EQ(sum, 49 * 50 / 2);
}

TEST(future, is_woken_again_and_again) {
  tg::group group("ping");
  for (int i = 0; i < 3'000; ++i) ASSERT_EQ(group.submit([i] { return i; }).get(), i);
  expect_joins(group, {.succeeded = 3'000});
  expect_accounted(group, 3'000);
}

TEST(future_of_the_own_group, still_queued_at_limit_1_would_deadlock) {
  tg::group group("alone", {.max_concurrent = 1});
  std::atomic<int> ran{0};
  tg::future<int> queued;
  group.add_task([&] {
    queued = group.submit([&] { return ++ran; });
    EXPECT_THROW(static_cast<void>(queued.get()), tg::would_deadlock);
    EXPECT_THROW(static_cast<void>(queued.kind()), tg::would_deadlock);
    EXPECT_THROW(static_cast<void>(queued.wait_for(patience)), tg::would_deadlock);
    EXPECT_TRUE(queued.valid()) << "the refused wait spent nothing";
    EXPECT_FALSE(queued.ready());
  });
  expect_joins(group, {.succeeded = 2});
  EXPECT_EQ(queued.get(), 1);
  expect_accounted(group, 2);
}

// It will never run, so nothing waits for itself.
TEST(future_of_the_own_group, that_will_be_skipped_is_waited_for_at_limit_1) {
  tg::group group("set", {.max_concurrent = 1});
  std::atomic<bool> told{false};
  group.add_task([&] {
    auto queued = group.submit([] {});
    group.set_event();
    auto late = group.submit([] {});
    for (tg::future<void>* skipped : {&queued, &late}) {
      EXPECT_EQ(skipped->kind(), tg::outcome_kind::skipped);
      EXPECT_THROW(skipped->get(), tg::task_skipped);
    }
    told = true;
  });
  expect_joins(group, {.succeeded = 1, .skipped = 2});
  EXPECT_TRUE(told);
  expect_accounted(group, 3);
}

TEST(future_of_the_own_group, that_has_ended_is_fetched_at_limit_1) {
  tg::group group("earlier", {.max_concurrent = 1});
  auto earlier = group.submit([] { return 7; });
  std::atomic<int> got{0};
  group.add_task([&] { got = earlier.get(); });
  expect_joins(group, {.succeeded = 2});
  EXPECT_EQ(got, 7);
  expect_accounted(group, 2);
}

TEST(future_of_the_own_group, is_waited_for_where_the_limit_allows) {
  tg::group group("two", {.max_concurrent = 2});
  std::atomic<int> got{0};
  group.add_task([&] { got = group.submit([] { return 8; }).get(); });
  expect_joins(group, {.succeeded = 2});
  EXPECT_EQ(got, 8);
  expect_accounted(group, 2);
}

TEST(future_of_another_group, at_limit_1_is_waited_for) {
  tg::group outer("outer", {.max_concurrent = 1}), other("other", {.max_concurrent = 1});
  std::atomic<int> got{0};
  outer.add_task([&] {
    tg::group inner("inner", {.max_concurrent = 1});
    got = inner.submit([] { return 1; }).get() + other.submit([] { return 2; }).get();
  });
  expect_joins(outer, {.succeeded = 1});
  expect_joins(other, {.succeeded = 1});
  EXPECT_EQ(got, 3);
}

struct immovable_today {
  immovable_today() = default;
  immovable_today(immovable_today&&) { throw std::runtime_error("no moves today"); }
};

TEST(future_result, that_throws_when_it_is_moved_into_its_place_is_the_tasks_failure) {
  tg::group group("stubborn result");
  auto result = group.submit([] { return immovable_today(); });
  EXPECT_EQ(result.kind(), tg::outcome_kind::exception);
  EXPECT_THROW(result.get(), std::runtime_error);
  expect_joins(group, {.failed = 1});
}

}  // namespace
