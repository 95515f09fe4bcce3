// Groups that wait for a worker: outer and inner ones take turns, each kind in the order in which it came.
#include "core/arena/ready_queue.h"
#include "tests/support/bounded.h"
#include "tests/unit/pool_box.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

namespace {

using namespace tg_test;
using tg::arena::ready_queue;

class ready_box {
 public:
  ready_box() : segments_(sizeof(tg::queue::segment), 8, 64, 1) { queue_.prepare(segments_.cache()); }
  void push(std::uint32_t group, bool is_inner) { queue_.push(segments_.cache(), group, is_inner); }
  std::uint64_t size(bool inner) const { return queue_.size(inner); }
  std::uint32_t pop(bool inner_first) { return queue_.pop(segments_.cache(), inner_first); }

 private:
  pool_box segments_;
  ready_queue queue_{segments_.pool()};
};

TEST(ready_queue, gives_the_kind_whose_turn_it_is_in_order) {
  ready_box box;
  for (std::uint32_t i = 0; i < 4; ++i) box.push(i, false);
  for (std::uint32_t i = 10; i < 14; ++i) box.push(i, true);
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(box.pop(true), 10 + i);
    EXPECT_EQ(box.pop(false), i);
  }
}

TEST(ready_queue, gives_the_other_kind_where_there_is_none_of_the_first) {
  ready_box box;
  box.push(1, false);
  EXPECT_EQ(box.pop(true), 1u);
  box.push(2, true);
  EXPECT_EQ(box.pop(false), 2u);
}

TEST(ready_queue, tells_how_many_of_each_kind_there_are) {
  ready_box box;
  for (std::uint32_t i = 0; i < 100; ++i) box.push(i, i % 4 == 0);
  EXPECT_EQ(box.size(true), 25u);
  EXPECT_EQ(box.size(false), 75u);
  static_cast<void>(box.pop(true));
  EXPECT_EQ(box.size(true), 24u);
}

constexpr int crowd = 40;

// A worker that is alone finds a crowd of ready groups and, in the middle of them, one group of the other kind. Answers
// how many of the crowd ran before that one.
std::ptrdiff_t how_late(bool crowd_is_inner) {
  tg::runtime machinery({.workers = 1});
  std::deque<tg::group> outer;
  std::deque<tg::group> inner;
  const int outer_count = crowd_is_inner ? 1 : crowd;
  for (int i = 0; i < outer_count; ++i) outer.emplace_back("outer", tg::group_options{.on = &machinery});
  std::vector<bool> is_of_crowd;  // by the only worker
  std::atomic<int> ran{0};
  const auto note = [&](bool of_crowd) {
    is_of_crowd.push_back(of_crowd);
    ++ran;
  };
  tg::group source("source", {.on = &machinery});
  source.add_task([&] {
    for (int i = 0; i < crowd + 1 - outer_count; ++i) inner.emplace_back("inner");
    std::deque<tg::group>& many = crowd_is_inner ? inner : outer;
    std::deque<tg::group>& one = crowd_is_inner ? outer : inner;
    for (int i = 0; i < crowd; ++i) {
      many[static_cast<std::size_t>(i)].add_task([&] { note(true); });
      if (i == crowd / 2) one.front().add_task([&] { note(false); });
    }
  });
  // Not joined before: a joiner would run what it waits for.
  EXPECT_TRUE(eventually([&] { return ran == crowd + 1; }));
  EXPECT_TRUE(source.join().complete);
  for (std::deque<tg::group>* groups : {&inner, &outer}) {
    for (tg::group& each : *groups) EXPECT_TRUE(each.join().complete);
  }
  const auto at = std::find(is_of_crowd.begin(), is_of_crowd.end(), false);
  EXPECT_NE(at, is_of_crowd.end());
  EXPECT_EQ(is_of_crowd.size(), static_cast<std::size_t>(crowd + 1));
  return at - is_of_crowd.begin();
}

// The turn may be the crowd's.
TEST(ready_queue, a_root_is_not_behind_all_groups_of_a_wide_tree) { EXPECT_LE(how_late(true), 1); }
TEST(ready_queue, what_was_begun_is_not_behind_all_new_roots) { EXPECT_LE(how_late(false), 1); }

}  // namespace
