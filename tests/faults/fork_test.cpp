// A fork in whatever state the process is in: the child's calls throw forked_runtime and its destructors return, the
// parent goes on and accounts for every task.
#include "tests/support/accounting.h"
#include "tests/support/fresh_process.h"
#include "tests/support/hold.h"
#include "tests/support/sleeping.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>
#include <threadgroup/trace.h>

#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

template <class Call>
bool is_refused(Call call) {
  try {
    call();
  } catch (const tg::forked_runtime&) {
    return true;
  }
  return false;
}

// All that a program may have when it forks.
struct belongings {
  std::unique_ptr<tg::runtime> machinery;
  std::unique_ptr<tg::group> group;
  std::unique_ptr<tg::event_callback<std::function<void()>>> callback;
  std::optional<tg::future<int>> result;
  hold held;

  explicit belongings(const tg::group_options& options = {.max_concurrent = 2}) {
    machinery = std::make_unique<tg::runtime>(
        tg::runtime_options{.workers = 1, .max_blocked = 8, .task_records = 64, .group_records = 8});
    tg::group_options on = options;
    on.on = machinery.get();
    group = std::make_unique<tg::group>("forked", on);
    callback = std::make_unique<tg::event_callback<std::function<void()>>>(*group, [] {});
    result.emplace(group->submit([run = held.task()] {
      run();
      return 1;
    }));
    EXPECT_TRUE(held.wait_entered(1));
  }

  // In the child: false tells what is wrong.
  bool is_of_no_use() {
    const bool refused = holds(is_refused([&] { group->add_task([] {}); }), "add_task is refused") &&
                         holds(is_refused([&] { static_cast<void>(group->join()); }), "join is refused") &&
                         holds(is_refused([&] { group->set_event(); }), "set_event is refused") &&
                         holds(is_refused([&] { static_cast<void>(result->get()); }), "get is refused");
    callback.reset();
    result.reset();
    group.reset();
    machinery.reset();
    return refused;
  }
  int fork() {
    return exit_code_of_fork([this] { return is_of_no_use(); });
  }
  // In the parent, where it has been added so often beside the one that is held.
  void expect_goes_on(std::size_t added) {
    held.release();
    EXPECT_EQ(result->get(), 1);
    group->add_task([] {});
    EXPECT_TRUE(group->join_for(patience).complete);
    expect_accounted(*group, added + 2);
    callback.reset();
    result.reset();
    group.reset();
  }
};

TEST(fork_anywhere, in_a_task_while_others_sleep) {
  belongings at({.max_concurrent = 8});
  for (int i = 0; i < 3; ++i) at.group->add_task([] { tg::this_task::event_aware_sleep(1h); });
  EXPECT_TRUE(eventually([&] { return at.group->stats().running == 4; }));
  std::atomic<int> code{-2};
  at.group->add_task([&] {
    code = exit_code_of_fork([&] {
      return holds(is_refused([&] { tg::this_task::event_aware_sleep(1h); }), "a sleep is refused") &&
             holds(is_refused([&] { tg::this_task::set_event_for_siblings(); }), "a set is refused") &&
             holds(!tg::this_task::event_set(), "the event reads unset");
    });
  });
  EXPECT_TRUE(eventually([&] { return code != -2; }));
  EXPECT_EQ(code.load(), 0);
  EXPECT_EQ(at.fork(), 0);
  at.group->set_event();
  at.expect_goes_on(4);
}

TEST(fork_anywhere, while_threads_wait_in_every_call) {
  belongings at({.max_concurrent = 1, .max_pending = 1});
  at.group->add_task([] {});
  sleep_mark producer_mark, joiner_mark, sleeper_mark, getter_mark;
  std::thread producer([&] {
    producer_mark.about_to_wait();
    at.group->add_task([] {});
  });
  std::thread joiner([&] {
    joiner_mark.about_to_wait();
    static_cast<void>(at.group->join_for(patience));
  });
  std::thread sleeper([&] {
    sleeper_mark.about_to_wait();
    at.group->event().wait();
  });
  std::thread getter([&] {
    getter_mark.about_to_wait();
    EXPECT_TRUE(at.result->wait_for(patience));
  });
  for (const sleep_mark* mark : {&producer_mark, &joiner_mark, &sleeper_mark, &getter_mark}) {
    EXPECT_TRUE(mark->wait_asleep());
  }
  EXPECT_EQ(at.fork(), 0);
  at.held.release();
  producer.join();
  joiner.join();
  getter.join();
  at.group->set_event();
  sleeper.join();
  at.expect_goes_on(2);
}

TEST(fork_anywhere, in_a_callback_and_in_a_predicate) {
  belongings at;
  int code = -2;
  {
    const tg::event_callback forks(*at.group, [&] { code = at.fork(); });
    at.group->set_event();
    EXPECT_EQ(code, 0);
  }
  code = -2;
  EXPECT_EQ(at.group->wait_for_condition(
                [&] {
                  if (code == -2) code = at.fork();
                  return true;
                },
                patience),
            tg::condition::met);
  EXPECT_EQ(code, 0);
  at.expect_goes_on(0);
}

TEST(fork_anywhere, while_the_recorder_is_on) {
  char pattern[] = "/tmp/tg_faults_XXXXXX";
  const std::string folder = ::mkdtemp(pattern);
  {
    tg::trace::options with;
    with.directory = folder;
    ASSERT_TRUE(tg::trace::start(with));
    belongings at;
    EXPECT_EQ(exit_code_of_fork([&] { return holds(!tg::trace::is_on(), "it is off") && at.is_of_no_use(); }),
              0);
    EXPECT_TRUE(tg::trace::is_on());
    at.expect_goes_on(0);
    tg::trace::stop();
  }
  std::filesystem::remove_all(folder);
}

// Whatever other threads are in the middle of: growing a pool, making a group, collecting a report, setting events.
TEST(fork_anywhere, while_others_are_in_the_middle_of_everything) {
  belongings at({.max_concurrent = 4});
  std::atomic<bool> over{false};
  std::atomic<std::size_t> rounds{0};
  std::thread churn([&] {
    while (!over) {
      tg::group parent("churns", {.max_concurrent = 2, .on = at.machinery.get()});
      tg::group child(parent, "child");
      for (int i = 0; i < 200; ++i) child.add_task([] {});
      parent.add_task([] { throw 1; });
      static_cast<void>(child.join());
      EXPECT_EQ(parent.join().failed, 1u);
      parent.set_event();
      ++rounds;
    }
  });
  for (int forks = 0; forks < 30 && !testing::Test::HasFailure(); ++forks) {
    const std::size_t before = rounds;
    EXPECT_EQ(at.fork(), 0);
    EXPECT_TRUE(eventually([&] { return rounds > before; }));
  }
  over = true;
  churn.join();
  at.expect_goes_on(0);
}

}  // namespace
