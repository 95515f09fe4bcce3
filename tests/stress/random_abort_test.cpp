// A random forest, random tasks that succeed, fail, give up, sleep and set events, and random aborts from
// outside: every task that was added ends in exactly one way.
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

// What the tasks of one group themselves have counted.
struct tally {
  std::atomic<std::size_t> added{0};
  std::atomic<std::size_t> returned{0};
  std::atomic<std::size_t> threw{0};
  std::atomic<std::size_t> gave_up{0};
};

struct random_task {
  tally* counts;
  tg::group* home;
  std::size_t way;

  void operator()() const {
    switch (way) {
      case 0:
        ++counts->threw;
        throw std::runtime_error("fails");
      case 1:
        ++counts->gave_up;
        throw tg::task_skipped(tg::event_cause::requested);
      case 2:
        static_cast<void>(tg::this_task::event_aware_sleep(200us));
        break;
      case 3:
        tg::this_task::set_event_for_siblings();
        break;
      case 4:
        if (!tg::this_task::event_set()) {
          home->add_task(random_task{counts, home, 99});
          ++counts->added;
        }
        break;
      default:
        break;
    }
    ++counts->returned;
  }
};

tg::group_options random_options(random_source& random) {
  tg::group_options options;
  options.max_concurrent = static_cast<std::uint32_t>(1 + random.below(4));
  if (random.one_in(3)) options.on_event = tg::pending_policy::run;
  if (random.one_in(3)) options.on_failure = tg::failure_policy::set_event;
  if (random.one_in(5)) options.max_pending = 3;
  if (random.one_in(6)) options.deadline = std::chrono::steady_clock::now() + 300us;
  return options;
}

struct totals {
  std::size_t rounds = 0, added = 0, succeeded = 0, failed = 0, skipped = 0;
};

// The outcomes as the report tells them and as the tasks have counted them.
void settle(tg::group& group, const tally& counts, totals& all) {
  const tg::join_report report = group.join_for(patience);
  ASSERT_TRUE(report.complete);
  EXPECT_EQ(report.succeeded, counts.returned.load());
  EXPECT_EQ(report.failed, counts.threw.load());
  EXPECT_GE(report.skipped, counts.gave_up.load());
  EXPECT_EQ(report.succeeded + report.failed + report.skipped, counts.added.load());
  expect_accounted(group, counts.added);
  all.added += counts.added;
  all.succeeded += report.succeeded;
  all.failed += report.failed;
  all.skipped += report.skipped;
}

TEST(random_abort, accounts_for_every_task) {
  constexpr std::size_t group_count = 7;
  const stress_box box(2.0);
  totals all;
  while (box.goes_on() && !HasFailure()) {
    random_source random(all.rounds);
    std::vector<std::unique_ptr<tg::group>> groups;
    std::vector<tally> counts(group_count);
    groups.push_back(std::make_unique<tg::group>("root", random_options(random)));
    while (groups.size() < group_count) {
      tg::group& parent = *groups[random.below(groups.size())];
      groups.push_back(std::make_unique<tg::group>(parent, "node", random_options(random)));
    }
    on_threads(3, [&](std::size_t index) {
      random_source own(all.rounds * 3 + index);
      for (int step = 0; step < 40; ++step) {
        const std::size_t at = own.below(group_count);
        if (index == 2 && own.one_in(10)) {
          groups[at]->set_event();
        } else if (index == 2 && own.one_in(10)) {
          groups[at]->clear_pending_tasks();
        } else if (own.one_in(2)) {
          groups[at]->add_task(random_task{&counts[at], groups[at].get(), own.below(12)});
          ++counts[at].added;
        } else if (groups[at]->try_add_task(random_task{&counts[at], groups[at].get(), own.below(12)})) {
          ++counts[at].added;
        }
      }
    });
    for (std::size_t at = 0; at < group_count; ++at) settle(*groups[at], counts[at], all);
    ++all.rounds;
  }
  print_reached("rounds", all.rounds);
  print_reached("added", all.added);
  print_reached("succeeded", all.succeeded);
  print_reached("failed", all.failed);
  print_reached("skipped", all.skipped);
  EXPECT_GT(all.succeeded, 0u);
  EXPECT_GT(all.failed, 0u);
  EXPECT_GT(all.skipped, 0u);
  EXPECT_EQ(all.added, all.succeeded + all.failed + all.skipped);
}

}  // namespace
