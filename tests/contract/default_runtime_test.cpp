// Promise: configure() works before the first use of the default runtime, and the last one counts; the environment
// overrides; what cannot be used or comes too late is bad_options naming variable or field and value, and nothing is
// started. (runtime.h)
#include "tests/support/accounting.h"
#include "tests/support/fresh_process.h"
#include "tests/support/process_status.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;

class default_runtime : public fresh_process {
 protected:
  template <class Act>
  static std::string message_of_bad_options(Act act) {
    try {
      act();
    } catch (const tg::bad_options& failure) {
      return failure.what();
    }
    return {};
  }
  static bool is_refused(const tg::runtime_options& options) {
    return !message_of_bad_options([&] { tg::runtime::configure(options); }).empty();
  }
  static bool runs_a_task() {
    tg::group group("one");
    return group.submit([] { return 5; }).get() == 5 && group.join().succeeded == 1;
  }
};

TEST_F(default_runtime, takes_the_options_of_configure) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime::configure({.workers = 3, .max_blocked = 9, .task_records = 500, .group_records = 50});
    const bool ran = runs_a_task();
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return ran && holds(stats.workers == 3, "workers") && holds(stats.blocked_cap == 9, "max_blocked") &&
           holds(stats.task_records >= 500 && stats.task_records < 65'536, "task_records") &&
           holds(stats.group_records >= 50 && stats.group_records < 4'096, "group_records");
  });
}

TEST_F(default_runtime, has_the_options_of_the_last_configure) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime::configure({.workers = 2, .max_blocked = 9});
    tg::runtime::configure({.workers = 3});
    const bool ran = runs_a_task();
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return ran && holds(stats.workers == 3, "the last one counts") &&
           holds(stats.blocked_cap == tg::runtime_options().max_blocked, "nothing is left of the first one");
  });
}

TEST_F(default_runtime, has_the_options_of_one_of_those_that_configure_at_once) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    constexpr std::uint32_t configurers = 4;
    std::atomic<std::uint32_t> ready{0};
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i <= configurers; ++i) {
      threads.emplace_back([&ready, i] {
        ++ready;
        while (ready < configurers) std::this_thread::yield();
        for (int round = 0; round < 100; ++round)
          tg::runtime::configure({.workers = i, .max_blocked = 10 * i});
      });
    }
    for (auto& thread : threads) thread.join();
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return holds(stats.workers >= 1 && stats.workers <= configurers, "the options of one") &&
           holds(stats.blocked_cap == 10 * stats.workers, "all of them of the same one");
  });
}

TEST_F(default_runtime, cannot_be_configured_after_its_first_use) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const auto workers = tg::runtime::instance().stats().workers;
    return holds(is_refused({.workers = workers + 1}), "configure after use is refused") && runs_a_task() &&
           holds(tg::runtime::instance().stats().workers == workers, "nothing has changed");
  });
}

TEST_F(default_runtime, names_what_comes_too_late) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime::instance();
    const auto message_of = [](const tg::runtime_options& options) {
      return message_of_bad_options([&] { tg::runtime::configure(options); });
    };
    const auto names = [&](const tg::runtime_options& options, const char* expected) {
      const std::string message = message_of(options);
      std::fprintf(stderr, "message: %s\n", message.c_str());
      return holds(message.find(expected) != std::string::npos, expected);
    };
    return names({.workers = 3}, "runtime_options::workers = 3:") &&
           names({.max_blocked = 7, .task_records = 9}, "runtime_options::max_blocked = 7:") &&
           names({.task_records = 9}, "runtime_options::task_records = 9:") &&
           names({.group_records = 8}, "runtime_options::group_records = 8:") &&
           names({.linger = std::chrono::microseconds(5)}, "runtime_options::linger = 5us:") &&
           names({.thread_name = "late"}, "runtime_options::thread_name = 'late':") &&
           names({.cpus = {0, 1}}, "runtime_options::cpus = 0, 1:") &&
           names({}, "runtime_options::workers = 0:");
  });
}

TEST_F(default_runtime, can_be_configured_after_a_first_use_that_threw) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    ::setenv("THREADGROUP_WORKERS", "many", 1);
    const auto use = [] { tg::runtime::instance(); };
    if (!holds(!message_of_bad_options(use).empty(), "the first use threw")) return false;
    tg::runtime::configure({.max_blocked = 9});
    const bool again = holds(!message_of_bad_options(use).empty(), "the next one tries again");
    ::setenv("THREADGROUP_WORKERS", "2", 1);
    const bool ran = runs_a_task();
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return again && ran && holds(stats.workers == 2, "the environment's") &&
           holds(stats.blocked_cap == 9, "the options of configure") &&
           holds(is_refused({.workers = 3}), "configure after use is refused");
  });
}

// Of configure and a first use at the same moment one is first, and each can tell which.
TEST_F(default_runtime, has_the_options_of_a_configure_that_was_not_too_late) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    constexpr std::uint32_t wanted = 7;
    for (int i = 0; i < 40; ++i) {
      const int code = exit_code_of_fork([] {
        std::atomic<int> ready{0};
        const auto meet = [&] {
          ++ready;
          while (ready < 2) std::this_thread::yield();
        };
        std::thread user([&] {
          meet();
          static_cast<void>(tg::runtime::instance());
        });
        meet();
        const bool late = is_refused({.workers = wanted});
        user.join();
        const bool as_wanted = tg::runtime::instance().stats().workers == wanted;
        return holds(as_wanted != late, "the options are those of configure, or it was refused");
      });
      if (!holds(code == 0, "every child ended well")) return false;
    }
    return true;
  });
}

TEST_F(default_runtime, is_untouched_by_refused_options) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const bool refused = is_refused({.task_records = 0});
    const bool quiet = thread_count() == 1;
    tg::runtime::configure({.workers = 2});
    return holds(refused, "zero task_records are refused") && holds(quiet, "nothing was started") &&
           runs_a_task() && holds(tg::runtime::instance().stats().workers == 2, "it can still be configured");
  });
}

TEST_F(default_runtime, is_not_started_by_configure) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime::configure({.workers = 2});
    return holds(thread_count() == 1, "no thread was started");
  });
}

TEST_F(default_runtime, may_be_configured_after_an_explicit_one_was_used) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime other({.workers = 1});
    {
      tg::group group("explicit", {.on = &other});
      group.add_task([] {});
    }
    tg::runtime::configure({.workers = 2});
    return runs_a_task() && holds(tg::runtime::instance().stats().workers == 2, "configured");
  });
}

TEST_F(default_runtime, is_overridden_by_the_environment) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    ::setenv("THREADGROUP_WORKERS", "3", 1);
    ::setenv("THREADGROUP_MAX_BLOCKED", "7", 1);
    const bool ran = runs_a_task();
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return ran && holds(stats.workers == 3, "workers") && holds(stats.blocked_cap == 7, "max_blocked");
  });
}

TEST_F(default_runtime, is_overridden_by_the_environment_after_configure) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    ::setenv("THREADGROUP_WORKERS", "3", 1);
    tg::runtime::configure({.workers = 2, .max_blocked = 11});
    const tg::runtime_stats stats = tg::runtime::instance().stats();
    return runs_a_task() && holds(stats.workers == 3, "the environment overrides") &&
           holds(stats.blocked_cap == 11, "what it does not name stays as configured");
  });
}

TEST_F(default_runtime, is_not_overridden_by_an_empty_variable) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    ::setenv("THREADGROUP_WORKERS", "", 1);
    tg::runtime::configure({.workers = 2});
    return runs_a_task() && holds(tg::runtime::instance().stats().workers == 2, "as configured");
  });
}

TEST_F(default_runtime, leaves_explicit_runtimes_to_their_options) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    ::setenv("THREADGROUP_WORKERS", "3", 1);
    const tg::runtime other({.workers = 1});
    return holds(other.stats().workers == 1, "an explicit runtime ignores the environment");
  });
}

struct bad_variable {
  const char* name;
  const char* value;

  friend void PrintTo(const bad_variable& bad, std::ostream* out) { *out << bad.name << "=" << bad.value; }
};

class unusable_variable : public default_runtime, public testing::WithParamInterface<bad_variable> {};

TEST_P(unusable_variable, is_bad_options_naming_it_and_its_value_and_starts_nothing) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const auto [name, value] = GetParam();
    ::setenv(name, value, 1);
    const std::string message = message_of_bad_options([] { const tg::group group("first use"); });
    std::fprintf(stderr, "message: %s\n", message.c_str());
    const bool quiet = thread_count() == 1;
    return holds(message.find(name) != std::string::npos, "it names the variable") &&
           holds(message.find(value) != std::string::npos, "it names the value") &&
           holds(quiet, "nothing was started");
  });
}

TEST_P(unusable_variable, is_refused_again_until_it_is_corrected) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const auto [name, value] = GetParam();
    ::setenv(name, value, 1);
    const auto use = [] { tg::runtime::instance(); };
    const bool twice = !message_of_bad_options(use).empty() && !message_of_bad_options(use).empty();
    ::setenv(name, "2", 1);
    return holds(twice, "refused twice") && holds(runs_a_task(), "works when corrected");
  });
}

INSTANTIATE_TEST_SUITE_P(values, unusable_variable,
                         testing::Values(bad_variable{"THREADGROUP_WORKERS", "many"},
                                         bad_variable{"THREADGROUP_WORKERS", "-1"},
                                         bad_variable{"THREADGROUP_WORKERS", "4x"},
                                         bad_variable{"THREADGROUP_WORKERS", "3.5"},
                                         bad_variable{"THREADGROUP_WORKERS", "99999999999999999999999"},
                                         bad_variable{"THREADGROUP_MAX_BLOCKED", "none"},
                                         bad_variable{"THREADGROUP_MAX_BLOCKED", "-256"}));

}  // namespace
