// Each kind of record, where what it tells has happened, and with what it says.
#include "tests/support/bounded.h"
#include "tests/support/trace_view.h"
#include "tests/trace/folder.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;
using tracing::kind;

class trace_kinds : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(tg::trace::start(here_.here())); }
  // What there is by now.
  const trace_view& seen() {
    if (seen_ == nullptr) seen_ = std::make_unique<trace_view>(tg::trace::freeze());
    return *seen_;
  }
  // The one of this kind; a record of zeros if there is another number of them.
  tracing::record only(kind what, const std::string& group) {
    const auto all = seen().of_kind(what, group);
    EXPECT_EQ(all.size(), 1u);
    return all.size() == 1 ? all[0] : tracing::record{};
  }
  // How the waits of this kind ended that the group's tasks were in, or, of waits outside any task, that were for it.
  std::vector<tracing::wait_end> ends_of(tracing::wait what, const std::string& group) {
    std::vector<tracing::wait_end> out;
    for (const auto& one : seen().of_kind(kind::wait_ended)) {
      const auto whose = tracing::group_of(one.what) != 0 ? tracing::group_of(one.what) : one.b;
      const unsigned detail = tracing::detail_of(one.what);
      if (seen().name_of(whose) == group && (detail & 0xf) == static_cast<unsigned>(what))
        out.push_back(static_cast<tracing::wait_end>(detail >> 4));
    }
    return out;
  }
  std::size_t begun(tracing::wait what, const std::string& group) {
    const auto all = seen().of_kind(kind::wait_began);
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const tracing::record& one) {
      const auto whose = tracing::group_of(one.what) != 0 ? tracing::group_of(one.what) : one.b;
      return seen().name_of(whose) == group && tracing::detail_of(one.what) == static_cast<unsigned>(what);
    }));
  }

  // Soon, while everything goes on and `act()` is done again and again.
  static bool appears(
      kind what, const std::function<void()>& act = [] {}) {
    return eventually([&] {
      act();
      const std::string path = tg::trace::freeze();
      const std::size_t there = trace_view(path).count(what);
      std::filesystem::remove(path);
      return there != 0;
    });
  }

 private:
  folder here_;
  std::unique_ptr<trace_view> seen_;
};

using ends = std::vector<tracing::wait_end>;

TEST_F(trace_kinds, a_group_is_born_and_ends_with_name_parent_and_limit) {
  {
    tg::group outer("outer");
    tg::group inner(outer, "inner", {.max_concurrent = 3});
  }
  const auto born = only(kind::group_born, "inner");
  EXPECT_EQ(only(kind::group_ended, "inner").a, born.a);
  const auto entry = seen().entry_of(tracing::group_of(born.what));
  EXPECT_EQ(entry.id, born.a);
  EXPECT_EQ(entry.limit, 3u);
  EXPECT_EQ(seen().name_of(entry.parent), "outer");
  EXPECT_EQ(entry.state, static_cast<std::uint32_t>(tracing::entry_state::ended));
}

TEST_F(trace_kinds, a_group_may_be_born_with_its_event_set) {
  tg::group outer("outer");
  outer.set_event();
  tg::group inner(outer, "inner");
  const auto born = only(kind::group_born, "inner");
  EXPECT_EQ(tracing::detail_of(born.what), static_cast<std::uint8_t>(tg::event_cause::requested));
  EXPECT_EQ(born.b, outer.id());
}

TEST_F(trace_kinds, a_limit_changes) {
  tg::group some("some", {.max_concurrent = 5});
  some.set_max_concurrent(2);
  const auto changed = only(kind::limit_changed, "some");
  EXPECT_EQ(changed.a, 2u);
  EXPECT_EQ(changed.b, 5u);
  EXPECT_EQ(seen().entry_of(tracing::group_of(changed.what)).limit, 2u);
}

TEST_F(trace_kinds, a_task_of_which_somebody_has_the_future) {
  tg::group some("some");
  auto answer = some.submit([] { return 42; });
  EXPECT_EQ(answer.get(), 42);
  EXPECT_EQ(tracing::detail_of(only(kind::task_added, "some").what), 1u);
}

TEST_F(trace_kinds, a_skipped_task_tells_why) {
  tg::group some("some", {.max_concurrent = 0});
  some.add_task([] {});
  some.clear_pending_tasks();
  const auto skipped = only(kind::task_skipped, "some");
  EXPECT_EQ(tracing::detail_of(skipped.what), static_cast<std::uint8_t>(tg::event_cause::cleared));
  EXPECT_EQ(skipped.b, 0u);
}

TEST_F(trace_kinds, waits_in_a_task_and_how_they_end) {
  tg::group some("some");
  some.add_task([] { tg::this_task::event_aware_sleep(1ms); });
  some.add_task([] { tg::this_task::blocking([] { std::this_thread::sleep_for(1ms); }); });
  some.add_task([] { tg::this_task::wait_for_condition([] { return false; }, 5ms); });
  ASSERT_TRUE(some.join_for(patience).complete);
  EXPECT_EQ(begun(tracing::wait::sleep, "some"), 1u);
  EXPECT_EQ(ends_of(tracing::wait::sleep, "some"), ends{tracing::wait_end::done});
  EXPECT_EQ(begun(tracing::wait::blocking, "some"), 1u);
  EXPECT_EQ(ends_of(tracing::wait::blocking, "some"), ends{tracing::wait_end::done});
  EXPECT_GE(begun(tracing::wait::condition, "some"), 1u);
  EXPECT_EQ(ends_of(tracing::wait::condition, "some").size(), begun(tracing::wait::condition, "some"));
}

TEST_F(trace_kinds, a_join_that_times_out) {
  tg::group paused("paused", {.max_concurrent = 0});
  paused.add_task([] {});
  EXPECT_FALSE(paused.join_for(1ms).complete);
  EXPECT_EQ(begun(tracing::wait::join, "paused"), 1u);
  EXPECT_EQ(ends_of(tracing::wait::join, "paused"), ends{tracing::wait_end::timed_out});
}

TEST_F(trace_kinds, a_producer_waits_for_room_and_hears_the_event) {
  tg::group full("full", {.max_concurrent = 0, .max_pending = 1, .on_event = tg::pending_policy::run});
  full.add_task([] {});
  std::jthread producer([&] { full.add_task([] {}); });
  EXPECT_TRUE(appears(kind::wait_began));
  full.set_event();
  producer.join();
  full.set_max_concurrent(1);
  EXPECT_EQ(begun(tracing::wait::full_queue, "full"), 1u);
  EXPECT_EQ(only(kind::event_heard, "full").b, static_cast<std::uint64_t>(tracing::wait::full_queue));
}

TEST_F(trace_kinds, who_waits_for_a_future) {
  tg::group some("some", {.max_concurrent = 0});
  auto answer = some.submit([] { return 1; });
  EXPECT_FALSE(answer.wait_for(1ms));
  const auto began = seen().of_kind(kind::wait_began);
  ASSERT_EQ(began.size(), 1u);
  EXPECT_EQ(tracing::detail_of(began[0].what), static_cast<unsigned>(tracing::wait::future));
  EXPECT_EQ(seen().name_of(began[0].b), "some");
  EXPECT_EQ(began[0].a, only(kind::task_added, "some").a);
}

TEST_F(trace_kinds, an_event_of_every_group_and_one_that_is_reset) {
  tg::group some("some");
  some.set_event();
  ASSERT_TRUE(some.reset_event());
  tg::set_all_events();
  EXPECT_EQ(seen().count(kind::event_reset, "some"), 1u);
  const auto set = seen().of_kind(kind::event_set);
  EXPECT_EQ(
      std::count_if(set.begin(), set.end(), [](const auto& one) { return tracing::group_of(one.what) == 0; }),
      1);
}

TEST_F(trace_kinds, a_limiter_that_is_full_and_freed) {
  tg::group narrow("narrow", {.max_concurrent = 1});
  narrow.add_task([] {});
  ASSERT_TRUE(narrow.join_for(patience).complete);
  EXPECT_TRUE(appears(kind::limiter_freed));
  const auto full = seen().of_kind(kind::limiter_full, "narrow");
  ASSERT_FALSE(full.empty());
  EXPECT_EQ(full[0].a, 1u);
  EXPECT_EQ(seen().count(kind::limiter_freed, "narrow"), full.size());
}

TEST_F(trace_kinds, a_deadline_is_armed_and_fires) {
  tg::group("the first one, after which groups are made quickly");
  tg::group due("due", {.deadline = std::chrono::steady_clock::now() + 100ms});
  due.add_task([] { tg::this_task::event_aware_sleep(patience); });
  ASSERT_TRUE(due.join_for(patience).complete);
  const auto armed = only(kind::deadline_armed, "due");
  EXPECT_EQ(only(kind::deadline_fired, "due").a, armed.a);
  EXPECT_EQ(tracing::detail_of(only(kind::event_set, "due").what),
            static_cast<std::uint8_t>(tg::event_cause::deadline));
}

TEST_F(trace_kinds, a_worker_comes_parks_wakes_and_leaves) {
  {
    // It does not leave while the records are looked at.
    tg::runtime own(tg::runtime_options{.workers = 1, .linger = std::chrono::microseconds(patience)});
    tg::group some("some", {.on = &own});
    some.add_task([] {});
    EXPECT_TRUE(appears(kind::worker_parked));
    EXPECT_TRUE(appears(kind::worker_woken, [&] { some.add_task([] {}); }));
    EXPECT_TRUE(some.join_for(patience).complete);
  }
  EXPECT_GE(seen().count(kind::worker_came), 1u);
  EXPECT_EQ(seen().count(kind::worker_left), seen().count(kind::worker_came));
}

TEST_F(trace_kinds, a_thread_tells_its_id_and_its_processor_time) {
  tg::group some("some");
  some.add_task([] { std::this_thread::sleep_for(20ms); });
  ASSERT_TRUE(some.join_for(patience).complete);
  EXPECT_GE(seen().count(kind::thread_began), 1u);
  EXPECT_GE(seen().count(kind::cpu_time), 2u);
}

}  // namespace
