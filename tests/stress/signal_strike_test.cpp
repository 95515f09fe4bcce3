// Signals at a high rate strike one thread inside each call of the library, and the handler sets events: the group's that
// the call is about, or all of them. Nothing is lost, everything adds up, errno is kept. Each test counts the strikes
// that came between the begin and the end of its call, and goes on until there were enough.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"
#include "tests/support/workers_meet.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int used_signal = SIGUSR1;
constexpr int marked_errno = 4321;
constexpr std::size_t enough = 200;

// Whose events the handler sets.
enum class reach { one, all };

std::atomic<reach> used_reach{reach::one};
std::atomic<tg::group*> aim{nullptr};
std::atomic<std::size_t> strikes{0}, strikes_inside{0}, firsts{0}, errno_spoiled{0};

// Whether this thread is in the call under test. No atomic: to a sanitizer that would be a place where it delivers.
thread_local volatile std::sig_atomic_t is_inside = 0;

void set_by_reach() {
  if (used_reach == reach::all) return tg::set_all_events_from_signal();
  firsts += aim.load()->set_event_from_signal() ? 1u : 0u;
}

void strike_handler(int) {
  const int before = errno;
  errno = marked_errno;
  set_by_reach();
  if (errno != marked_errno) ++errno_spoiled;
  errno = before;
  strikes_inside += is_inside != 0 ? 1u : 0u;
  ++strikes;
}

// The call under test, marked for the handler.
template <class Call>
decltype(auto) under_test(Call call) {
  struct mark {
    mark() { is_inside = 1; }
    ~mark() { is_inside = 0; }
  } const here;
  return call();
}

// Strikes the thread that made it, from a thread of its own.
class striker {
 public:
  enum class manner { again_and_again, when_asked };

  explicit striker(manner how) : thread_([this, how, at = ::pthread_self()] { run(how, at); }) {}
  striker(const striker&) = delete;
  striker& operator=(const striker&) = delete;
  ~striker() {
    over_ = true;
    thread_.join();
  }

  // One strike, a moment later.
  void ask() { ++asked_; }
  [[nodiscard]] bool wait_answered() {
    return soon([this] { return answered_ == asked_; });
  }

 private:
  void run(manner how, pthread_t at) {
    random_source random(77);
    while (!over_) {
      if (how == manner::again_and_again) {
        EXPECT_EQ(::pthread_kill(at, used_signal), 0);
        std::this_thread::sleep_for(20us);
      } else if (asked_ == answered_) {
        std::this_thread::yield();
      } else {
        spin(random.below(3'000));
        strike_once(at);
        ++answered_;
      }
    }
  }

  // A sanitizer may keep a signal for as long as the thread sleeps: then another one follows. The handler runs once at
  // least, and a sleeper that the handler has not woken gets no further signal to wake it.
  void strike_once(pthread_t at) {
    const std::size_t before = strikes;
    do {
      EXPECT_EQ(::pthread_kill(at, used_signal), 0);
    } while (!eventually([before] { return strikes != before; }, 300ms) && !over_);
  }

  std::atomic<bool> over_{false};
  std::atomic<std::size_t> asked_{0}, answered_{0};
  std::thread thread_;
};

class signal_strike : public testing::TestWithParam<reach> {
 protected:
  signal_strike() {
    strikes = strikes_inside = firsts = errno_spoiled = 0;
    used_reach = GetParam();
    aim = &target_;
    struct sigaction action {};
    action.sa_handler = &strike_handler;
    EXPECT_EQ(::sigaction(used_signal, &action, nullptr), 0);
  }

  ~signal_strike() override {
    ::signal(used_signal, SIG_DFL);
    EXPECT_EQ(errno_spoiled.load(), 0u);
    // Each change to set was told to one setter, and each reset has undone one of them.
    if (GetParam() == reach::one) {
      EXPECT_EQ(firsts - resets_, target_.event().is_set() ? 1u : 0u) << "a set was lost, or told twice";
    }
    print_reached("strikes", strikes.load());
    print_reached("strikes inside the call", strikes_inside.load());
    print_reached("re-armed", resets_);
    EXPECT_GT(strikes_inside.load(), 0u);
  }

  // Rounds on this thread, which is struck again and again.
  template <class Round>
  void strike(Round round) {
    const striker source(striker::manner::again_and_again);
    go_on(round);
  }
  // Rounds with one strike each: a wake that it owes comes from no other.
  template <class Round>
  void strike_once_a_round(Round round) {
    striker source(striker::manner::when_asked);
    random_source random(78);
    go_on([&] {
      source.ask();
      // Then the strike comes before the call, at its beginning, or while it sleeps.
      spin(random.below(12'000));
      round();
      ASSERT_TRUE(source.wait_answered());
      rearm();
    });
  }

  // Nothing is at work and no child lives. Only the handler sets, so a reset of a set event that succeeds was one.
  void rearm() {
    if (target_.event().is_set() && target_.reset_event()) ++resets_;
  }

  // Sums up what joins have told.
  void tell(const tg::join_report& report) {
    told_.succeeded += report.succeeded;
    told_.failed += report.failed;
    told_.skipped += report.skipped;
  }
  void expect_told(std::size_t added, std::size_t ran) const {
    EXPECT_EQ(told_.succeeded, ran);
    EXPECT_EQ(told_.failed, 0u);
    EXPECT_EQ(told_.succeeded + told_.skipped, added);
  }

  tg::group target_{"target", {.max_concurrent = 2}};
  std::atomic<std::size_t> ran_{0};
  std::size_t resets_ = 0;

 private:
  template <class Round>
  void go_on(Round round) {
    const auto least_end = steady_clock::now() + stress_seconds() * 0.05;
    const auto last_end = steady_clock::now() + patience;
    const auto goes_on = [&] {
      const auto now = steady_clock::now();
      return now < least_end || (strikes_inside < enough && now < last_end);
    };
    while (goes_on() && !HasFailure()) round();
  }

  tally told_;
};

INSTANTIATE_TEST_SUITE_P(signals, signal_strike, testing::Values(reach::one, reach::all),
                         [](const auto& of) { return of.param == reach::one ? "set_one" : "set_all"; });

// So many calls between two joins, whose end lets the event be re-armed.
constexpr int calls_a_round = 10;

TEST_P(signal_strike, inside_add_task) {
  std::size_t added = 0;
  strike([&] {
    for (int i = 0; i < calls_a_round; ++i, ++added) {
      under_test([&] { target_.add_task([this] { ++ran_; }); });
    }
    tell(target_.join());
    rearm();
  });
  expect_told(added, ran_);
  expect_accounted(target_, added);
}

TEST_P(signal_strike, inside_try_add_task) {
  std::size_t added = 0;
  strike([&] {
    for (int i = 0; i < calls_a_round; ++i) {
      added += under_test([&] { return target_.try_add_task([this] { ++ran_; }); }) ? 1u : 0u;
    }
    tell(target_.join());
    rearm();
  });
  expect_told(added, ran_);
  expect_accounted(target_, added);
}

TEST_P(signal_strike, inside_submit) {
  std::size_t submitted = 0, values = 0, skipped = 0;
  strike([&] {
    std::array<tg::future<int>, calls_a_round> futures;
    for (auto& each : futures) {
      each = under_test([&] { return target_.submit([this] { return static_cast<int>(++ran_ != 0); }); });
      ++submitted;
    }
    for (auto& each : futures) ++(each.kind() == tg::outcome_kind::value ? values : skipped);
    tell(target_.join());
    rearm();
  });
  expect_told(submitted, ran_);
  EXPECT_EQ(values, ran_.load());
  EXPECT_EQ(values + skipped, submitted);
}

// The strike itself ends the wait for room.
TEST_P(signal_strike, inside_add_task_that_waits_for_room) {
  std::size_t added = 0;
  strike_once_a_round([&] {
    tg::group full(target_, "full", {.max_concurrent = 0, .max_pending = 1});
    full.add_task([this] { ++ran_; });
    under_test([&] { full.add_task([this] { ++ran_; }); });
    added += 2;
    tell(full.join());
  });
  expect_told(added, 0);
  EXPECT_EQ(ran_.load(), 0u);
}

// Read parent first: what the handler has set when it returned, a child that lived reads too.
void expect_follows(const tg::group& parent, const tg::group& child) {
  if (parent.event().is_set()) {
    EXPECT_TRUE(child.event().is_set());
  }
}

TEST_P(signal_strike, inside_births) {
  strike([&] {
    for (int i = 0; i < calls_a_round; ++i) {
      std::optional<tg::group> child, grandchild;
      under_test([&] {
        child.emplace(target_, "child");
        grandchild.emplace(*child, "grandchild");
      });
      expect_follows(target_, *child);
      expect_follows(*child, *grandchild);
    }
    rearm();
  });
}

TEST_P(signal_strike, inside_deaths_of_groups_at_rest_and_of_parents_before_their_children) {
  strike([&] {
    std::optional<tg::group> child{std::in_place, target_, "child"};
    std::optional<tg::group> grandchild{std::in_place, *child, "grandchild"};
    under_test([&] { child.reset(); });
    expect_follows(target_, *grandchild);
    under_test([&] { grandchild.reset(); });
    rearm();
  });
}

TEST_P(signal_strike, inside_deaths_of_groups_with_tasks_left) {
  const auto witness = std::make_shared<int>();
  strike([&] {
    std::optional<tg::group> child{std::in_place, target_, "child", tg::group_options{.max_concurrent = 1}};
    for (int i = 0; i < calls_a_round; ++i) child->add_task([witness] {});
    under_test([&] { child.reset(); });
    EXPECT_EQ(witness.use_count(), 1) << "a callable outlived its group";
    rearm();
  });
}

TEST_P(signal_strike, inside_set_event) {
  strike([&] {
    {
      const tg::group child(target_, "child");
      const bool first = under_test([&] { return target_.set_event(); });
      firsts += first ? 1u : 0u;
      EXPECT_TRUE(target_.event().is_set());
      EXPECT_TRUE(child.event().is_set());
    }
    rearm();
  });
}

// That no set is lost in one, and none is told twice, the end of every test checks.
TEST_P(signal_strike, inside_reset_event) {
  std::size_t refused = 0;
  strike([&] {
    firsts += target_.set_event() ? 1u : 0u;
    const bool rearmed = under_test([&] { return target_.reset_event(); });
    ++(rearmed ? resets_ : refused);
    if (!rearmed) {
      EXPECT_TRUE(target_.event().is_set()) << "refused, and unset all the same";
    }
  });
  print_reached("refused because a signal struck", refused);
}

TEST_P(signal_strike, inside_join) {
  std::size_t added = 0;
  strike([&] {
    for (int i = 0; i < calls_a_round; ++i, ++added) target_.add_task([this] { ++ran_; });
    tell(under_test([&] { return target_.join(); }));
    rearm();
  });
  expect_told(added, ran_);
  expect_accounted(target_, added);
}

TEST_P(signal_strike, inside_a_timed_join) {
  std::size_t added = 0;
  strike([&] {
    for (int i = 0; i < calls_a_round; ++i, ++added) target_.add_task([this] { ++ran_; });
    const tg::join_report report = under_test([&] { return target_.join_for(patience); });
    EXPECT_TRUE(report.complete);
    tell(report);
    rearm();
  });
  expect_told(added, ran_);
}

// A paused group ends only by the event, which only the strike sets: it wakes the joiner that it has struck.
TEST_P(signal_strike, inside_a_join_that_only_the_event_ends) {
  std::size_t added = 0;
  strike_once_a_round([&] {
    tg::group paused(target_, "paused", {.max_concurrent = 0});
    for (int i = 0; i < calls_a_round; ++i, ++added) paused.add_task([this] { ++ran_; });
    tell(under_test([&] { return paused.join(); }));
  });
  expect_told(added, 0);
}

TEST_P(signal_strike, inside_a_sleep) {
  strike_once_a_round([&] {
    const bool slept = under_test([&] { return target_.event().sleep_for(patience); });
    EXPECT_FALSE(slept) << "slept through the event that the handler set on this thread";
  });
}

// Struck all the while by what does not concern it, being of another runtime: it sleeps its time.
TEST_P(signal_strike, inside_a_sleep_that_it_does_not_concern) {
  tg::runtime other({.workers = 1});
  tg::group calm("calm", {.on = &other});
  strike([&] {
    const auto begin = steady_clock::now();
    EXPECT_TRUE(under_test([&] { return calm.event().sleep_for(300us); }));
    EXPECT_GE(steady_clock::now() - begin, 300us);
    rearm();
  });
}

TEST_P(signal_strike, inside_wait_for_condition) {
  std::size_t added = 0;
  strike_once_a_round([&] {
    tg::group busy(target_, "busy", {.max_concurrent = 0});
    busy.add_task([this] { ++ran_; });
    ++added;
    const auto how = under_test([&] { return busy.wait_for_condition([] { return false; }, patience, 1h); });
    EXPECT_EQ(how, tg::condition::event_set);
    tell(busy.join());
  });
  expect_told(added, 0);
}

// Made and unmade: called once if the event was set meanwhile, and never afterwards.
TEST_P(signal_strike, inside_the_registration_of_a_callback) {
  strike([&] {
    std::atomic<int> called{0};
    const auto count = [&called] { ++called; };
    using callback = tg::event_callback<decltype(count)>;
    std::optional<callback> registered;
    under_test([&] { registered.emplace(target_, count); });
    if (target_.event().is_set()) {
      EXPECT_TRUE(soon([&] { return called != 0; })) << "a set event has not called";
    }
    under_test([&] { registered.reset(); });
    const int calls = called;
    EXPECT_LE(calls, 1);
    rearm();
    EXPECT_EQ(called.load(), calls) << "called after its end";
  });
}

}  // namespace
