// Groups come and go while snapshots are taken, deadlines pass and signals arrive.
#include "tests/support/stress.h"
#include "tests/support/tree.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Trees are built and taken down below a group that stays, parents sometimes first.
void churn(tg::group& stays, const stress_box& box, std::size_t index, std::atomic<std::size_t>& made) {
  random_source random(index);
  while (box.goes_on()) {
    std::vector<std::unique_ptr<tg::group>> groups;
    for (std::size_t count = 1 + random.below(20); count != 0; --count) {
      tg::group& parent = groups.empty() || random.one_in(4) ? stays : *groups[random.below(groups.size())];
      groups.push_back(std::make_unique<tg::group>(parent, "passes"));
      ++made;
      if (random.one_in(3))
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(random.below(groups.size())));
    }
  }
}

TEST(snapshot_churn, shows_what_stays_exactly_once) {
  const stress_box box;
  group_tree stays(2, 3);
  std::atomic<std::size_t> made{0}, snapshots{0}, passing_seen{0}, wrong{0};
  on_threads(4, [&](std::size_t index) {
    if (index >= 2) return churn(stays[index * 3], box, index, made);
    while (box.goes_on()) {
      const tg::forest_snapshot forest = tg::snapshot();
      std::multiset<std::uint64_t> ids;
      for (const tg::group_info& info : forest.groups) ids.insert(info.id);
      for (const std::uint64_t id : ids) wrong += ids.count(id) == 1 ? 0u : 1u;
      for (std::size_t node = 0; node < stays.size(); ++node)
        wrong += ids.count(stays[node].id()) == 1 ? 0u : 1u;
      passing_seen += ids.size() - std::min(ids.size(), stays.size());
      ++snapshots;
    }
  });
  print_reached("groups made", made.load());
  print_reached("snapshots", snapshots.load());
  print_reached("passing groups seen in them", passing_seen.load());
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_GT(snapshots.load(), 0u);
}

TEST(deadline_churn, never_sets_a_group_that_states_none_and_always_one_that_does) {
  const stress_box box;
  std::atomic<std::size_t> expired{0}, ended_before{0}, lost{0}, mistaken{0}, early{0}, strangers{0};
  on_threads(3, [&](std::size_t index) {
    random_source random(index);
    while (box.goes_on()) {
      const auto when = steady_clock::now() + std::chrono::microseconds(random.below(600));
      {
        const tg::group states("states", {.deadline = when});
        const tg::group none("states none");
        if (random.one_in(20)) {
          if (!eventually([&] { return states.event().is_set(); })) ++lost;
        } else {
          spin(random.below(20'000));
        }
        const tg::event_state state = states.state();
        ++(state.set ? expired : ended_before);
        if (state.set && (state.cause != tg::event_cause::deadline || state.origin != states.id()))
          ++mistaken;
        if (state.set && steady_clock::now() < when) ++early;
        if (none.event().is_set()) ++strangers;
      }
      const tg::group tenant("tenant");
      spin(random.below(2'000));
      if (tenant.event().is_set()) ++strangers;
    }
  });
  print_reached("deadlines that passed", expired.load());
  print_reached("groups that ended before theirs", ended_before.load());
  EXPECT_EQ(lost.load(), 0u) << "deadlines that never came";
  EXPECT_EQ(mistaken.load(), 0u) << "another cause or origin";
  EXPECT_EQ(early.load(), 0u);
  EXPECT_EQ(strangers.load(), 0u) << "groups without a deadline that were set";
}

std::atomic<tg::group*> signal_target{nullptr};
std::atomic<std::size_t> signals_taken{0};

void set_target(int) {
  if (tg::group* target = signal_target.load()) target->set_event_from_signal();
  ++signals_taken;
}

// The signal interrupts the very threads that give birth, set, re-arm and add tasks.
TEST(signal_churn, lets_every_task_end) {
  const stress_box box;
  struct sigaction action {};
  action.sa_handler = &set_target;
  ASSERT_EQ(::sigaction(SIGUSR1, &action, nullptr), 0);
  tg::group root("root");
  signal_target = &root;
  std::atomic<std::size_t> added{0}, ended{0}, rearmed{0};
  std::atomic<pthread_t> workers[2] = {};
  std::atomic<std::size_t> ready{0}, left{2};
  on_threads(3, [&](std::size_t index) {
    if (index == 2) {
      EXPECT_TRUE(eventually([&] { return ready == 2; }));
      do {
        for (auto& worker : workers) EXPECT_EQ(::pthread_kill(worker.load(), SIGUSR1), 0);
        std::this_thread::sleep_for(100us);
      } while (box.goes_on());
      ready = 0;
      return;
    }
    workers[index] = ::pthread_self();
    ++ready;
    EXPECT_TRUE(eventually([&] { return ready == 2; }));
    random_source random(index);
    // Until nobody sends any more: a signal to a thread that has gone would be an error of the test.
    while (ready != 0) {
      {
        tg::group child(root, "child");
        const std::size_t count = 1 + random.below(5);
        for (std::size_t i = 0; i < count; ++i) child.add_task([] {});
        const tg::join_report report = child.join();
        added += count;
        ended += report.succeeded + report.failed + report.skipped;
      }
      rearmed += root.event().is_set() && root.reset_event() ? 1u : 0u;
    }
    --left;
  });
  signal_target = nullptr;
  ::signal(SIGUSR1, SIG_DFL);
  print_reached("signals", signals_taken.load());
  print_reached("tasks", added.load());
  print_reached("re-armed", rearmed.load());
  EXPECT_EQ(ended.load(), added.load());
  EXPECT_EQ(left.load(), 0u);
  EXPECT_GT(signals_taken.load(), 0u);
}

}  // namespace
