// No memory: the n-th time that a call asks for some it gets none, for every n. std::bad_alloc reaches the caller,
// nothing was added, nothing is lost, and the next call works; what cannot throw works all the same.
#include "tests/faults/injection/memory.h"
#include "tests/faults/small_runtime.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// True: it threw std::bad_alloc.
template <class Call>
bool finds_no_memory(Call call) {
  try {
    call();
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

TEST(without_memory, a_runtime_is_not_made_or_works_and_the_next_is_made) {
  for_every_n([](std::size_t n) {
    std::optional<small_runtime> machinery;
    bool struck = false, threw = false;
    {
      const failing call(memory, n, whose::this_thread);
      threw = finds_no_memory([&] { machinery.emplace(); });
      struck = call.has_struck();
    }
    EXPECT_TRUE(struck || !threw);
    if (threw) machinery.emplace();
    machinery->expect_works();
    return struck;
  });
}

// A call on a thread that the runtime does not know yet.
struct first_call {
  const char* name;
  std::size_t adds;
  void (*call)(tg::group&);
  bool may_throw = true;

  friend void PrintTo(const first_call& call, std::ostream* out) { *out << call.name; }
};

const first_call first_calls[] = {
    {"add_task", 1, [](tg::group& group) { group.add_task([] {}); }},
    {"add_task_boxed", 1,
     [](tg::group& group) {
       group.add_task(tg::boxed([large = std::array<char, 300>{}] { static_cast<void>(large); }));
     }},
    {"add_task_from_a_bounded_producer", 1,
     [](tg::group& group) {
       tg::group bounded(group, "bounded", {.max_pending = 1});
       bounded.add_task([] {});
       EXPECT_TRUE(bounded.join().complete);
       group.add_task([] {});
     }},
    {"submit", 1, [](tg::group& group) { static_cast<void>(group.submit([] { return 3; })); }},
    {"child_group", 0, [](tg::group& group) { tg::group child(group, "child"); }},
    {"child_with_deadline", 0,
     [](tg::group& group) {
       tg::group child(group, "child", {.deadline = std::chrono::steady_clock::now() + 1h});
     }},
    {"clear_pending_tasks", 0, [](tg::group& group) { group.clear_pending_tasks(); }},
    {"set_event", 0, [](tg::group& group) { group.set_event(); }, false},
    {"set_event_from_signal", 0, [](tg::group& group) { group.set_event_from_signal(); }, false},
    {"set_max_concurrent", 0, [](tg::group& group) { group.set_max_concurrent(3); }, false},
    {"stop_token", 0, [](tg::group& group) { EXPECT_FALSE(group.stop_token().stop_requested()); }},
    {"event_callback", 0, [](tg::group& group) { const tg::event_callback callback(group, [] {}); }},
};

class first_use : public testing::TestWithParam<first_call> {};

TEST_P(first_use, of_a_thread_throws_and_changes_nothing_or_works) {
  const auto run = [](std::size_t n) {
    small_runtime machinery;
    tg::group group("cold", machinery.with_limit(0));
    group.add_task([] {});
    bool threw = false, struck = false;
    std::thread([&] {
      {
        const failing call(memory, n, whose::this_thread);
        threw = finds_no_memory([&] { GetParam().call(group); });
        struck = call.has_struck();
      }
      EXPECT_FALSE(threw && !GetParam().may_throw);
      EXPECT_TRUE(struck || !threw);
      if (threw) GetParam().call(group);
    }).join();
    group.set_max_concurrent(2);
    EXPECT_TRUE(group.join_for(patience).complete);
    expect_accounted(group, 1 + GetParam().adds);
    machinery.expect_works();
    return struck;
  };
  if (std::string_view(GetParam().name) == "set_event_from_signal") {
    EXPECT_FALSE(run(1)) << "a signal handler has asked for memory";
  } else {
    for_every_n(run);
  }
}

INSTANTIATE_TEST_SUITE_P(calls, first_use, testing::ValuesIn(first_calls),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(first_use_by_try_add_task, is_refused) {
  for_every_n([](std::size_t n) {
    tg::runtime_options enough = little_of_everything();
    enough.task_records = 1000;
    small_runtime machinery(enough);
    tg::group group("cold", machinery.with_limit(1));
    bool added = false, struck = false;
    std::thread([&] {
      const failing call(memory, n, whose::this_thread);
      added = group.try_add_task([] {});
      struck = call.has_struck();
    }).join();
    EXPECT_TRUE(struck || added);
    expect_joins(group, {.succeeded = added ? 1u : 0u});
    expect_accounted(group, added ? 1 : 0);
    return struck;
  });
}

// What ends on a thread that the runtime does not know, and cannot throw.
TEST(first_use_by_an_end, of_a_group_with_tasks_left_works) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    std::optional<tg::group> group(std::in_place, "left", machinery.with_limit(0));
    std::atomic<int> destroyed{0};
    const auto count_end = [](std::atomic<int>* of) { ++*of; };
    for (int i = 0; i < 100; ++i) {
      group->add_task(
          [held = std::unique_ptr<std::atomic<int>, void (*)(std::atomic<int>*)>(&destroyed, count_end)] {});
    }
    bool struck = false;
    std::thread([&] {
      const failing call(memory, n, whose::this_thread);
      group.reset();
      struck = call.has_struck();
    }).join();
    EXPECT_EQ(destroyed.load(), 100);
    machinery.expect_works();
    return struck;
  });
}

TEST(first_use_by_an_end, of_a_future_works) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    tg::group group("past", machinery.with_limit(1));
    std::optional<tg::future<int>> result(group.submit([] { return 1; }));
    expect_joins(group, {.succeeded = 1});
    bool struck = false;
    std::thread([&] {
      const failing call(memory, n, whose::this_thread);
      result.reset();
      struck = call.has_struck();
    }).join();
    machinery.expect_works();
    return struck;
  });
}

TEST(first_use_by_a_joiner, throws_and_the_next_join_tells_all) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    tg::group group("joined", machinery.with_limit(1));
    for (int i = 0; i < 10; ++i) group.add_task([] {});
    bool threw = false, struck = false;
    std::thread([&] {
      const failing call(memory, n, whose::this_thread);
      threw = finds_no_memory([&] { EXPECT_EQ(group.join().succeeded, 10u); });
      struck = call.has_struck();
    }).join();
    if (threw) expect_joins(group, {.succeeded = 10});
    expect_accounted(group, 10);
    return struck;
  });
}

// From the n-th call on there is no memory for anybody, or only the n-th finds none.
class growth : public testing::TestWithParam<std::size_t> {};

TEST_P(growth, of_the_records_fails_and_what_was_added_runs) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    machinery.expect_works();
    tg::group group("paused", machinery.with_limit(0));
    constexpr std::size_t tries = 3000;
    std::size_t added = 0;
    bool struck = false;
    {
      const failing call(memory, n, whose::all, GetParam());
      for (std::size_t i = 0; i < tries; ++i) {
        if (!finds_no_memory([&] { group.add_task([] {}); })) ++added;
      }
      struck = call.has_struck();
      group.set_max_concurrent(2);
      // Takes no memory, for which there may be none.
      EXPECT_TRUE(group.join().complete);
    }
    EXPECT_TRUE(struck || added == tries);
    expect_accounted(group, added);
    EXPECT_EQ(group.stats().succeeded, added);
    machinery.expect_works();
    return struck;
  });
}

TEST_P(growth, of_groups_fails_and_those_that_were_made_work) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    machinery.expect_works();
    std::size_t added = 0, succeeded = 0;
    bool struck = false;
    {
      // The only worker is inside a task, so that all these groups stand in the ready queue at once.
      tg::group busy("busy", machinery.with_limit(1));
      gate go_on;
      std::atomic<bool> inside{false};
      busy.add_task([&] {
        inside = true;
        EXPECT_TRUE(go_on.wait());
      });
      EXPECT_TRUE(eventually([&] { return inside.load(); }));
      std::array<std::optional<tg::group>, 700> groups;
      {
        const failing call(memory, n, whose::all, GetParam());
        for (auto& group : groups) {
          if (finds_no_memory([&] { group.emplace("one of many", machinery.with_limit(1)); })) continue;
          for (int i = 0; i < 3; ++i) added += finds_no_memory([&] { group->add_task([] {}); }) ? 0u : 1u;
        }
        struck = call.has_struck();
        go_on.open();
        for (auto& group : groups) succeeded += group ? group->join().succeeded : 0;
      }
      expect_joins(busy, {.succeeded = 1});
    }
    EXPECT_EQ(succeeded, added);
    machinery.expect_works();
    return struck;
  });
}

INSTANTIATE_TEST_SUITE_P(memory, growth, testing::Values(std::size_t{1}, for_good),
                         [](const auto& tested) { return tested.param == 1 ? "fails_once" : "is_out"; });

TEST(failures, for_which_there_is_no_memory_are_counted_and_those_that_are_kept_are_told_once) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    machinery.expect_works();
    tg::group group("fails", machinery.with_limit(1));
    for (int i = 0; i < 5; ++i) group.add_task([] { throw std::runtime_error("on purpose"); });
    bool struck = false, threw = false;
    tg::join_report report;
    {
      const failing call(memory, n, whose::all);
      threw = finds_no_memory([&] { report = group.join(); });
      struck = call.has_struck();
    }
    if (threw) report = group.join();
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(tally_of(report), (tally{.failed = 5}));
    EXPECT_LE(report.failures.size(), 5u);
    EXPECT_GE(report.failures.size(), struck && !threw ? 4u : 5u);
    EXPECT_EQ(tally_of(group.join()), tally{});
    expect_accounted(group, 5);
    return struck;
  });
}

TEST(failures, that_a_timed_join_has_no_memory_to_tell_are_told_by_the_next) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    tg::group group("fails", machinery.with_limit(2));
    group.add_task([] { throw std::runtime_error("on purpose"); });
    gate go_on;
    group.add_task([&] { tg::this_task::blocking([&] { EXPECT_TRUE(go_on.wait()); }); });
    EXPECT_TRUE(eventually([&] { return group.stats().failed == 1; }));
    bool struck = false;
    {
      const failing call(memory, n, whose::this_thread);
      finds_no_memory([&] { static_cast<void>(group.join_for(0s)); });
      struck = call.has_struck();
    }
    go_on.open();
    const tg::join_report report = expect_joins(group, {.succeeded = 1, .failed = 1});
    EXPECT_EQ(report.failures.size(), 1u);
    return struck;
  });
}

TEST(failures, that_cannot_be_thrown_for_want_of_memory_stay_in_the_report) {
  for_every_n([](std::size_t n) {
    tg::group group("fails");
    for (int i = 0; i < 2; ++i) group.add_task([] { throw std::runtime_error("on purpose"); });
    const tg::join_report report = group.join();
    bool struck = false;
    {
      const failing call(memory, n, whose::this_thread);
      try {
        report.throw_if_failed();
      } catch (const std::bad_alloc&) {
      } catch (const tg::group_error&) {
      }
      struck = call.has_struck();
    }
    EXPECT_THROW(report.throw_if_failed(), tg::group_error);
    return struck;
  });
}

TEST(stop_tokens, for_which_there_is_no_memory_can_be_asked_for_again) {
  for_every_n([](std::size_t n) {
    small_runtime machinery;
    tg::group group("token", machinery.with_limit(1));
    bool struck = false;
    for (int epoch = 0; epoch < 2; ++epoch) {
      {
        const failing call(memory, n, whose::this_thread);
        finds_no_memory([&] { static_cast<void>(group.stop_token()); });
        struck = struck || call.has_struck();
      }
      const std::stop_token token = group.stop_token();
      EXPECT_FALSE(token.stop_requested());
      group.set_event();
      EXPECT_TRUE(token.stop_requested());
      EXPECT_TRUE(group.reset_event());
    }
    return struck;
  });
}

}  // namespace
