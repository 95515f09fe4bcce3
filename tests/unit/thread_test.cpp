// Threads of the library's own: deaf to signals, joined, pinned.
#include "core/os/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

namespace {

using tg::os::thread;

// What the started thread has seen of itself.
struct sighting {
  sigset_t blocked{};
  pthread_t id{};

  static void look(void* at) {
    auto& self = *static_cast<sighting*>(at);
    pthread_sigmask(SIG_SETMASK, nullptr, &self.blocked);
    self.id = pthread_self();
  }
};

TEST(thread, runs_elsewhere_with_all_signals_blocked) {
  sighting seen;
  thread other;
  EXPECT_FALSE(other.started());
  ASSERT_EQ(other.start(&sighting::look, &seen, "helper"), 0);
  EXPECT_TRUE(other.started());
  other.join();
  EXPECT_FALSE(other.started());
  EXPECT_EQ(pthread_equal(seen.id, pthread_self()), 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD}) {
    EXPECT_EQ(sigismember(&seen.blocked, signal), 1) << "signal " << signal;
  }
}

TEST(thread, leaves_the_signals_of_its_maker_as_they_were) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  sighting seen;
  thread other;
  ASSERT_EQ(other.start(&sighting::look, &seen, "helper"), 0);
  other.join();
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGALRM}) {
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal));
  }
}

TEST(thread, can_be_started_again_and_joined_without_a_start) {
  thread other;
  other.join();
  for (int round = 0; round < 3; ++round) {
    sighting seen;
    ASSERT_EQ(other.start(&sighting::look, &seen, "again"), 0);
    other.join();
    EXPECT_EQ(pthread_equal(seen.id, pthread_t{}), 0);
  }
}

TEST(pin_this_thread, restricts_the_thread_to_a_processor_it_has) {
  cpu_set_t mine;
  ASSERT_EQ(pthread_getaffinity_np(pthread_self(), sizeof mine, &mine), 0);
  int first = 0;
  while (!CPU_ISSET(static_cast<std::size_t>(first), &mine)) ++first;
  EXPECT_TRUE(tg::os::pin_this_thread({first}));
  EXPECT_EQ(tg::os::hardware_threads(), 1u);
  EXPECT_EQ(pthread_setaffinity_np(pthread_self(), sizeof mine, &mine), 0);
  EXPECT_EQ(tg::os::hardware_threads(), static_cast<unsigned>(CPU_COUNT(&mine)));
  EXPECT_FALSE(tg::os::pin_this_thread({}));
  EXPECT_EQ(tg::os::hardware_threads(), static_cast<unsigned>(CPU_COUNT(&mine)));
}

}  // namespace
