// The file lives longer than what writes it: a killed process's can be read, a forked child leaves its parent's
// alone, and what dead processes have left is tidied up.
#include "tests/support/bounded.h"
#include "tests/support/fresh_process.h"
#include "tests/support/trace_view.h"
#include "tests/trace/folder.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tracing::kind;

// Works until it is killed; what has been done by then is told through the pipe.
[[noreturn]] void work_until_killed(const folder& here, int tell) {
  bound_this_process();
  if (!tg::trace::start(here.here())) std::_Exit(1);
  tg::group busy("busy");
  for (int i = 0; i < 1000; ++i) busy.add_task([] {});
  static_cast<void>(busy.join());
  const char ready = 'r';
  if (::write(tell, &ready, 1) != 1) std::_Exit(1);
  for (;;) {
    busy.add_task([] {});
    static_cast<void>(busy.join());
  }
}

// The path of the file that a process has left that was killed while it recorded.
std::string file_of_killed(const folder& here) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) work_until_killed(here, ends[1]);
  char ready = 0;
  EXPECT_EQ(::read(ends[0], &ready, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  return here.path() + "/threadgroup-" + std::to_string(child) + ".live";
}

TEST(trace_life, the_file_is_for_its_owner_alone) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  struct stat about {};
  ASSERT_EQ(::stat(tg::trace::file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600u);
  // Far less than its length is memory.
  EXPECT_LT(about.st_blocks * 512, about.st_size / 8);
}

TEST(trace_life, the_file_of_a_killed_process_can_be_read) {
  const folder here;
  const trace_view seen(file_of_killed(here));
  ASSERT_TRUE(seen.is_valid());
  EXPECT_EQ(seen.header().state, static_cast<std::uint32_t>(tracing::file_state::live));
  EXPECT_GE(seen.count(kind::task_added, "busy"), 1000u);
  EXPECT_GE(seen.count(kind::task_ended, "busy"), 1000u);
  EXPECT_GT(seen.ns_per_tick(), 0.0);
}

TEST(trace_life, files_of_dead_processes_go_but_for_the_newest) {
  const folder here;
  const std::string older = file_of_killed(here);
  std::this_thread::sleep_for(20ms);
  const std::string newer = file_of_killed(here);
  const folder copies;
  ASSERT_TRUE(tg::trace::start(here.here()));
  const auto left = here.files(".live");
  EXPECT_EQ(left.size(), 2u);
  EXPECT_FALSE(std::filesystem::exists(older));
  EXPECT_TRUE(std::filesystem::exists(newer));
  EXPECT_TRUE(std::filesystem::exists(tg::trace::file()));
}

TEST(trace_life, a_living_process_keeps_its_file) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  const std::string mine = tg::trace::file();
  const std::string theirs = file_of_killed(here);
  const std::string theirs_too = file_of_killed(here);
  EXPECT_TRUE(std::filesystem::exists(mine));
}

TEST(trace_life, a_forked_child_records_nothing_into_its_parents_file) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group ours("ours");
  ours.add_task([] {});
  static_cast<void>(ours.join());
  const pid_t child = ::fork();
  if (child == 0) run_and_exit([] { return holds(!tg::trace::is_on(), "off in the child"); });
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_TRUE(tg::trace::is_on());
}

TEST(trace_life, a_forked_child_may_have_a_file_of_its_own) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts threads";
#endif
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group("parents");
  const std::string parents = tg::trace::file();
  const pid_t child = ::fork();
  if (child == 0) {
    run_and_exit([&] {
      if (!tg::trace::start(here.here()) || tg::trace::file() == parents) return false;
      {
        tg::runtime own(tg::runtime_options{.workers = 1});
        tg::group theirs("childs", {.on = &own});
        theirs.add_task([] {});
        static_cast<void>(theirs.join());
      }
      const trace_view seen(tg::trace::freeze());
      return holds(seen.count(kind::task_ended, "childs") == 1, "one task") &&
             holds(seen.count(kind::group_born, "parents") == 0, "nothing of the parent");
    });
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const trace_view seen(tg::trace::freeze());
  EXPECT_EQ(seen.count(kind::group_born, "childs"), 0u);
  EXPECT_EQ(seen.count(kind::group_born, "parents"), 1u);
}

TEST(trace_life, a_threads_ring_is_used_again_after_its_end) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(256)));
  tg::group all("all", {.max_concurrent = 2});
  for (int i = 0; i < 50; ++i) {
    std::jthread([&] { all.add_task([] {}); }).join();
  }
  static_cast<void>(all.join());
  const trace_view seen(tg::trace::freeze());
  EXPECT_LT(seen.rings(), 10u);
  EXPECT_EQ(seen.count(kind::task_added, "all"), 50u);
  EXPECT_EQ(seen.header().lost_without_ring, 0u);
}

TEST(trace_life, nothing_is_recorded_while_it_is_off) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::trace::stop();
  tg::group quiet("quiet");
  quiet.add_task([] {});
  static_cast<void>(quiet.join());
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group loud("loud");
  loud.add_task([] {});
  static_cast<void>(loud.join());
  const trace_view seen(tg::trace::freeze());
  EXPECT_EQ(seen.count(kind::task_added, "quiet"), 0u);
  EXPECT_EQ(seen.count(kind::task_added, "loud"), 1u);
  EXPECT_EQ(seen.count(kind::trace_stopped), 1u);
  EXPECT_EQ(seen.count(kind::trace_started), 2u);
}

// Longer than a task lies in the queue by chance, of which a copy is made too.
constexpr auto too_long = 200ms;
constexpr auto longer = 300ms;

// The path of a whole copy that was made for this; empty as long as there is none.
std::string copy_made_for(tracing::freeze_reason why, const folder& here) {
  for (const std::string& path : here.files(".tgtrace")) {
    // Written in one go, but not renamed: it is there before it is complete.
    const trace_view seen(path);
    if (seen.is_valid() && seen.header().frozen_why == static_cast<std::uint32_t>(why)) return path;
  }
  return {};
}

TEST(trace_life, a_task_that_runs_too_long_has_the_rings_frozen) {
  const folder here;
  auto options = here.here();
  options.freeze_after = too_long;
  ASSERT_TRUE(tg::trace::start(options));
  tg::group late("late");
  late.add_task([] {});
  late.add_task([] { std::this_thread::sleep_for(longer); });
  static_cast<void>(late.join());
  std::string copy;
  ASSERT_TRUE(eventually([&] {
    copy = copy_made_for(tracing::freeze_reason::long_run, here);
    return !copy.empty();
  }));
  const trace_view seen(copy);
  EXPECT_EQ(seen.name_of(seen.header().frozen_group), "late");
  EXPECT_EQ(seen.header().frozen_task, 2u);
}

TEST(trace_life, a_task_that_is_queued_too_long_has_the_rings_frozen) {
  const folder here;
  auto options = here.here();
  options.freeze_after = too_long;
  ASSERT_TRUE(tg::trace::start(options));
  tg::group paused("paused", {.max_concurrent = 0});
  paused.add_task([] {});
  std::this_thread::sleep_for(longer);
  paused.set_max_concurrent(1);
  static_cast<void>(paused.join());
  std::string copy;
  ASSERT_TRUE(eventually([&] {
    copy = copy_made_for(tracing::freeze_reason::long_wait, here);
    return !copy.empty();
  }));
  const trace_view seen(copy);
  EXPECT_EQ(seen.name_of(seen.header().frozen_group), "paused");
}

TEST(trace_life, a_task_that_waits_too_long_has_the_rings_frozen) {
  const folder here;
  auto options = here.here();
  options.freeze_after = too_long;
  ASSERT_TRUE(tg::trace::start(options));
  tg::group sleepy("sleepy");
  sleepy.add_task([] { tg::this_task::event_aware_sleep(longer); });
  static_cast<void>(sleepy.join());
  // The task as a whole is too long as well, and may have a copy of its own.
  std::string copy;
  ASSERT_TRUE(eventually([&] {
    copy = copy_made_for(tracing::freeze_reason::long_wait, here);
    return !copy.empty();
  }));
  const trace_view seen(copy);
  EXPECT_EQ(seen.name_of(seen.header().frozen_group), "sleepy");
  EXPECT_GE(static_cast<double>(seen.header().frozen_ticks) * seen.ns_per_tick(), 299e6);
}

// A handler sets events, again and again, on a thread that emits all the time.
tg::group* struck_group = nullptr;
std::atomic<std::uint64_t> sets{0};
void set_in_handler(int) {
  if (struck_group->set_event_from_signal()) ++sets;
}

TEST(trace_life, a_handler_that_strikes_a_writer_loses_its_record_and_it_is_counted) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(1 << 20)));
  tg::group struck("struck");
  struck_group = &struck;
  struct sigaction action {};
  action.sa_handler = &set_in_handler;
  ASSERT_EQ(::sigaction(SIGUSR1, &action, nullptr), 0);
  std::atomic<bool> done{false};
  const pthread_t writer = ::pthread_self();
  std::jthread killer([&] {
    while (!done) {
      ::pthread_kill(writer, SIGUSR1);
      std::this_thread::sleep_for(20us);
    }
  });
  tg::group busy("busy");
  std::uint64_t added = 0;
  while (sets < 300 && added < 200'000) {
    busy.add_task([] {});
    ++added;
    struck.reset_event();
  }
  done = true;
  killer.join();
  static_cast<void>(busy.join());
  tg::trace::stop();
  const trace_view seen(tg::trace::freeze());
  ASSERT_EQ(seen.overwritten(), 0u);
  EXPECT_GT(sets.load(), 0u);  // how many, is the machine's affair
  EXPECT_EQ(seen.count(kind::task_added, "busy"), added);
  EXPECT_EQ(seen.count(kind::event_set, "struck") + seen.struck(), sets.load());
}

}  // namespace
