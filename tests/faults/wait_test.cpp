// Waits that the kernel ends for no reason: every wait of the library, with each way in which it can be cut short, once
// and several times in a row. It waits on, ends when it should, and answers right.
#include "tests/faults/injection/waits.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

constexpr wake_fault faults[] = {wake_fault::interrupted, wake_fault::spurious, wake_fault::word_moved,
                                 wake_fault::timed_out_early};
constexpr std::size_t rows[] = {1, 2, 7};

// What is waited for, and in what: groups of a runtime, of which `group` is the one that the wait is about.
struct scene {
  small_runtime machinery;
  std::optional<tg::group> group;
  std::optional<tg::future<int>> result;
  std::unique_ptr<tg::event_callback<std::function<void()>>> callback;
  std::thread setter;
  hold held;
  gate go_on;
  std::atomic<bool> inside{false};
  std::atomic<bool> condition{false};
};

struct wait {
  const char* name;
  bool is_timed;
  std::size_t adds;
  void (*prepare)(scene&);
  bool (*wait_here)(scene&);  // whether the answer is right
  void (*end)(scene&);

  friend void PrintTo(const wait& what, std::ostream* out) { *out << what.name; }
};

void make(scene& at, const tg::group_options& options) {
  tg::group_options on = options;
  on.on = &*at.machinery;
  at.group.emplace("waited for", on);
}

void run_one(scene& at) {
  make(at, {.max_concurrent = 1});
  at.group->add_task(at.held.task());
  EXPECT_TRUE(at.held.wait_entered(1));
}

void submit_one(scene& at) {
  make(at, {.max_concurrent = 1});
  at.result.emplace(at.group->submit([run = at.held.task()] {
    run();
    return 5;
  }));
  EXPECT_TRUE(at.held.wait_entered(1));
}

void call_back(scene& at) {
  make(at, {});
  at.callback = std::make_unique<tg::event_callback<std::function<void()>>>(*at.group, [&at] {
    at.inside = true;
    EXPECT_TRUE(at.go_on.wait());
  });
  at.setter = std::thread([&at] { at.group->set_event(); });
  EXPECT_TRUE(eventually([&] { return at.inside.load(); }));
}

void release(scene& at) { at.held.release(); }
void set(scene& at) { at.group->set_event(); }

const wait waits[] = {
    {"producer", false, 2,
     [](scene& at) {
       make(at, {.max_concurrent = 0, .max_pending = 1});
       at.group->add_task([] {});
     },
     [](scene& at) { return at.group->add_task([] {}) == 2; },
     [](scene& at) { at.group->set_max_concurrent(1); }},
    {"event_wait", false, 0, [](scene& at) { make(at, {}); },
     [](scene& at) {
       at.group->event().wait();
       return at.group->event().is_set();
     },
     &set},
    {"event_sleep", true, 0, [](scene& at) { make(at, {}); },
     [](scene& at) { return !at.group->event().sleep_for(1h); }, &set},
    {"join", false, 1, &run_one, [](scene& at) { return at.group->join().succeeded == 1; }, &release},
    {"timed_join", true, 1, &run_one,
     [](scene& at) {
       const tg::join_report report = at.group->join_for(1h);
       return report.complete && report.succeeded == 1;
     },
     &release},
    {"group_end", false, 1, &run_one,
     [](scene& at) {
       at.group.reset();
       return true;
     },
     &release},
    {"condition_drained", true, 1, &run_one,
     [](scene& at) {
       return at.group->wait_for_condition([] { return false; }, 1h, 1h) == tg::condition::drained;
     },
     &release},
    {"condition_met", true, 1, &run_one,
     [](scene& at) {
       return at.group->wait_for_condition([&] { return at.condition.load(); }, 1h, 1h) == tg::condition::met;
     },
     [](scene& at) {
       at.condition = true;
       at.group->notify();
       at.held.release();
     }},
    {"future_get", false, 1, &submit_one, [](scene& at) { return at.result->get() == 5; }, &release},
    {"future_wait", true, 1, &submit_one, [](scene& at) { return at.result->wait_for(1h); }, &release},
    {"callback_end", false, 0, &call_back,
     [](scene& at) {
       at.callback.reset();
       return true;
     },
     [](scene& at) { at.go_on.open(); }},
};

class struck_wait : public testing::TestWithParam<wait> {
 protected:
  // On a thread of the test, or in a task, where the wait counts as blocking.
  static void run(wake_fault fault, std::size_t in_a_row, bool in_a_task) {
    scene at;
    GetParam().prepare(at);
    tg::group strangers("strangers", at.machinery.with_limit(1));
    const struck_waits struck(fault, in_a_row, struck_waits::of::this_thread);
    sleep_mark mark;
    std::atomic<bool> has_ended{false}, was_right{false};
    const auto wait_here = [&] {
      struck_waits::meant_here();
      mark.about_to_wait();
      was_right = GetParam().wait_here(at);
      struck_waits::not_meant_here();
      has_ended = true;
    };
    std::thread waiter;
    if (in_a_task) {
      strangers.add_task([&wait_here] { wait_here(); });
    } else {
      waiter = std::thread(wait_here);
    }
    EXPECT_TRUE(eventually([&] { return struck.struck() >= in_a_row; })) << "the wait was not reached";
    EXPECT_TRUE(mark.wait_asleep());
    EXPECT_FALSE(has_ended);
    GetParam().end(at);
    EXPECT_TRUE(eventually([&] { return has_ended.load(); }));
    EXPECT_TRUE(was_right);
    if (waiter.joinable()) waiter.join();
    if (at.setter.joinable()) at.setter.join();
    expect_joins(strangers, {.succeeded = in_a_task ? 1u : 0u});
    if (at.group) {
      EXPECT_TRUE(at.group->join_for(patience).complete);
      expect_accounted(*at.group, GetParam().adds);
    }
    at.result.reset();
    at.group.reset();
  }

  static void run_all(bool in_a_task) {
    for (const wake_fault fault : faults) {
      if (fault == wake_fault::timed_out_early && !GetParam().is_timed) continue;
      for (const std::size_t in_a_row : rows) {
        SCOPED_TRACE(testing::Message() << fault << ", " << in_a_row << " in a row");
        run(fault, in_a_row, in_a_task);
      }
    }
  }
};

TEST_P(struck_wait, of_a_thread_waits_on) { run_all(false); }
TEST_P(struck_wait, in_a_task_waits_on) { run_all(true); }

INSTANTIATE_TEST_SUITE_P(waits, struck_wait, testing::ValuesIn(waits),
                         [](const auto& tested) { return std::string(tested.param.name); });

// Waits to their end: no time-out is answered before its time.
struct timed_wait {
  const char* name;
  bool (*times_out)(tg::group& busy, std::chrono::nanoseconds time);

  friend void PrintTo(const timed_wait& what, std::ostream* out) { *out << what.name; }
};

const timed_wait timed_waits[] = {
    {"plain_sleep",
     [](tg::group&, std::chrono::nanoseconds time) { return tg::this_task::event_aware_sleep(time); }},
    {"event_sleep",
     [](tg::group& busy, std::chrono::nanoseconds time) { return busy.event().sleep_for(time); }},
    {"timed_join",
     [](tg::group& busy, std::chrono::nanoseconds time) { return !busy.join_for(time).complete; }},
    {"condition",
     [](tg::group& busy, std::chrono::nanoseconds time) {
       return busy.wait_for_condition([] { return false; }, time, 1h) == tg::condition::timed_out;
     }},
    {"future",
     [](tg::group& busy, std::chrono::nanoseconds time) { return !busy.submit([] {}).wait_for(time); }},
};

class struck_time_out : public testing::TestWithParam<timed_wait> {};

TEST_P(struck_time_out, does_not_come_before_its_time) {
  for (const wake_fault fault : faults) {
    for (const std::size_t in_a_row : rows) {
      SCOPED_TRACE(testing::Message() << fault << ", " << in_a_row << " in a row");
      scene at;
      run_one(at);
      constexpr auto time = 10ms;
      const auto began = std::chrono::steady_clock::now();
      {
        const struck_waits struck(fault, in_a_row, struck_waits::of::this_thread);
        EXPECT_TRUE(GetParam().times_out(*at.group, time));
        EXPECT_GE(struck.struck(), in_a_row);
      }
      EXPECT_GE(std::chrono::steady_clock::now() - began, time);
      at.held.release();
      EXPECT_TRUE(at.group->join_for(patience).complete);
      at.group.reset();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(waits, struck_time_out, testing::ValuesIn(timed_waits),
                         [](const auto& tested) { return std::string(tested.param.name); });

// The library's own threads, and who waits for them: parked and spare workers, the service thread, prewarm, the end
// of a runtime. All that waits is struck.
class struck_library : public testing::TestWithParam<wake_fault> {};

TEST_P(struck_library, works_from_the_first_task_to_the_end_of_its_runtime) {
  std::size_t count = 0;
  for (const std::size_t in_a_row : rows) {
    SCOPED_TRACE(std::to_string(in_a_row) + " in a row");
    const struck_waits struck(GetParam(), in_a_row, struck_waits::of::all);
    for (int life = 0; life < 5; ++life) {
      tg::runtime_options options = little_of_everything();
      options.workers = 2;
      small_runtime machinery(options);
      machinery->prewarm();
      tg::group sleepers("sleepers", machinery.with_limit(8));
      std::atomic<int> begun{0};
      for (int i = 0; i < 2; ++i) {
        sleepers.add_task([&begun] {
          ++begun;
          tg::this_task::event_aware_sleep(1h);
        });
      }
      machinery.expect_works();
      EXPECT_TRUE(eventually([&] { return begun == 2; }));
      tg::group late("late", {.deadline = std::chrono::steady_clock::now() + 2ms, .on = &*machinery});
      EXPECT_TRUE(eventually([&] { return late.event().is_set(); }));
      EXPECT_EQ(late.state().cause, tg::event_cause::deadline);
      sleepers.set_event();
      expect_joins(sleepers, {.succeeded = 2});
      // Everybody has parked, or left, and comes again.
      EXPECT_TRUE(eventually(&all_others_sleep));
      machinery.expect_works();
    }
    count += struck.struck();
  }
  print_reached("waits that were struck", count);
  EXPECT_GT(count, 0u);
}

INSTANTIATE_TEST_SUITE_P(faults, struck_library, testing::ValuesIn(faults),
                         [](const auto& tested) { return name_of(tested.param); });

}  // namespace
