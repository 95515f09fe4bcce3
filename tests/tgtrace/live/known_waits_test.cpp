// From the recorder to the report: a program whose waits are known, read back.
#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "tests/support/bounded.h"
#include "tests/support/sleeping.h"
#include "tests/trace/folder.h"
#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/reader.h"

namespace {

using namespace std::chrono_literals;
using tg_test::folder;

constexpr auto nap = 20ms;
constexpr tgtrace::time_ns nap_ns = std::chrono::nanoseconds(nap).count();

struct read_back {
  tgtrace::model m = tgtrace::build_model(tgtrace::read_trace_file(tg::trace::freeze()));
  tgtrace::findings found = tgtrace::find_out(m, 100, {});

  tgtrace::index group(const std::string& name) const {
    const auto at =
        std::find_if(m.groups.begin(), m.groups.end(), [&](const auto& one) { return one.name == name; });
    return at == m.groups.end() ? tgtrace::nothing : static_cast<tgtrace::index>(at - m.groups.begin());
  }
  const tgtrace::figures& figures(const std::string& name) const { return found.groups.at(group(name)); }
  const tgtrace::lateness* late(const std::string& name, std::uint64_t id) const {
    const auto at = std::find_if(found.slowest.begin(), found.slowest.end(), [&](const auto& one) {
      return m.tasks[one.task].id == id && m.tasks[one.task].group == group(name);
    });
    return at == found.slowest.end() ? nullptr : &*at;
  }
};

TEST(KnownWaits, ATaskBehindASleeperIsLateForItsLimit) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group narrow("narrow", {.max_concurrent = 1});
  tg_test::gate both_added;
  narrow.add_task([&] {
    EXPECT_TRUE(both_added.wait());
    tg::this_task::event_aware_sleep(nap);
  });
  narrow.add_task([] {});
  both_added.open();
  ASSERT_TRUE(narrow.join_for(30s).complete);
  const read_back seen;
  ASSERT_NE(seen.group("narrow"), tgtrace::nothing);
  EXPECT_TRUE(seen.m.remarks.empty());
  EXPECT_EQ(seen.figures("narrow").tasks.run(), 2u);
  EXPECT_GE(seen.figures("narrow").blocked.summary().max, nap_ns);
  EXPECT_GE(seen.figures("narrow").queue.summary().max, nap_ns);
  const tgtrace::lateness* const late = seen.late("narrow", 2);
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->parts.at(0).what, "queued behind its own limit (1)");
  EXPECT_GE(late->queued.behind_limit, nap_ns);
}

TEST(KnownWaits, SleepersHearTheEvent) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group sleepers("sleepers");
  std::array<tg_test::sleep_mark, 3> marks;
  for (tg_test::sleep_mark& mark : marks) {
    sleepers.add_task([&mark] {
      mark.about_to_wait();
      tg::this_task::event_aware_sleep(1h);
    });
  }
  for (const tg_test::sleep_mark& mark : marks) EXPECT_TRUE(mark.wait_asleep());
  std::this_thread::sleep_for(nap);
  sleepers.set_event();
  ASSERT_TRUE(sleepers.join_for(30s).complete);
  const read_back seen;
  EXPECT_EQ(seen.figures("sleepers").wake.summary().samples, 3u);
  EXPECT_GT(seen.figures("sleepers").wake.summary().max, 0);
  EXPECT_GE(seen.figures("sleepers").blocked.summary().p50, nap_ns);
  ASSERT_EQ(seen.m.settings.size(), 1u);
  EXPECT_EQ(seen.m.settings[0].group, seen.group("sleepers"));
  for (const auto& heard : seen.m.hearings) EXPECT_EQ(heard.setting, 0u);
}

TEST(KnownWaits, TheCriticalPathLeadsThroughTheChild) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group root("root");
  root.add_task([] {
    tg::group child("child");
    child.add_task([] { tg::this_task::event_aware_sleep(nap); });
    static_cast<void>(child.join_for(30s));
  });
  ASSERT_TRUE(root.join_for(30s).complete);
  const read_back seen;
  ASSERT_EQ(seen.m.groups.at(seen.group("child")).parent, seen.group("root"));
  ASSERT_EQ(seen.found.paths.size(), 1u);
  const auto& path = seen.found.paths[0];
  tgtrace::time_ns sum = 0;
  for (const auto part : path.sums) sum += part;
  EXPECT_EQ(sum, path.when.length());
  EXPECT_GE(path.sums[static_cast<std::size_t>(tgtrace::path_kind::blocked)], nap_ns);
  const bool through_child = std::any_of(path.steps.begin(), path.steps.end(), [&](const auto& one) {
    return one.task != tgtrace::nothing && seen.m.tasks[one.task].group == seen.group("child");
  });
  EXPECT_TRUE(through_child);
}

TEST(KnownWaits, SumsMatchTheStatsOfTheGroup) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group mixed("mixed", {.max_concurrent = 3});
  for (int i = 0; i < 1000; ++i) {
    mixed.add_task([i] {
      if (i % 10 == 0) throw i;
    });
  }
  static_cast<void>(mixed.join());
  mixed.set_event();
  for (int i = 0; i < 50; ++i) mixed.add_task([] {});
  static_cast<void>(mixed.join());
  const tg::group_stats stats = mixed.stats();
  const read_back seen;
  ASSERT_EQ(seen.m.lost.overwritten, 0u);
  const auto& tasks = seen.figures("mixed").tasks;
  EXPECT_EQ(tasks.succeeded, stats.succeeded);
  EXPECT_EQ(tasks.failed, stats.failed);
  EXPECT_EQ(tasks.skipped, stats.skipped);
  EXPECT_EQ(tasks.added, 1050u);
  EXPECT_EQ(tasks.running + tasks.queued + tasks.incomplete, 0u);
  EXPECT_FALSE(seen.figures("mixed").may_lack);
}

TEST(KnownWaits, UnderLoadTheReportCountsWhatItLacks) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(256)));
  tg::group all("all", {.max_concurrent = 2});
  for (int i = 0; i < 20'000; ++i) all.add_task([] {});
  ASSERT_EQ(all.join().succeeded, 20'000u);
  tg::trace::stop();
  const read_back seen;
  const auto& lost = seen.m.lost;
  EXPECT_GT(lost.overwritten, 0u);
  EXPECT_EQ(lost.damaged + lost.struck + lost.without_ring, 0u);
  std::uint64_t of_threads = 0;
  for (const auto& thread : seen.m.threads) of_threads += thread.overwritten;
  EXPECT_EQ(of_threads, lost.overwritten);
  EXPECT_TRUE(seen.figures("all").may_lack);
  const auto& tasks = seen.figures("all").tasks;
  EXPECT_EQ(tasks.queued + tasks.running, 0u);
  EXPECT_LT(tasks.run(), 20'000u);
}

TEST(KnownWaits, WhoWaitsForAFutureIsWokenByItsTask) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group root("root");
  root.add_task([] {
    tg::group child("child");
    auto answer = child.submit([] { return tg::this_task::event_aware_sleep(nap); });
    EXPECT_TRUE(answer.get());
  });
  ASSERT_TRUE(root.join_for(30s).complete);
  const read_back seen;
  ASSERT_EQ(seen.found.paths.size(), 1u);
  const auto& steps = seen.found.paths[0].steps;
  EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [&](const auto& one) {
    return one.task != tgtrace::nothing && seen.m.tasks[one.task].group == seen.group("child");
  }));
}

}  // namespace
