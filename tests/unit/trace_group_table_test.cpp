// Names of groups stay as long as a record refers to them, and no longer than that.
#include "core/trace/group_table.h"
#include "tests/unit/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

namespace {

using namespace tg_test;
using tg::tracing::entry_of;
using tg::tracing::entry_state;
using tg::tracing::generation_of;
using tg::tracing::group_entry;
using tg::tracing::group_facts;
using tg::tracing::group_ref;
using tg::tracing::group_table;

struct table_box {
  explicit table_box(std::uint32_t capacity) : entries(capacity) {
    table.lay(entries.data(), capacity, &reserve, this);
  }
  static bool reserve(void* context, std::uint32_t, std::uint32_t) noexcept {
    return static_cast<table_box*>(context)->has_memory;
  }
  group_ref enter(const std::string& name, group_ref parent = 0) {
    group_facts facts;
    facts.name = name;
    facts.parent = parent;
    facts.id = ++ids;
    return table.enter(facts, 1);
  }
  // Records refer to these alone.
  std::uint32_t sweep(const std::vector<group_ref>& referred) {
    return table.sweep([&](auto&& mark) {
      for (const group_ref ref : referred) mark(ref);
    });
  }
  const group_entry& at(group_ref ref) const { return entries[entry_of(ref)]; }

  std::vector<group_entry> entries;
  group_table table;
  bool has_memory = true;
  std::uint64_t ids = 0;
};

TEST(trace_group_table, an_entry_says_what_was_told) {
  table_box box(16);
  const group_ref parent = box.enter("parent");
  group_facts facts;
  facts.id = 77;
  facts.parent = parent;
  facts.name = "child";
  facts.limit = 3;
  facts.flags = tg::tracing::fails_fast;
  facts.deadline_ns = 12345;
  facts.max_pending = 9;
  const group_entry& entry = box.at(box.table.enter(facts, 42));
  EXPECT_EQ(entry.state, static_cast<std::uint32_t>(entry_state::living));
  EXPECT_EQ(entry.id, 77u);
  EXPECT_EQ(entry.parent, parent);
  EXPECT_STREQ(entry.name, "child");
  EXPECT_EQ(entry.limit, 3u);
  EXPECT_EQ(entry.flags, tg::tracing::fails_fast);
  EXPECT_EQ(entry.deadline_ns, 12345);
  EXPECT_EQ(entry.max_pending, 9u);
  EXPECT_EQ(entry.entered, 42u);
}

TEST(trace_group_table, a_long_name_is_cut_and_ends) {
  table_box box(4);
  const group_ref ref = box.enter(std::string(100, 'x'));
  EXPECT_EQ(std::string(box.at(ref).name), std::string(47, 'x'));
}

TEST(trace_group_table, a_full_table_takes_nobody) {
  table_box box(2);
  EXPECT_NE(box.enter("a"), 0u);
  EXPECT_NE(box.enter("b"), 0u);
  EXPECT_EQ(box.enter("c"), 0u);
}

TEST(trace_group_table, without_memory_it_takes_nobody) {
  table_box box(2);
  box.has_memory = false;
  EXPECT_EQ(box.enter("a"), 0u);
  box.has_memory = true;
  EXPECT_NE(box.enter("a"), 0u);
}

TEST(trace_group_table, an_ended_group_stays_while_a_record_refers_to_it) {
  table_box box(2);
  const group_ref first = box.enter("first");
  const group_ref second = box.enter("second");
  box.table.end(first, 5);
  EXPECT_EQ(box.sweep({first, second}), 0u);
  EXPECT_EQ(box.enter("third"), 0u);
  EXPECT_STREQ(box.at(first).name, "first");
  EXPECT_EQ(box.at(first).ended, 5u);
}

TEST(trace_group_table, an_ended_group_goes_when_no_record_refers_to_it) {
  table_box box(2);
  const group_ref first = box.enter("first");
  const group_ref second = box.enter("second");
  box.table.end(first, 5);
  EXPECT_EQ(box.sweep({second}), 1u);
  const group_ref third = box.enter("third");
  ASSERT_NE(third, 0u);
  EXPECT_EQ(entry_of(third), entry_of(first));
  EXPECT_NE(generation_of(third), generation_of(first));
  EXPECT_STREQ(box.at(third).name, "third");
}

TEST(trace_group_table, a_living_group_stays_though_no_record_refers_to_it) {
  table_box box(2);
  const group_ref living = box.enter("living");
  EXPECT_EQ(box.sweep({}), 0u);
  EXPECT_STREQ(box.at(living).name, "living");
}

TEST(trace_group_table, ended_ancestors_stay_with_their_descendants) {
  table_box box(8);
  const group_ref top = box.enter("top");
  const group_ref middle = box.enter("middle", top);
  const group_ref leaf = box.enter("leaf", middle);
  const group_ref stranger = box.enter("stranger");
  for (const group_ref ref : {top, middle, leaf, stranger}) box.table.end(ref, 5);
  EXPECT_EQ(box.sweep({leaf}), 1u);
  EXPECT_EQ(box.at(top).state, static_cast<std::uint32_t>(entry_state::ended));
  EXPECT_EQ(box.at(stranger).state, static_cast<std::uint32_t>(entry_state::free));
  EXPECT_EQ(box.sweep({}), 3u);
}

TEST(trace_group_table, generations_begin_again_and_are_never_zero) {
  table_box box(1);
  std::uint16_t last = 0;
  for (int i = 0; i < 65'540; ++i) {
    const group_ref ref = box.enter("again");
    ASSERT_NE(ref, 0u);
    last = generation_of(ref);
    ASSERT_NE(last, 0u);
    box.table.give_back(ref);
  }
  EXPECT_EQ(last, 5u);
}

TEST(trace_group_table, no_two_threads_get_the_same_entry) {
  constexpr int threads = 4;
  constexpr int rounds = 2'000;
  table_box box(threads);
  std::vector<std::atomic<int>> holders(threads);
  std::atomic<int> shared{0};
  run_together(threads, [&](std::size_t) {
    for (int i = 0; i < rounds; ++i) {
      const group_ref ref = box.table.enter({}, 1);
      if (ref == 0) continue;
      if (holders[entry_of(ref)].fetch_add(1) != 0) ++shared;
      holders[entry_of(ref)].fetch_sub(1);
      box.table.give_back(ref);
    }
  });
  EXPECT_EQ(shared.load(), 0);
  EXPECT_LE(box.table.used(), static_cast<std::uint32_t>(threads));
}

TEST(trace_group_table, a_table_that_grows_asks_for_a_sweep) {
  table_box box(8192);
  while (!box.table.wants_sweep()) ASSERT_NE(box.enter("x"), 0u);
  box.sweep({});
  EXPECT_FALSE(box.table.wants_sweep());
}

}  // namespace
