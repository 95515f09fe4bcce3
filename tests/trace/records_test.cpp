// What is recorded is what has happened: the records of a group add up to its stats, and what was overwritten is
// counted to the last record.
#include "tests/support/bounded.h"
#include "tests/support/sleeping.h"
#include "tests/support/trace_view.h"
#include "tests/trace/folder.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tracing::kind;

// Some of each outcome.
void add_mixture(tg::group& to, int tasks) {
  for (int i = 0; i < tasks; ++i) {
    to.add_task([i] {
      if (i % 7 == 0) throw std::runtime_error("seventh");
      if (i % 11 == 0) throw tg::task_skipped(tg::event_cause::requested);
    });
  }
}

struct expected {
  std::string group;
  tg::group_stats stats;
};

TEST(trace_records, add_up_to_the_stats_of_each_group) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  std::vector<expected> groups;
  {
    tg::group outer("outer", {.max_concurrent = 2});
    add_mixture(outer, 500);
    std::atomic<int> skipped_late{0};
    tg::group stopped("stopped", {.max_concurrent = 0});
    for (int i = 0; i < 100; ++i) stopped.add_task([&] { ++skipped_late; });
    stopped.set_event();
    static_cast<void>(stopped.join());
    static_cast<void>(outer.join());
    groups = {{"outer", outer.stats()}, {"stopped", stopped.stats()}};
  }
  const trace_view seen(tg::trace::freeze());
  ASSERT_TRUE(seen.is_valid());
  ASSERT_EQ(seen.overwritten() + seen.struck() + seen.header().lost_without_ring, 0u);
  for (const auto& [group, stats] : groups) {
    SCOPED_TRACE(group);
    std::size_t failed = 0;
    for (const auto& record : seen.of_kind(kind::task_ended, group)) {
      if (tracing::detail_of(record.what) == static_cast<std::uint8_t>(tracing::outcome::exception)) ++failed;
    }
    EXPECT_EQ(seen.count(kind::task_added, group), stats.succeeded + stats.failed + stats.skipped);
    EXPECT_EQ(seen.count(kind::task_ended, group), stats.succeeded + stats.failed);
    EXPECT_EQ(failed, stats.failed);
    EXPECT_EQ(seen.count(kind::task_skipped, group), stats.skipped);
    EXPECT_EQ(seen.count(kind::group_born, group), 1u);
    EXPECT_EQ(seen.count(kind::group_ended, group), 1u);
  }
}

TEST(trace_records, under_load_every_record_is_there_or_counted_as_lost) {
  constexpr std::size_t small = 1024;
  constexpr int producers = 3;
  constexpr int tasks = 20'000;
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(small)));
  tg::group all("all", {.max_concurrent = 4});
  {
    std::vector<std::jthread> crowd;
    for (int p = 0; p < producers; ++p) {
      crowd.emplace_back([&] {
        for (int i = 0; i < tasks; ++i) all.add_task([] {});
      });
    }
  }
  ASSERT_EQ(all.join().succeeded, std::size_t{producers} * tasks);
  tg::trace::stop();
  const trace_view seen(tg::trace::freeze());
  ASSERT_TRUE(seen.is_valid());
  EXPECT_EQ(seen.written(), seen.overwritten() + seen.records().size());
  EXPECT_EQ(seen.struck() + seen.header().lost_without_ring, 0u);
  // Each task is added, started and ended: three records at least, of which the small rings cannot hold all.
  EXPECT_GE(seen.written(), std::uint64_t{3} * producers * tasks);
  EXPECT_GT(seen.overwritten(), 0u);
  for (const auto& record : seen.records()) ASSERT_NE(tracing::kind_of(record.what), kind::none);
}

TEST(trace_records, copies_made_under_load_have_whole_records_and_known_groups) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(256)));
  std::atomic<bool> done{false};
  std::jthread load([&] {
    while (!done) {
      tg::group each("each");
      for (int i = 0; i < 20; ++i) each.add_task([] {});
      static_cast<void>(each.join());
    }
  });
  for (int i = 0; i < 30; ++i) {
    const std::string path = tg::trace::freeze();
    const trace_view seen(path);
    ASSERT_TRUE(seen.is_valid());
    for (const auto& record : seen.records()) {
      const auto group = tracing::group_of(record.what);
      ASSERT_NE(record.stamp, 0u);
      if (group == 0) continue;
      ASSERT_EQ(seen.name_of(group), "each") << "kind " << int(tracing::kind_of(record.what));
    }
    std::filesystem::remove(path);
  }
  done = true;
}

TEST(trace_records, names_survive_while_records_refer_to_them_though_thousands_of_groups_come_and_go) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here(1 << 12)));
  std::size_t made = 0;
  const auto make = [&](int groups) {
    for (int i = 0; i < groups; ++i) tg::group("group " + std::to_string(made++));
  };
  make(30'000);
  std::string copy;
  // Swept, whenever the service thread has come to it: else there would be as many entries as groups.
  ASSERT_TRUE(eventually([&] {
    make(1'000);
    copy = tg::trace::freeze();
    return trace_view(copy).header().group_capacity + 5'000 < made;
  }));
  const trace_view seen(copy);
  EXPECT_EQ(seen.header().groups_without_entry, 0u);
  const auto born = seen.of_kind(kind::group_born);
  ASSERT_GT(born.size(), 1'000u);
  std::size_t number = made - born.size();
  for (const auto& record : born) {
    ASSERT_EQ(seen.name_of(tracing::group_of(record.what)), "group " + std::to_string(number++));
  }
}

TEST(trace_records, a_child_names_its_parent_also_if_that_has_ended) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  {
    auto parent = std::make_unique<tg::group>("parent");
    tg::group child(*parent, "child");
    parent.reset();
    tg::group grandchild(child, "grandchild");
  }
  const trace_view seen(tg::trace::freeze());
  const auto born = seen.of_kind(kind::group_born, "grandchild");
  ASSERT_EQ(born.size(), 1u);
  const auto entry = seen.entry_of(tracing::group_of(born[0].what));
  EXPECT_EQ(seen.name_of(entry.parent), "child");
  EXPECT_EQ(seen.name_of(seen.entry_of(entry.parent).parent), "parent");
}

TEST(trace_records, groups_that_were_there_before_are_known_when_they_are_met) {
  const folder here;
  tg::group outer("outer", {.max_concurrent = 7});
  tg::group inner(outer, "inner");
  ASSERT_TRUE(tg::trace::start(here.here()));
  inner.add_task([] {});
  static_cast<void>(inner.join());
  const trace_view seen(tg::trace::freeze());
  const auto added = seen.of_kind(kind::task_added, "inner");
  ASSERT_EQ(added.size(), 1u);
  const auto entry = seen.entry_of(tracing::group_of(added[0].what));
  EXPECT_NE(entry.flags & tracing::born_before, 0u);
  EXPECT_EQ(seen.name_of(entry.parent), "outer");
  EXPECT_EQ(seen.entry_of(entry.parent).limit, 7u);
}

TEST(trace_records, an_event_is_recorded_where_it_is_set_and_where_it_is_heard) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group top("top");
  tg::group below(top, "below");
  sleep_mark mark;
  below.add_task([&] {
    mark.about_to_wait();
    tg::this_task::event_aware_sleep(1h);
  });
  EXPECT_TRUE(mark.wait_asleep());
  top.set_event();
  static_cast<void>(below.join());
  const trace_view seen(tg::trace::freeze());
  const auto set = seen.of_kind(kind::event_set, "top");
  const auto heard = seen.of_kind(kind::event_heard, "below");
  ASSERT_EQ(set.size(), 1u);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(set[0].a, top.id());
  EXPECT_EQ(heard[0].a, top.id());
  EXPECT_EQ(tracing::detail_of(heard[0].what), static_cast<std::uint8_t>(tg::event_cause::requested));
  EXPECT_EQ(heard[0].b, static_cast<std::uint64_t>(tracing::wait::sleep));
  EXPECT_LE(set[0].stamp, heard[0].stamp);
}

TEST(trace_records, times_are_those_that_passed) {
  const folder here;
  ASSERT_TRUE(tg::trace::start(here.here()));
  tg::group slow("slow", {.max_concurrent = 1});
  gate both_added;
  for (int i = 0; i < 2; ++i) {
    slow.add_task([&] {
      EXPECT_TRUE(both_added.wait());
      std::this_thread::sleep_for(30ms);
    });
  }
  both_added.open();
  static_cast<void>(slow.join());
  const trace_view seen(tg::trace::freeze());
  const auto ended = seen.of_kind(kind::task_ended, "slow");
  const auto started = seen.of_kind(kind::task_started, "slow");
  ASSERT_EQ(ended.size(), 2u);
  ASSERT_EQ(started.size(), 2u);
  constexpr double ms = 1e6;
  for (const auto& record : ended) EXPECT_GE(static_cast<double>(record.b) * seen.ns_per_tick(), 29.9 * ms);
  // The second one was queued while the first one ran.
  EXPECT_GE(static_cast<double>(started[1].b) * seen.ns_per_tick(), 29.9 * ms);
}

}  // namespace
