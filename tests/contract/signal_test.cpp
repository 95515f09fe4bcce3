// Promise: the ..._from_signal calls are async-signal-safe: errno kept, flags and wake-ups happen in the
// call, callbacks and stop_tokens follow on a library thread, nothing happens without a runtime. (event.h)
#include "tests/support/accounting.h"
#include "tests/support/background.h"
#include "tests/support/fresh_process.h"
#include "tests/support/process_status.h"
#include "tests/support/sleeping.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tg::event_cause;

constexpr int used_signal = SIGUSR1;
constexpr int marked_errno = 4321;

// What the handler works on, and what it saw.
std::atomic<tg::group*> target{nullptr};
std::atomic<event_cause> given_cause{event_cause::requested};
std::atomic<int> calls{0};
std::atomic<int> firsts{0};
std::atomic<int> errno_spoiled{0};

// `act` is called with errno marked.
template <class Act>
void observe(Act act) {
  const int before = errno;
  errno = marked_errno;
  act();
  if (errno != marked_errno) ++errno_spoiled;
  errno = before;
  ++calls;
}

void set_target(int) {
  observe([] { firsts += target.load()->set_event_from_signal(given_cause.load()) ? 1 : 0; });
}

void set_everything(int) {
  observe([] { tg::set_all_events_from_signal(); });
}

class from_signal : public testing::Test {
 protected:
  from_signal() {
    calls = firsts = errno_spoiled = 0;
    given_cause = event_cause::requested;
  }
  ~from_signal() override {
    EXPECT_EQ(errno_spoiled.load(), 0);
    ::signal(used_signal, SIG_DFL);
  }

  static void handle_with(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ASSERT_EQ(::sigaction(used_signal, &action, nullptr), 0);
  }
  static void handle_for(tg::group& group, event_cause cause = event_cause::requested) {
    target = &group;
    given_cause = cause;
    handle_with(&set_target);
  }
};

TEST_F(from_signal, sets_the_whole_subtree_in_the_call) {
  group_tree tree(3, 3);
  handle_for(tree[1], event_cause::shutdown);
  ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_EQ(calls.load(), 1);
  for (std::size_t node = 0; node < tree.size(); ++node) {
    EXPECT_EQ(tree[node].event().is_set(), tree.is_within(node, 1)) << "node " << node;
  }
  EXPECT_EQ(tree[1].state().cause, event_cause::shutdown);
  EXPECT_EQ(tree[1].state().origin, tree[1].id());
}

TEST_F(from_signal, tells_whether_it_was_the_first) {
  tg::group group("twice");
  handle_for(group);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_EQ(calls.load(), 5);
  EXPECT_EQ(firsts.load(), 1);
}

TEST_F(from_signal, sets_all_events_with_cause_shutdown) {
  group_tree tree(2, 3);
  tg::group other("other");
  handle_with(&set_everything);
  ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_TRUE(tree.all_set());
  EXPECT_TRUE(other.event().is_set());
  EXPECT_EQ(other.state().cause, event_cause::shutdown);
}

TEST_F(from_signal, is_caught_on_a_thread_that_the_library_does_not_know) {
  tg::group group("target");
  handle_for(group);
  in_background([] { EXPECT_EQ(::raise(used_signal), 0); }).get();
  EXPECT_EQ(calls.load(), 1);
  EXPECT_TRUE(group.event().is_set());
}

TEST_F(from_signal, wakes_sleepers) {
  tg::group root("root");
  tg::group child(root, "child");
  handle_for(root);
  sleep_mark mark;
  auto outside = in_background([&child, &mark] {
    mark.about_to_wait();
    return child.event().sleep_for(1h);
  });
  std::atomic<bool> begun{false};
  child.add_task([&begun] {
    begun = true;
    EXPECT_FALSE(tg::this_task::event_aware_sleep(1h));
  });
  EXPECT_TRUE(mark.wait_asleep());
  EXPECT_TRUE(eventually([&] { return begun.load(); }));
  ASSERT_EQ(::raise(used_signal), 0);
  ASSERT_TRUE(finishes(outside));
  EXPECT_FALSE(outside.get());
  expect_joins(child, {.succeeded = 1});
}

TEST_F(from_signal, wakes_a_sleeper_whose_own_thread_takes_the_signal) {
  tg::group group("own thread");
  handle_for(group);
  std::atomic<pthread_t> sleeper_thread{};
  sleep_mark mark;
  auto sleeper = in_background([&] {
    sleeper_thread = ::pthread_self();
    mark.about_to_wait();
    return group.event().sleep_for(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  ASSERT_EQ(::pthread_kill(sleeper_thread.load(), used_signal), 0);
  // A sanitizer may hold the signal back until the thread calls something that it watches.
  if (sleeper.wait_for(5s) != std::future_status::ready) {
    EXPECT_EQ(::raise(used_signal), 0);
  }
  ASSERT_TRUE(finishes(sleeper));
  EXPECT_FALSE(sleeper.get());
}

TEST_F(from_signal, interrupted_sleeps_sleep_on) {
  tg::group stranger("stranger");
  tg::group sleeping("sleeping");
  handle_for(stranger);
  std::atomic<pthread_t> sleeper_thread{};
  sleep_mark mark;
  auto sleeper = in_background([&] {
    sleeper_thread = ::pthread_self();
    mark.about_to_wait();
    return sleeping.event().sleep_for(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(::pthread_kill(sleeper_thread.load(), used_signal), 0);
  EXPECT_TRUE(stays([&] { return sleeper.wait_for(0s) != std::future_status::ready; }));
  sleeping.set_event();
  ASSERT_TRUE(finishes(sleeper));
  EXPECT_FALSE(sleeper.get());
}

TEST_F(from_signal, is_followed_by_callbacks_on_a_library_thread_and_by_stop_tokens) {
  tg::group root("root");
  tg::group child(root, "child");
  const std::stop_token token = child.stop_token();
  std::atomic<int> called{0};
  std::atomic<std::thread::id> caller{};
  tg::event_callback callback(child, [&] {
    caller = std::this_thread::get_id();
    ++called;
  });
  handle_for(root);
  ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_TRUE(child.event().is_set());
  EXPECT_TRUE(eventually([&] { return called == 1; }));
  EXPECT_NE(caller.load(), std::this_thread::get_id());
  EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
}

TEST_F(from_signal, is_followed_by_the_callbacks_of_every_group_when_all_are_set) {
  group_tree tree(2, 2);
  std::atomic<std::size_t> called{0};
  const auto count = [&called] { ++called; };
  std::vector<std::unique_ptr<tg::event_callback<decltype(count)>>> callbacks;
  for (std::size_t node = 0; node < tree.size(); ++node) {
    callbacks.push_back(std::make_unique<tg::event_callback<decltype(count)>>(tree[node], count));
  }
  handle_with(&set_everything);
  ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_TRUE(eventually([&] { return called == tree.size(); }));
}

TEST_F(from_signal, is_followed_by_the_skipping_of_what_is_queued) {
  tg::group root("root");
  tg::group paused(root, "paused", {.max_concurrent = 0});
  for (int i = 0; i < 10; ++i) paused.add_task([] { ADD_FAILURE() << "ran in a paused group"; });
  handle_for(root);
  ASSERT_EQ(::raise(used_signal), 0);
  EXPECT_TRUE(eventually([&] { return paused.stats().skipped == 10; })) << "skipped only by a joiner";
  expect_joins(paused, {.skipped = 10});
  expect_accounted(paused, 10);
}

TEST_F(from_signal, lets_the_group_be_rearmed_and_set_again) {
  tg::group group("again");
  handle_for(group);
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(::raise(used_signal), 0);
    EXPECT_TRUE(group.event().is_set());
    EXPECT_TRUE(eventually([&] { return group.reset_event(); }));
    EXPECT_FALSE(group.event().is_set());
  }
  EXPECT_EQ(firsts.load(), 20);
}

TEST_F(from_signal, may_interrupt_the_thread_in_any_call_of_the_library) {
  tg::group root("root");
  handle_for(root);
  const pthread_t interrupted = ::pthread_self();
  std::atomic<bool> done{false};
  auto sender = in_background([&] {
    while (!done) {
      EXPECT_EQ(::pthread_kill(interrupted, used_signal), 0);
      std::this_thread::sleep_for(50us);
    }
  });
  std::size_t added = 0;
  std::size_t ended = 0;
  const auto last_end = std::chrono::steady_clock::now() + patience;
  for (int round = 0; round < 3'000 || (calls < 200 && std::chrono::steady_clock::now() < last_end);
       ++round) {
    tg::group child(root, "child");
    child.add_task([] {});
    child.set_event();
    const tg::join_report report = child.join();
    ended += report.succeeded + report.failed + report.skipped;
    ++added;
    static_cast<void>(root.stats());
  }
  done = true;
  sender.get();
  EXPECT_GE(calls.load(), 200);
  EXPECT_EQ(ended, added);
  EXPECT_EQ(firsts.load(), 1);
}

class from_signal_alone : public fresh_process {};

// Whether every other thread of this process blocks the signal, as /proc tells it.
bool others_block(int signal) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    if (std::stol(thread.path().filename().string()) == this_thread_id()) continue;
    std::ifstream status(thread.path() / "status");
    std::string field;
    while (status >> field && field != "SigBlk:") {
    }
    std::uint64_t blocked = 0;
    if (status >> std::hex >> blocked && (blocked >> (signal - 1) & 1) == 0) return false;
  }
  return true;
}

// The program's signals come to the program's own threads. (core/PROMISES.md)
TEST_F(from_signal_alone, never_runs_on_a_thread_that_the_library_has_made) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::group sleepers("more than there are workers");
    std::atomic<int> asleep{0};
    for (int i = 0; i < 8; ++i) {
      sleepers.add_task([&] {
        ++asleep;
        tg::this_task::event_aware_sleep(1h);
      });
    }
    const bool all_sleep = eventually([&] { return asleep == 8; });
    const bool blocked = others_block(SIGTERM) && others_block(SIGINT) && others_block(used_signal);
    sleepers.set_event();
    return sleepers.join().succeeded == 8 && holds(all_sleep, "all sleep") &&
           holds(blocked, "workers, spares and the service thread block signals");
  });
}

TEST_F(from_signal_alone, does_nothing_without_a_runtime) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    struct sigaction action {};
    action.sa_handler = &set_everything;
    ::sigaction(used_signal, &action, nullptr);
    ::raise(used_signal);
    tg::set_all_events();
    const std::size_t threads = thread_count();
    const tg::group later("later");
    return holds(calls == 1 && errno_spoiled == 0, "the handler ran and kept errno") &&
           holds(threads == 1, "no thread was started") &&
           holds(!later.event().is_set(), "a later group is unset");
  });
}

}  // namespace
