// Groups that end before what they have made: a line of them holds no more places than its living ones need.
#include "tests/unit/forest_box.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace {

using namespace tg_test;
using tg::event::forest;
using tg::event::place;
using tg::event::tenant;

using places = std::vector<place*>;

constexpr int generations = 1000;
// The last of a line, one zombie, and one that is on its way back to the pool.
constexpr std::size_t of_a_line = 3;

// Makes a child of `last`, which ends then.
place& succeed(forest_box& box, place& last) {
  place& child = box.born(last);
  box.die(last);
  return child;
}

places living(forest_box& box) {
  places out;
  for (place* at : box.walk()) {
    if (state_of(*at) == tenant::active) out.push_back(at);
  }
  return out;
}

TEST(compaction, a_line_holds_no_place_for_each_generation_that_has_ended) {
  forest_box box;
  place* last = &box.born(box.root());
  for (int i = 0; i < generations; ++i) {
    last = &succeed(box, *last);
    ASSERT_LE(box.places_in_use(), of_a_line) << "generation " << i;
  }
  EXPECT_EQ(box.walk().back(), last);
  box.die(*last);
  EXPECT_TRUE(box.walk().empty());
  EXPECT_LE(box.places_in_use(), 1u);
}

TEST(compaction, a_set_from_above_reaches_the_last_of_a_line_and_nobody_else) {
  forest_box box;
  place& top = box.born(box.root());
  place& other = box.born(top);
  place& elsewhere = box.born(box.root());
  place* last = &box.born(top);
  for (int i = 0; i < generations; ++i) last = &succeed(box, *last);
  place& beside = box.born(*last);
  EXPECT_LE(box.walk(top).size(), 4u) << "a set costs what lives";
  box.set(other);
  box.set(elsewhere);
  EXPECT_FALSE(last->is_set());
  box.set(top);
  EXPECT_TRUE(last->is_set());
  EXPECT_TRUE(beside.is_set());
}

// What lived under the lower one is met where it was, in the same order.
TEST(compaction, children_are_walked_as_before) {
  forest_box box;
  place& top = box.born(box.root());
  box.born(top);
  place& upper = box.born(top);
  place& lower = box.born(upper);
  place& first = box.born(lower);
  box.born(first);
  place& ended = box.born(lower);
  box.born(lower);
  box.born(top);
  box.die(ended);
  const places before = living(box);
  box.die(upper);
  places expected = before;
  std::erase(expected, &upper);
  EXPECT_EQ(living(box), expected);
  box.die(lower);
  std::erase(expected, &lower);
  EXPECT_EQ(living(box), expected);
  EXPECT_EQ(first.parent(), &upper);
  EXPECT_EQ(upper.refs.load(tg::base::relaxed), 2u) << "both children that live";
  // The tree goes on to be taken down as any other.
  for (place* at : expected) box.die(*at);
  EXPECT_TRUE(box.walk().empty());
}

// Whichever of the two ends last.
TEST(compaction, the_upper_one_may_end_after_the_lower_one) {
  forest_box box;
  place& upper = box.born(box.root());
  place& lower = box.born(upper);
  place& last = box.born(lower);
  box.die(lower);
  EXPECT_EQ(last.parent(), &lower);
  box.die(upper);
  EXPECT_EQ(last.parent(), &upper);
}

TEST(compaction, another_child_keeps_both_until_it_has_ended) {
  forest_box box;
  place& upper = box.born(box.root());
  place& other = box.born(upper);
  place& lower = box.born(upper);
  place& last = box.born(lower);
  box.die(lower);
  box.die(upper);
  EXPECT_EQ(last.parent(), &lower);
  box.die(other);
  EXPECT_EQ(last.parent(), &upper);
}

TEST(compaction, a_deadline_that_has_not_fired_keeps_its_place) {
  forest_box box;
  place& upper = box.born(box.root());
  place& lower = box.born(upper);
  lower.pinned.store(1, tg::base::relaxed);
  const std::uint64_t tenancy = lower.tenancy();
  place& last = box.born(lower);
  box.die(lower);
  box.die(upper);
  EXPECT_EQ(last.parent(), &lower);
  ASSERT_TRUE(box.trees().try_hold(lower, tenancy, box.cache()));
  box.set(lower, tg::event_cause::deadline);
  forest::unpin(lower);
  EXPECT_EQ(last.parent(), &lower) << "somebody holds it";
  box.trees().drop(lower, box.cache());
  EXPECT_TRUE(last.is_set());
  EXPECT_EQ(last.parent(), &upper);
  EXPECT_FALSE(box.trees().try_hold(lower, tenancy, box.cache()));
}

TEST(compaction, a_line_of_deadlines_is_merged_when_they_have_fired) {
  forest_box box;
  place* last = &box.born(box.root());
  places line;
  for (int i = 0; i < 100; ++i) {
    last->pinned.store(1, tg::base::relaxed);
    line.push_back(last);
    last = &succeed(box, *last);
  }
  EXPECT_EQ(box.places_in_use(), 101u);
  for (place* at : line) forest::unpin(*at);
  last = &succeed(box, *last);
  EXPECT_LE(box.places_in_use(), of_a_line);
}

// The next tenant of a place that was merged away begins without its list.
TEST(compaction, a_place_that_was_merged_away_begins_as_a_new_one) {
  forest_box box;
  place& upper = box.born(box.root());
  place& lower = box.born(upper);
  place& last = box.born(lower);
  box.die(lower);
  box.die(upper);
  place& next = box.born(box.root());
  ASSERT_EQ(&next, &lower) << "it has not come back to the pool";
  EXPECT_TRUE(box.walk(next).empty());
  EXPECT_EQ(state_of(next), tenant::active);
  box.set(next);
  EXPECT_TRUE(lower.is_set());
  EXPECT_FALSE(last.is_set());
}

TEST(compaction, children_that_have_ended_do_not_pile_up) {
  forest_box box;
  place* last = &box.born(box.root());
  std::size_t most = 0;
  for (int i = 0; i < generations; ++i) {
    places brief;
    for (int child = 0; child < 20; ++child) brief.push_back(&box.born(*last));
    for (place* at : brief) box.die(*at);
    last = &succeed(box, *last);
    most = std::max(most, box.places_in_use());
  }
  EXPECT_LT(most, 200u);
}

// A walker in the middle of the line finds its way; what it may stand on is not given away.
TEST(compaction, places_stay_under_a_walker) {
  forest_box box;
  place& top = box.born(box.root());
  place& upper = box.born(top);
  place& lower = box.born(upper);
  place& first = box.born(lower);
  place& second = box.born(lower);
  places met;
  {
    const forest::walk_guard walking(box.trees());
    forest::walk(top, [&](place& at) {
      met.push_back(&at);
      if (&at != &lower) return;
      box.die(lower);
      box.die(upper);
      ASSERT_EQ(first.parent(), &upper);
      place& elsewhere = box.born(box.root());
      for (int i = 0; i < 100; ++i) ASSERT_NE(&box.born(elsewhere), &lower);
    });
  }
  EXPECT_EQ(met, (places{&upper, &lower, &second, &first}));
}

}  // namespace
