// Promise: a thread that cannot be created makes workers fewer and gives one line on stderr; all tasks run,
// and runtime_stats tells how many workers there are. (runtime.h)
#include "tests/support/bounded.h"
#include "tests/support/fresh_process.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <threadgroup/threadgroup.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// The limit counts the threads of a user: each test is one of its own.
constexpr uid_t nobody_else_is = 64'321;
constexpr std::uint32_t workers = 6;
constexpr int tasks = 200;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;  // with threads and files of the sanitizer's own
#else
constexpr bool sanitized = false;
#endif

// Only root may become somebody whose threads are all its own.
#define TG_NEEDS_ROOT() \
  if (sanitized || ::geteuid() != 0) GTEST_SKIP() << "needs root, to become a user with few threads"

bool become(uid_t user) { return ::setresuid(user, user, user) == 0; }

// This process may have `more` threads beside those that it has now.
bool allow_threads(rlim_t more) {
  rlimit given{};
  if (::getrlimit(RLIMIT_NPROC, &given) != 0) return false;
  rlim_t now = 0;
  for (rlim_t limit = 1; now == 0 && limit < 64; ++limit) {
    const rlimit tried{limit, given.rlim_max};
    if (::setrlimit(RLIMIT_NPROC, &tried) != 0) return false;
    try {
      std::thread([] {}).join();
      now = limit - 1;
    } catch (const std::system_error&) {
    }
  }
  const rlimit wanted{now + more, given.rlim_max};
  return now != 0 && ::setrlimit(RLIMIT_NPROC, &wanted) == 0;
}

// Tasks that sleep, so that there is always a wish for another thread.
bool all_tasks_run(tg::runtime& on) {
  tg::group group("few threads", {.max_concurrent = 64, .on = &on});
  std::atomic<int> ran{0};
  for (int i = 0; i < tasks; ++i) {
    group.add_task([&] {
      tg::this_task::event_aware_sleep(100us);
      ++ran;
    });
  }
  return holds(group.join_for(patience).complete, "the join is complete") && holds(ran == tasks, "all ran");
}

// 0: only the service thread and the first worker can be made.
bool works_with(rlim_t threads_for_more_workers) {
  if (!holds(become(nobody_else_is + static_cast<uid_t>(threads_for_more_workers)), "another user"))
    return false;
  if (!holds(allow_threads(2 + threads_for_more_workers), "a limit")) return false;
  tg::runtime few({.workers = workers, .max_blocked = 8});
  return all_tasks_run(few) && all_tasks_run(few) &&
         holds(few.stats().workers >= 1 && few.stats().workers < workers, "the workers obtained are told");
}

class few_threads : public fresh_process, public testing::WithParamInterface<rlim_t> {};

// The line is the only one: gtest's expression has to match all of stderr.
TEST_P(few_threads, make_fewer_workers_and_one_line) {
  TG_NEEDS_ROOT();
  EXPECT_EXIT(run_and_exit([] { return works_with(GetParam()); }), testing::ExitedWithCode(0),
              "^threadgroup: cannot create a worker thread \\([^\n]*\\); going on with fewer\n$");
}
INSTANTIATE_TEST_SUITE_P(beside_the_first_worker, few_threads, testing::Range<rlim_t>(0, 4),
                         testing::PrintToStringParamName());

class no_thread : public fresh_process {};

TEST_F(no_thread, for_the_service_is_an_error) {
  TG_NEEDS_ROOT();
  EXPECT_EXIT(run_and_exit([] {
                if (!become(nobody_else_is - 1)) return false;
                if (!allow_threads(0)) return false;
                try {
                  const tg::runtime none({.workers = workers});
                } catch (const tg::error& refused) {
                  std::fprintf(stderr, "%s\n", refused.what());
                  return true;
                }
                return false;
              }),
              testing::ExitedWithCode(0), "cannot create the service thread");
}

}  // namespace
