// Promise: once warm, checks, admission, groups, events and waits call no heap: not malloc, not operator new,
// not oneTBB's allocator, not mmap. (the head of the page: "never allocates")
#include "tests/support/counting_heap.h"
#include "tests/support/workers_meet.h"

#include <gtest/gtest.h>
#include <tbb/cache_aligned_allocator.h>
#include <tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

class no_heap : public testing::Test {
 protected:
  void SetUp() override {
    if (!TG_TEST_COUNTS_HEAP) GTEST_SKIP() << "a sanitizer has replaced the heap";
    tg::runtime& machinery = tg::runtime::instance();
    machinery.prewarm();
    tg::group group("warm-up");
    ASSERT_TRUE(all_workers_meet(group, machinery.stats().workers));
    // Once more after the workers have gone home.
    std::this_thread::sleep_for(3 * tg::runtime_options{}.linger);
    ASSERT_TRUE(all_workers_meet(group, machinery.stats().workers));
    ASSERT_TRUE(all_sleep(group, most_sleepers));
  }

  static constexpr std::size_t most_sleepers = 8;

  // So many tasks sleep until the event is set.
  static bool all_sleep(tg::group& group, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      group.add_task([] { static_cast<void>(tg::this_task::event_aware_sleep(1h)); });
    }
    const bool asleep = soon([&] { return tg::runtime::instance().stats().blocked == count; });
    group.set_event();
    return group.join().succeeded == count && asleep;
  }

  template <class Act>
  static heap_counts calls_of(Act act) {
    counting_heap::begin();
    act();
    return counting_heap::end();
  }

  // `act` tells whether it did what it was to do. What the measured path itself allocates shows in every attempt; a
  // worker that leaves or is started meanwhile, which takes memory of its own, does not.
  template <class Act>
  static void expect_none_once_warm(Act act) {
    constexpr int warm_ups = 5, rounds = 20, attempts = 20;
    bool all = true;
    for (int i = 0; i < warm_ups; ++i) all = act() && all;
    heap_counts counts;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      counts = calls_of([&] {
        for (int i = 0; i < rounds; ++i) all = act() && all;
      });
      if (counts.taken() == 0) break;
    }
    EXPECT_TRUE(all) << "the measured work did not succeed";
    EXPECT_EQ(counts.taken(), 0u) << counts;
  }
};

// The controls: what is not counted here would not be seen below either.

void* volatile kept = nullptr;  // so that the compiler does not remove what is made

void take_and_free(void* made) {
  kept = made;
  std::free(kept);
}

void make_and_delete() {
  kept = new int;
  delete static_cast<int*>(kept);
}

TEST_F(no_heap, control_counts_each_way_to_get_memory) {
  const auto expect = [](heap_call kind, auto act) {
    const heap_counts counts = calls_of(act);
    EXPECT_GT(counts[kind], 0u) << heap_call_names[static_cast<std::size_t>(kind)] << " is not counted";
  };
  expect(heap_call::malloc, [] { take_and_free(std::malloc(10)); });
  expect(heap_call::free, [] { take_and_free(std::malloc(10)); });
  expect(heap_call::calloc, [] { take_and_free(std::calloc(10, 10)); });
  expect(heap_call::realloc, [] { take_and_free(std::realloc(nullptr, 10)); });
  expect(heap_call::aligned, [] { take_and_free(std::aligned_alloc(64, 64)); });
  expect(heap_call::operator_new, make_and_delete);
  expect(heap_call::operator_delete, make_and_delete);
  expect(heap_call::mmap, [] {
    kept = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::munmap(kept, 4096);
  });
}

TEST_F(no_heap, control_counts_a_task_that_allocates_on_a_worker) {
  tg::group group("allocates");
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  const auto allocate = [&there] {
    there = std::this_thread::get_id();
    make_and_delete();
  };
  // A future's wait runs no task: the task runs on a worker.
  const heap_counts counts = calls_of([&] { group.submit(allocate).get(); });
  EXPECT_NE(there, here);
  EXPECT_GE(counts[heap_call::operator_new], 1u);
  EXPECT_GE(counts[heap_call::operator_delete], 1u);
  EXPECT_EQ(group.join().succeeded, 1u);
}

TEST_F(no_heap, control_counts_boxed_callables) {
  tg::group group("boxed");
  const heap_counts counts = calls_of([&] { group.submit(tg::boxed([] {})).get(); });
  EXPECT_GT(counts.taken(), 0u);
  EXPECT_EQ(group.join().succeeded, 1u);
}

TEST_F(no_heap, control_counts_the_allocator_of_one_tbb) {
  const heap_counts direct = calls_of([] {
    tbb::cache_aligned_allocator<char> allocator;
    allocator.deallocate(allocator.allocate(100), 100);
  });
  EXPECT_GT(direct[heap_call::tbb], 0u)
      << "oneTBB does not use the program's scalable_malloc; seen: " << direct;
}

TEST_F(no_heap, control_counts_one_tbb_at_work_on_its_own_threads) {
  const heap_counts working = calls_of([] {
    tbb::task_group group;
    for (int i = 0; i < 10'000; ++i) group.run([] {});
    group.wait();
  });
  EXPECT_GT(working.taken(), 0u);
}

TEST_F(no_heap, in_event_checks) {
  tg::group group("checks");
  std::size_t set = 0;
  expect_none_once_warm([&] {
    const tg::event_view view = group.event();
    for (int i = 0; i < 1'000; ++i) set += view.is_set() ? 1u : 0u;
    group.add_task([] {
      for (int i = 0; i < 1'000; ++i) static_cast<void>(tg::this_task::event_set());
    });
    static_cast<void>(group.state());
    return group.join().succeeded == 1 && set == 0;
  });
}

TEST_F(no_heap, in_add_task_and_join) {
  for (const std::uint32_t limit : {1u, 2u, 32u, tg::group::max_limit}) {
    tg::group group("adds", {.max_concurrent = limit});
    std::atomic<std::size_t> ran{0};
    expect_none_once_warm([&] {
      const std::size_t before = ran;
      for (int i = 0; i < 2'000; ++i) group.add_task([&ran] { ++ran; });
      return group.join().succeeded == 2'000 && ran - before == 2'000;
    });
  }
}

TEST_F(no_heap, in_add_task_to_an_idle_group_again_and_again) {
  tg::group group("idle");
  std::size_t added = 0;
  expect_none_once_warm([&] {
    for (int i = 0; i < 100; ++i) {
      group.add_task([] {});
      ++added;
      if (!soon([&] { return group.stats().succeeded == added; })) return false;
    }
    return true;
  });
}

TEST_F(no_heap, in_try_add_task_accepted_and_refused) {
  tg::group group("tries", {.max_concurrent = 0, .max_pending = 50});
  expect_none_once_warm([&] {
    std::size_t accepted = 0;
    for (int i = 0; i < 100; ++i) accepted += group.try_add_task([] {}) ? 1u : 0u;
    group.set_max_concurrent(4);
    const bool joined = group.join().succeeded == 50;
    group.set_max_concurrent(0);
    return joined && accepted == 50;
  });
}

TEST_F(no_heap, in_submit_and_get) {
  tg::group group("submits");
  expect_none_once_warm([&] {
    int sum = 0;
    for (int i = 0; i < 100; ++i) sum += group.submit([i] { return i; }).get();
    return sum == 4'950 && group.join().succeeded == 100;
  });
}

TEST_F(no_heap, in_short_groups) {
  expect_none_once_warm([] {
    bool all = true;
    for (int i = 0; i < 50; ++i) {
      tg::group group("short");
      group.add_task([] {});
      all = group.join().succeeded == 1 && all;
    }
    return all;
  });
}

TEST_F(no_heap, in_nested_groups) {
  tg::group outer("outer");
  std::atomic<std::size_t> ran{0};
  expect_none_once_warm([&] {
    const std::size_t before = ran;
    for (int i = 0; i < 50; ++i) {
      outer.add_task([&ran] {
        tg::group inner("inner");
        for (int k = 0; k < 10; ++k) inner.add_task([&ran] { ++ran; });
        static_cast<void>(inner.join());
      });
    }
    return outer.join().succeeded == 50 && ran - before == 500;
  });
}

TEST_F(no_heap, in_setting_the_event_of_a_hundred_children) {
  constexpr std::size_t count = 100;
  expect_none_once_warm([] {
    tg::group root("root");
    std::array<std::optional<tg::group>, count> children;
    for (auto& child : children) child.emplace(root, "child");
    root.set_event();
    std::size_t set = 0;
    for (const auto& child : children) set += child->event().is_set() ? 1u : 0u;
    return set == count;
  });
}

TEST_F(no_heap, in_setting_and_rearming) {
  tg::group group("again", {.max_concurrent = 0});
  expect_none_once_warm([&] {
    for (int i = 0; i < 10; ++i) group.add_task([] {});
    group.set_event();
    return group.join().skipped == 10 && group.reset_event();
  });
}

// Each crowd of them in another group: what one has left serves the next in its place.
TEST_F(no_heap, in_callbacks_of_one_group_after_the_other) {
  expect_none_once_warm([&] {
    tg::group group("one of many");
    std::array<std::optional<tg::event_callback<void (*)()>>, 100> crowd;
    for (auto& each : crowd) each.emplace(group, [] {});
    return true;
  });
}

TEST_F(no_heap, in_sleeps_and_wakes) {
  expect_none_once_warm([] {
    tg::group group("sleepers");
    return all_sleep(group, most_sleepers);
  });
}

TEST_F(no_heap, in_sleeps_that_are_slept_to_their_end) {
  tg::group group("sleepers");
  expect_none_once_warm([&] {
    for (int i = 0; i < 4; ++i)
      group.add_task([] { static_cast<void>(tg::this_task::event_aware_sleep(100us)); });
    return group.event().sleep_for(10us) && group.join().succeeded == 4;
  });
}

TEST_F(no_heap, in_wait_for_condition_however_it_ends) {
  expect_none_once_warm([] {
    tg::group group("condition", {.on_event = tg::pending_policy::run});
    const bool drained = group.wait_for_condition([] { return false; }, 1h) == tg::condition::drained;
    std::atomic<bool> truth{false};
    group.add_task([&] {
      truth = true;
      group.notify();
    });
    const bool met = group.wait_for_condition([&] { return truth.load(); }, 1h) == tg::condition::met;
    const bool set = group.wait_for_condition([] { return false; }, 1h) == tg::condition::event_set;
    return group.join().complete && drained && met && set;
  });
}

TEST_F(no_heap, in_timed_joins) {
  tg::group group("paused", {.max_concurrent = 0});
  expect_none_once_warm([&] {
    for (int i = 0; i < 10; ++i) group.add_task([] {});
    const bool in_vain = !group.join_for(100us).complete;
    group.set_max_concurrent(2);
    const bool joined = group.join_for(1h).succeeded == 10;
    group.set_max_concurrent(0);
    return in_vain && joined;
  });
}

TEST_F(no_heap, in_clearing_what_is_pending) {
  tg::group group("cleared", {.max_concurrent = 0});
  expect_none_once_warm([&] {
    for (int i = 0; i < 100; ++i) group.add_task([] {});
    return group.clear_pending_tasks() == 100 && group.join().skipped == 100;
  });
}

// They take turns: each has all records of a small pool at once, and gives all of them back.
TEST_F(no_heap, in_a_small_pool_that_many_threads_share) {
  constexpr std::size_t threads = 40, records = 64;
  tg::runtime small({.workers = 1, .task_records = records, .group_records = 4});
  tg::group group("small", {.max_concurrent = 0, .on = &small});
  const auto add_and_clear = [&](std::size_t tasks) {
    std::size_t added = 0;
    while (added < tasks && group.try_add_task([] {})) ++added;
    return group.clear_pending_tasks() == tasks && added == tasks;
  };
  std::atomic<std::size_t> turn{0}, done{0};
  const auto take_turn = [&](std::size_t number, std::size_t tasks) {
    if (eventually([&] { return turn > number; }) && add_and_clear(tasks)) ++done;
  };
  std::vector<std::jthread> crowd;
  for (std::size_t me = 0; me < threads; ++me) {
    crowd.emplace_back([&, me] {
      take_turn(me, 1);
      take_turn(threads + me, records);
    });
  }
  const auto next_turns = [&] {
    for (const std::size_t last = turn + threads; turn < last;) {
      ++turn;
      if (!eventually([&] { return done == turn; })) return false;
    }
    return true;
  };
  EXPECT_TRUE(next_turns());
  bool all = false;
  const heap_counts counts = calls_of([&] { all = next_turns(); });
  EXPECT_TRUE(all) << "the measured work did not succeed";
  EXPECT_EQ(counts.taken(), 0u) << counts;
}

}  // namespace
