// Promise: callables and their arguments are decayed and moved into the task record, as std::thread does it;
// what is too large is boxed. (group.h, Callables)
#include "tests/support/accounting.h"
#include "tests/support/life_counter.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <any>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace {

using namespace tg_test;

static_assert(tg::inline_task_capacity >= 64);
static_assert(tg::inline_result_capacity >= 32);

// Adds by all three ways, joins, and expects three successes.
template <class Add>
void three_times(Add add) {
  tg::group group("three ways");
  add([&](auto&&... call) { group.add_task(std::forward<decltype(call)>(call)...); });
  add([&](auto&&... call) { EXPECT_TRUE(group.try_add_task(std::forward<decltype(call)>(call)...)); });
  add([&](auto&&... call) { group.submit(std::forward<decltype(call)>(call)...).get(); });
  expect_joins(group, {.succeeded = 3});
  expect_accounted(group, 3);
}

TEST(callable, may_be_move_only) {
  std::atomic<int> sum{0};
  three_times([&](auto add) { add([&sum, captured = std::make_unique<int>(5)] { sum += *captured; }); });
  EXPECT_EQ(sum, 15);
}

TEST(callable, may_take_move_only_arguments) {
  std::atomic<int> sum{0};
  three_times([&](auto add) {
    add([&sum](std::unique_ptr<int> a, std::unique_ptr<int>&& b) { sum += *a + *b; },
        std::make_unique<int>(1), std::make_unique<int>(2));
  });
  EXPECT_EQ(sum, 9);
}

std::atomic<int> free_calls{0};
void free_function() { ++free_calls; }
void free_function_with(int by) { free_calls += by; }

TEST(callable, may_be_a_function) {
  free_calls = 0;
  three_times([&](auto add) { add(free_function); });
  three_times([&](auto add) { add(&free_function_with, 10); });
  EXPECT_EQ(free_calls, 33);
}

struct machine {
  std::atomic<int> starts{0};
  void start(int times) { starts += times; }
};

TEST(callable, may_be_a_member_function) {
  machine it;
  three_times([&](auto add) { add(&machine::start, &it, 2); });
  three_times([&](auto add) { add(&machine::start, std::ref(it), 3); });
  EXPECT_EQ(it.starts, 15);
}

TEST(callable, may_change_its_captures) {
  std::atomic<int> seen{0};
  three_times([&](auto add) { add([&seen, n = 1]() mutable { seen += ++n; }); });
  EXPECT_EQ(seen, 6);
}

struct rvalue_only {
  std::atomic<int>* calls;
  void operator()() && { ++*calls; }
  void operator()() & = delete;
};

TEST(callable, is_called_as_an_rvalue_as_std_thread_calls_it) {
  std::atomic<int> calls{0};
  three_times([&](auto add) { add(rvalue_only{&calls}); });
  EXPECT_EQ(calls, 3);
}

TEST(callable, may_return_what_nobody_wants) {
  tg::group group("results ignored");
  group.add_task([] { return std::make_unique<int>(1); });
  ASSERT_TRUE(group.try_add_task([] { return std::string(1'000, 'x'); }));
  expect_joins(group, {.succeeded = 2});
  expect_accounted(group, 2);
}

TEST(arguments, are_decayed) {
  std::atomic<int> right{0};
  three_times([&](auto add) {
    const char text[] = "text";
    const int number = 3;
    add(
        [&right](auto&& pointer, auto&& value, auto&& function) {
          static_assert(std::is_same_v<decltype(pointer), const char*&&>);
          static_assert(std::is_same_v<decltype(value), int&&>);
          static_assert(std::is_same_v<decltype(function), void (*&&)()>);
          if (value == 3) ++right;
        },
        text, number, free_function);
  });
  EXPECT_EQ(right, 3);
}

TEST(arguments, are_kept_by_value_unless_wrapped_in_ref) {
  int referred = 1;
  std::string copied = "before";
  tg::group group("by value", {.max_concurrent = 0});
  std::string seen;
  group.add_task(
      [&seen](int& number, const std::string& text) {
        seen = text;
        number = 2;
      },
      std::ref(referred), copied);
  copied = "after";
  group.set_max_concurrent(1);
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(seen, "before");
  EXPECT_EQ(referred, 2);
  expect_accounted(group, 1);
}

// Such types meet constructors that others do not: tags, tuples, and what can be made from everything.
TEST(arguments, of_odd_types_arrive_as_they_are) {
  std::atomic<int> right{0};
  three_times(
      [&](auto add) { add([&](std::index_sequence<0, 1>) { ++right; }, std::index_sequence<0, 1>()); });
  three_times([&](auto add) {
    add([&](std::in_place_t, std::allocator_arg_t) { ++right; }, std::in_place, std::allocator_arg);
  });
  three_times([&](auto add) { add([&](std::tuple<int> one) { right += std::get<0>(one); }, std::tuple(1)); });
  three_times([&](auto add) {
    add([&](const std::tuple<std::any>& one) { right += std::any_cast<int>(std::get<0>(one)); },
        std::tuple(std::any(1)));
  });
  const std::any copied(1);
  three_times([&](auto add) { add([&](std::any got) { right += std::any_cast<int>(got); }, copied); });
  three_times([&](auto add) { add([&](std::any got) { right += std::any_cast<int>(got); }, std::any(1)); });
  EXPECT_EQ(right, 18);
}

TEST(callable, may_be_a_function_object_that_takes_its_like) {
  std::atomic<int> calls{0};
  const std::function<void()> counts = [&] { ++calls; };
  const std::function<void(std::function<void()>)> calls_it = [](const std::function<void()>& given) {
    given();
  };
  three_times([&](auto add) { add(counts); });
  three_times([&](auto add) { add(std::ref(counts)); });
  three_times([&](auto add) { add([](const std::function<void()>& given) { given(); }, counts); });
  three_times([&](auto add) { add(std::cref(calls_it), counts); });
  EXPECT_EQ(calls, 12);
}

TEST(arguments, given_as_rvalues_are_never_copied) {
  lives callable, argument;
  three_times([&](auto add) { add([inside = tracked(callable)](tracked) {}, tracked(argument)); });
  EXPECT_EQ(callable.copies, 0);
  EXPECT_EQ(argument.copies, 0);
}

TEST(arguments, given_as_lvalues_are_copied_once_and_stay_untouched) {
  lives of;
  const tracked mine(of);
  tg::group group("copied");
  group.add_task([](tracked&& got) { EXPECT_TRUE(got.is_owner()); }, mine);
  expect_joins(group, {.succeeded = 1});
  EXPECT_EQ(of.copies, 1);
  EXPECT_TRUE(mine.is_owner());
  EXPECT_EQ(of.owners, 1);
}

// A callable of exactly `Size` bytes.
template <std::size_t Size>
struct sized {
  std::array<unsigned char, Size - sizeof(void*)> content;
  std::atomic<int>* good;

  explicit sized(std::atomic<int>& count) : content{}, good(&count) {
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<unsigned char>(i * 7);
  }
  void operator()() const {
    for (std::size_t i = 0; i < content.size(); ++i) {
      if (content[i] != static_cast<unsigned char>(i * 7)) return;
    }
    ++*good;
  }
};

TEST(large_callable, of_the_whole_capacity_fits) {
  static_assert(sizeof(sized<tg::inline_task_capacity>) == tg::inline_task_capacity);
  std::atomic<int> good{0};
  for (int i = 0; i < 100; ++i) {
    three_times([&](auto add) { add(sized<tg::inline_task_capacity>(good)); });
  }
  EXPECT_EQ(good, 300);
}

// What has no state takes no room beside its arguments.
TEST(large_callable, of_the_whole_capacity_fits_as_an_argument) {
  std::atomic<int> good{0};
  const sized<tg::inline_task_capacity> argument(good);
  tg::group group("full");
  group.add_task([](const sized<tg::inline_task_capacity>& whole) { whole(); }, argument);
  group.submit([](const sized<tg::inline_task_capacity>& whole) { whole(); }, argument).get();
  EXPECT_EQ(group.join().succeeded, 2u);
  EXPECT_EQ(good, 2);
}

TEST(large_callable, of_any_size_fits_boxed) {
  std::atomic<int> good{0};
  three_times([&](auto add) { add(tg::boxed(sized<tg::inline_task_capacity + 8>(good))); });
  three_times([&](auto add) { add(tg::boxed(sized<100'000>(good))); });
  const sized<1'000> lvalue(good);
  three_times([&](auto add) { add(tg::boxed(lvalue)); });
  EXPECT_EQ(good, 9);
}

TEST(large_callable, boxed_takes_arguments_and_gives_results) {
  const std::array<int, 100> many{1, 2, 3};
  tg::group group("boxed");
  auto sum = group.submit(tg::boxed([many](int a, std::unique_ptr<int> b) { return many[2] + a + *b; }), 10,
                          std::make_unique<int>(100));
  auto move_only =
      group.submit(tg::boxed([many, held = std::make_unique<int>(9)] { return many[0] + *held; }));
  EXPECT_EQ(sum.get(), 113);
  EXPECT_EQ(move_only.get(), 10);
  expect_joins(group, {.succeeded = 2});
  expect_accounted(group, 2);
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
  std::atomic<int>* good;
  void operator()() const {
    if (reinterpret_cast<std::uintptr_t>(this) % Alignment == 0) ++*good;
  }
};

TEST(aligned_callable, is_aligned_in_its_record) {
  std::atomic<int> good{0};
  tg::group group("aligned");
  for (int i = 0; i < 300; ++i) group.add_task(aligned<alignof(std::max_align_t)>{&good});
  expect_joins(group, {.succeeded = 300});
  EXPECT_EQ(good, 300);
  expect_accounted(group, 300);
}

TEST(aligned_callable, beyond_the_record_is_aligned_in_its_box) {
  std::atomic<int> good{0};
  three_times([&](auto add) { add(tg::boxed(aligned<64>{&good})); });
  three_times([&](auto add) { add(tg::boxed(aligned<4096>{&good})); });
  EXPECT_EQ(good, 6);
}

// However a task ends, its callable is destroyed exactly once, and before the join returns.
enum class ending { success, failure, skipped_by_itself, skipped_by_event, cleared };

class callable_life : public testing::TestWithParam<ending> {
 protected:
  static void end_inside(ending how) {
    if (how == ending::failure) throw 1;
    if (how == ending::skipped_by_itself) throw tg::task_skipped(tg::event_cause::requested);
  }
  static bool ends_before_it_starts(ending how) {
    return how == ending::skipped_by_event || how == ending::cleared;
  }
};

TEST_P(callable_life, ends_once_and_before_the_join_returns) {
  const ending how = GetParam();
  for (int round = 0; round < 50; ++round) {
    lives of;
    tg::group group("life", {.max_concurrent = ends_before_it_starts(how) ? 0u : 4u});
    for (int i = 0; i < 10; ++i) group.add_task([how, inside = tracked(of)] { end_inside(how); });
    for (int i = 0; i < 10; ++i) group.add_task([how](const tracked&) { end_inside(how); }, tracked(of));
    for (int i = 0; i < 10; ++i) group.submit(tg::boxed([how, inside = tracked(of)] { end_inside(how); }));
    if (how == ending::skipped_by_event) group.set_event();
    EXPECT_EQ(how == ending::cleared ? group.clear_pending_tasks() : 30u, 30u);
    const bool timed = round % 2 == 0;
    ASSERT_TRUE(timed ? group.join_for(patience).complete : group.join().complete);
    ASSERT_EQ(of.owners, 0);
    ASSERT_EQ(of.ends, 30);
    expect_accounted(group, 30);
  }
}

INSTANTIATE_TEST_SUITE_P(endings, callable_life,
                         testing::Values(ending::success, ending::failure, ending::skipped_by_itself,
                                         ending::skipped_by_event, ending::cleared));

TEST(callable_destruction, of_queued_tasks_happens_in_the_groups_destructor_at_the_latest) {
  lives of;
  {
    tg::group group("abandoned", {.max_concurrent = 0});
    for (int i = 0; i < 20; ++i) group.add_task([inside = tracked(of)] {});
    EXPECT_EQ(of.owners, 20);
  }
  EXPECT_EQ(of.owners, 0);
  EXPECT_EQ(of.ends, 20);
}

// Adds a task when the callable that captured it is destroyed.
struct parting_gift {
  tg::group* to;
  std::atomic<int>* ran;
  parting_gift(tg::group& group, std::atomic<int>& count) : to(&group), ran(&count) {}
  parting_gift(parting_gift&& other) noexcept : to(std::exchange(other.to, nullptr)), ran(other.ran) {}
  parting_gift& operator=(parting_gift&&) = delete;
  ~parting_gift() {
    if (to != nullptr) to->add_task([count = ran] { ++*count; });
  }
};

TEST(callable_destruction, may_add_tasks_and_the_join_waits_for_them) {
  std::atomic<int> ran{0};
  tg::group group("parting");
  for (int i = 0; i < 100; ++i) {
    group.add_task([gift = parting_gift(group, ran)] {});
    expect_joins(group, {.succeeded = 2});
    EXPECT_EQ(ran, i + 1);
  }
  expect_accounted(group, 200);
}

}  // namespace
