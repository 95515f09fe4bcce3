// Setting events, handing them down, waking, and re-arming: who is set, with which cause, and who says no.
#include "core/event/propagate.h"
#include "core/os/futex.h"
#include "tests/support/background.h"
#include "tests/support/sleeping.h"
#include "tests/unit/crowd.h"
#include "tests/unit/forest_box.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <vector>

namespace {

using namespace tg_test;
using tg::event_cause;
using tg::event::forest;
using tg::event::place;
using tg::event::rearm;
using tg::event::setting;
using tg::event::tenant;

void expect_set(const place& at, event_cause why, const place& origin) {
  EXPECT_TRUE(word_of(at).is_set());
  EXPECT_EQ(word_of(at).cause(), why);
  EXPECT_EQ(word_of(at).origin().index, origin.index);
  EXPECT_EQ(word_of(at).origin().tag, origin.as_origin().tag);
}

// top - { left - leaf, right }, beside - cousin
struct small_tree {
  forest_box box;
  place& top = box.born(box.root());
  place& left = box.born(top);
  place& leaf = box.born(left);
  place& right = box.born(top);
  place& beside = box.born(box.root());
  place& cousin = box.born(beside);
};

// --- Setting -------------------------------------------------------------------------------------

TEST(set_word, succeeds_once_and_keeps_the_first_cause) {
  small_tree tree;
  EXPECT_TRUE(tg::event::set_word(tree.leaf, event_cause::failure, tree.top.as_origin()));
  EXPECT_FALSE(tg::event::set_word(tree.leaf, event_cause::shutdown, tree.leaf.as_origin()));
  expect_set(tree.leaf, event_cause::failure, tree.top);
}

TEST(set_subtree, sets_what_is_below_and_nothing_else) {
  small_tree tree;
  EXPECT_TRUE(tree.box.set(tree.top, event_cause::condition_met));
  for (const place* at : {&tree.top, &tree.left, &tree.leaf, &tree.right}) {
    expect_set(*at, event_cause::condition_met, tree.top);
  }
  EXPECT_FALSE(tree.beside.is_set());
  EXPECT_FALSE(tree.cousin.is_set());
  EXPECT_FALSE(tree.box.root().is_set());
  EXPECT_FALSE(tree.box.set(tree.top, event_cause::shutdown));
}

TEST(set_subtree, leaves_an_earlier_cause_where_it_is) {
  small_tree tree;
  EXPECT_TRUE(tree.box.set(tree.left, event_cause::failure));
  EXPECT_TRUE(tree.box.set(tree.top, event_cause::deadline));
  expect_set(tree.left, event_cause::failure, tree.left);
  expect_set(tree.leaf, event_cause::failure, tree.left);
  expect_set(tree.right, event_cause::deadline, tree.top);
  expect_set(tree.top, event_cause::deadline, tree.top);
}

// As if another setter had come first and were still on its way.
TEST(set_subtree, completes_what_another_setter_has_begun_with_that_ones_cause) {
  small_tree tree;
  tg::event::set_word(tree.top, event_cause::failure, tree.top.as_origin());
  EXPECT_FALSE(tree.box.set(tree.top, event_cause::shutdown));
  expect_set(tree.leaf, event_cause::failure, tree.top);
  expect_set(tree.right, event_cause::failure, tree.top);
}

TEST(set_subtree, passes_through_ended_groups) {
  small_tree tree;
  tree.box.die(tree.left);
  ASSERT_EQ(state_of(tree.left), tenant::zombie);
  tree.box.set(tree.top);
  EXPECT_TRUE(tree.leaf.is_set());
}

TEST(set_subtree, leaves_free_places_as_they_are) {
  small_tree tree;
  tree.box.die(tree.right);
  tree.box.set(tree.top);
  EXPECT_FALSE(tree.right.is_set());
}

TEST(set_subtree, reports_the_hints_of_the_whole_subtree_and_of_no_other) {
  small_tree tree;
  tg::event::raise(tree.top, tg::event::sleepers);
  tg::event::raise(tree.leaf, tg::event::backlog);
  tg::event::raise(tree.right, tg::event::waiters);
  tg::event::raise(tree.cousin, tg::event::callbacks);
  std::uint32_t found = 0;
  tg::event::set_subtree(tree.top, event_cause::requested, found);
  EXPECT_EQ(found, tg::event::sleepers | tg::event::backlog | tg::event::waiters);
}

TEST(set_all, sets_every_tree_with_its_own_root_as_origin) {
  small_tree tree;
  tree.box.set(tree.cousin, event_cause::failure);
  tg::event::raise(tree.leaf, tg::event::callbacks);
  std::uint32_t found = 0;
  {
    const setting all(tree.box.trees(), tree.box.root());
    tg::event::set_all(tree.box.trees(), event_cause::shutdown, found);
  }
  for (const place* at : {&tree.top, &tree.left, &tree.leaf, &tree.right}) {
    expect_set(*at, event_cause::shutdown, tree.top);
  }
  expect_set(tree.beside, event_cause::shutdown, tree.beside);
  expect_set(tree.cousin, event_cause::failure, tree.cousin);
  EXPECT_EQ(found, tg::event::callbacks);
  EXPECT_FALSE(tree.box.root().is_set());
  EXPECT_FALSE(tree.box.born(tree.box.root()).is_set());
}

TEST(setting, is_known_at_its_source_as_long_as_it_lasts) {
  small_tree tree;
  const auto setters = [&] { return tree.left.setters.load(tg::base::seq_cst); };
  {
    const setting first(tree.box.trees(), tree.left);
    const setting second(tree.box.trees(), tree.left);
    EXPECT_EQ(setters(), 2u);
  }
  EXPECT_EQ(setters(), 0u);
}

// --- Waking --------------------------------------------------------------------------------------

// Sleeps as the library does: number, hint, look, sleep.
bool sleep_until_set(place& at) {
  const auto end = tg::detail::deadline_after(patience);
  for (;;) {
    const std::uint32_t seq = at.sleep_seq.load(tg::base::acquire);
    tg::event::raise(at, tg::event::sleepers);
    if (tg::event::look(at).is_set()) return true;
    if (tg::detail::now_ns() >= end) return false;
    tg::os::futex_wait(at.sleep_seq, seq, end);
  }
}

TEST(wake_sleepers, wakes_all_who_sleep) {
  small_tree tree;
  std::deque<sleep_mark> marks(3);
  std::vector<std::future<bool>> sleepers;
  for (sleep_mark& mark : marks) {
    sleepers.push_back(in_background([&] {
      mark.about_to_wait();
      return sleep_until_set(tree.leaf);
    }));
  }
  for (const sleep_mark& mark : marks) EXPECT_TRUE(mark.wait_asleep());
  {
    const setting one(tree.box.trees(), tree.top);
    std::uint32_t found = 0;
    tg::event::set_subtree(tree.top, event_cause::requested, found);
    EXPECT_EQ(found, tg::event::sleepers);
    for (place* at : {&tree.top, &tree.left, &tree.leaf, &tree.right}) tg::event::wake_sleepers(*at);
  }
  for (auto& sleeper : sleepers) EXPECT_TRUE(sleeper.get());
}

TEST(wake_sleepers, misses_nobody_who_goes_to_sleep_meanwhile) {
  forest_box box;
  place* at = nullptr;
  std::size_t slept_over = 0;
  std::size_t woken = 0;
  repeat_together(
      2, 5'000, [&](std::size_t) { at = &box.born(box.root()); },
      [&](std::size_t round, std::size_t me) {
        if (me == 0) {
          if (!sleep_until_set(*at)) ++slept_over;
          return;
        }
        give_way(round % 2);
        spin(round % 400);
        const setting one(box.trees(), *at);
        std::uint32_t found = 0;
        tg::event::set_subtree(*at, event_cause::requested, found);
        if (found != 0 && tg::event::wake_sleepers(*at) != 0) ++woken;
      },
      [&](std::size_t) { box.die(*at); });
  EXPECT_EQ(slept_over, 0u);
  print_reached("sets that found a sleeper", woken);
}

// --- Re-arming -----------------------------------------------------------------------------------

bool reset(forest_box& box, place& at) {
  rearm attempt(at);
  if (attempt.was_unset()) return true;
  if (!attempt.begun()) return false;
  if (attempt.tree_allows(box.trees())) return attempt.finish();
  attempt.undo();
  return false;
}

TEST(rearm, has_nothing_to_do_where_nothing_is_set) {
  small_tree tree;
  const auto before = word_of(tree.leaf);
  const rearm attempt(tree.leaf);
  EXPECT_TRUE(attempt.was_unset());
  EXPECT_FALSE(attempt.begun());
  EXPECT_EQ(word_of(tree.leaf).bits(), before.bits());
}

TEST(rearm, unsets_and_begins_a_new_epoch) {
  small_tree tree;
  tree.box.set(tree.leaf);
  const std::uint64_t epoch = word_of(tree.leaf).epoch();
  EXPECT_TRUE(reset(tree.box, tree.leaf));
  EXPECT_FALSE(word_of(tree.leaf).is_set());
  EXPECT_EQ(word_of(tree.leaf).cause(), event_cause::none);
  EXPECT_GT(word_of(tree.leaf).epoch(), epoch);
  EXPECT_TRUE(tree.box.set(tree.leaf, event_cause::deadline));
  expect_set(tree.leaf, event_cause::deadline, tree.leaf);
}

TEST(rearm, reads_set_until_it_is_finished) {
  small_tree tree;
  tree.box.set(tree.leaf, event_cause::failure);
  rearm attempt(tree.leaf);
  EXPECT_TRUE(attempt.begun());
  EXPECT_TRUE(tree.leaf.is_set());
  expect_set(tree.leaf, event_cause::failure, tree.leaf);
  attempt.undo();
  expect_set(tree.leaf, event_cause::failure, tree.leaf);
  EXPECT_FALSE(word_of(tree.leaf).is_resetting());
  EXPECT_TRUE(reset(tree.box, tree.leaf));
}

TEST(rearm, is_refused_while_a_descendant_lives) {
  small_tree tree;
  tree.box.set(tree.left);
  EXPECT_FALSE(reset(tree.box, tree.left));
  EXPECT_TRUE(tree.left.is_set());
  tree.box.die(tree.leaf);
  EXPECT_TRUE(reset(tree.box, tree.left));
}

TEST(rearm, is_refused_while_a_descendant_of_an_ended_child_lives) {
  small_tree tree;
  tree.box.die(tree.left);
  tree.box.die(tree.right);
  tree.box.set(tree.top);
  EXPECT_FALSE(reset(tree.box, tree.top));
  tree.box.die(tree.leaf);
  EXPECT_TRUE(reset(tree.box, tree.top));
}

TEST(rearm, comes_before_a_birth_that_is_not_complete) {
  small_tree tree;
  tree.box.set(tree.leaf);
  place& unborn = tree.box.trees().take(tree.leaf, tree.box.cache());
  EXPECT_TRUE(reset(tree.box, tree.leaf));
  tree.box.trees().activate(unborn);
  EXPECT_FALSE(unborn.is_set());
}

TEST(rearm, does_not_mind_a_child_that_has_ended_and_is_still_held) {
  small_tree tree;
  tree.box.set(tree.left);
  ASSERT_TRUE(tree.box.trees().try_hold(tree.leaf, tree.leaf.tenancy(), tree.box.cache()));
  tree.box.die(tree.leaf);
  ASSERT_EQ(state_of(tree.leaf), tenant::zombie);
  EXPECT_TRUE(reset(tree.box, tree.left));
  tree.box.trees().drop(tree.leaf, tree.box.cache());
}

TEST(rearm, is_refused_under_a_living_ancestor_that_is_set_at_any_height) {
  small_tree tree;
  tree.box.set(tree.leaf);
  tg::event::set_word(tree.top, event_cause::requested, tree.top.as_origin());
  EXPECT_FALSE(reset(tree.box, tree.leaf));
  EXPECT_TRUE(tree.leaf.is_set());
}

TEST(rearm, is_allowed_under_a_set_ancestor_that_has_ended) {
  small_tree tree;
  tree.box.set(tree.left);
  EXPECT_FALSE(reset(tree.box, tree.leaf));
  tree.box.die(tree.left);
  EXPECT_TRUE(reset(tree.box, tree.leaf));
  EXPECT_FALSE(tree.leaf.is_set());
}

TEST(rearm, is_refused_while_a_walk_that_began_here_or_at_the_top_goes_on) {
  small_tree tree;
  tree.box.set(tree.leaf);
  for (place* source : {&tree.leaf, &tree.box.root()}) {
    const setting walk(tree.box.trees(), *source);
    EXPECT_FALSE(reset(tree.box, tree.leaf));
  }
  const setting elsewhere(tree.box.trees(), tree.beside);
  EXPECT_TRUE(reset(tree.box, tree.leaf));
}

TEST(rearm, is_begun_by_one_at_a_time) {
  small_tree tree;
  tree.box.set(tree.leaf);
  rearm first(tree.leaf);
  const rearm second(tree.leaf);
  EXPECT_FALSE(second.begun());
  EXPECT_FALSE(second.was_unset());
  EXPECT_TRUE(first.finish());
}

TEST(rearm, is_called_off_by_a_setter_who_was_not_first) {
  small_tree tree;
  tree.box.set(tree.leaf, event_cause::failure);
  rearm attempt(tree.leaf);
  EXPECT_TRUE(tree.box.set(tree.left, event_cause::shutdown));
  EXPECT_FALSE(attempt.finish());
  expect_set(tree.leaf, event_cause::failure, tree.leaf);
  EXPECT_FALSE(word_of(tree.leaf).is_resetting());
}

TEST(rearm, is_called_off_by_a_birth_which_inherits) {
  small_tree tree;
  tree.box.set(tree.leaf, event_cause::failure);
  rearm attempt(tree.leaf);
  ASSERT_TRUE(attempt.tree_allows(tree.box.trees()));
  const place& child = tree.box.born(tree.leaf);
  EXPECT_FALSE(attempt.finish());
  expect_set(tree.leaf, event_cause::failure, tree.leaf);
  expect_set(child, event_cause::failure, tree.leaf);
}

TEST(rearm, does_not_finish_a_later_attempt_after_it_was_called_off) {
  small_tree tree;
  tree.box.set(tree.leaf);
  rearm first(tree.leaf);
  tree.box.set(tree.leaf);
  rearm second(tree.leaf);
  ASSERT_TRUE(second.begun());
  EXPECT_FALSE(first.finish());
  first.undo();
  EXPECT_TRUE(word_of(tree.leaf).is_resetting());
  EXPECT_TRUE(second.finish());
  EXPECT_FALSE(tree.leaf.is_set());
}

// --- Many threads --------------------------------------------------------------------------------

// Births at three levels beside a setter: nobody who lives afterwards is left out.
TEST(propagate, leaves_no_living_descendant_unset_whenever_it_was_born) {
  constexpr std::size_t breeders = 2;
  forest_box box(breeders + 1);
  place* top = nullptr;
  std::vector<std::vector<place*>> lines(breeders);
  std::vector<std::size_t> set_at_birth(breeders, 0);
  std::size_t born = 0;
  const auto breed = [&](std::size_t me) {
    for (int i = 0; i < 6; ++i) {
      place* parent = top;
      for (int level = 0; level < 3; ++level) {
        parent = &box.born(*parent, me);
        lines[me].push_back(parent);
        if (parent->is_set()) ++set_at_birth[me];
      }
    }
  };
  repeat_together(
      breeders + 1, 2'000, [&](std::size_t) { top = &box.born(box.root()); },
      [&](std::size_t round, std::size_t me) {
        if (me < breeders) return breed(me);
        give_way(round % 3);
        spin(round % 1000);
        box.set(*top, event_cause::condition_met);
      },
      [&](std::size_t) {
        for (auto& line : lines) {
          for (const place* at : line) expect_set(*at, event_cause::condition_met, *top);
          for (place* at : line) box.die(*at);
          born += line.size();
          line.clear();
        }
        box.die(*top);
      });
  EXPECT_TRUE(box.walk().empty());
  print_reached("born", born);
  print_reached("set at birth", set_at_birth[0] + set_at_birth[1]);
}

TEST(propagate, lets_no_setter_return_before_all_it_found_alive_is_set) {
  constexpr std::size_t setters = 3;
  forest_box box;
  std::vector<place*> line;
  std::atomic<std::size_t> left_unset{0};
  std::atomic<std::size_t> first{0};
  std::vector<std::size_t> firsts(setters, 0);
  repeat_together(
      setters, 2'000,
      [&](std::size_t) {
        first = 0;
        line.assign(1, &box.born(box.root()));
        while (line.size() < 40) line.push_back(&box.born(*line.back()));
      },
      [&](std::size_t round, std::size_t me) {
        give_way((round + me) % 3);
        if (box.set(*line[me % 2], event_cause::requested)) ++first;
        for (std::size_t i = 1; i < line.size(); ++i) {
          if (!line[i]->is_set()) ++left_unset;
        }
      },
      [&](std::size_t) {
        // Of the two who set the top exactly one, and perhaps the third.
        ASSERT_GE(first.load(), 1u);
        ASSERT_LE(first.load(), 2u);
        ++firsts[first];
        for (place* at : line) box.die(*at);
      });
  EXPECT_EQ(left_unset.load(), 0u);
  print_reached("rounds in which the lower one was first too", firsts[2]);
}

// Setters above, a re-armer, and births under it: at rest no living group is unset under a set one.
TEST(propagate, and_rearm_agree_with_births_and_ancestors) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t steps = 20'000;
  forest_box box(threads);
  place& top = box.born(box.root());
  place& middle = box.born(top);
  std::atomic<std::size_t> resets{0};
  std::atomic<std::size_t> refusals{0};
  std::atomic<std::size_t> orphans{0};
  run_together(threads, [&](std::size_t me) {
    for (std::size_t i = 0; i < steps; ++i) {
      if (i % 4 == 3) give_way(1);
      switch (me) {
        case 0:
          box.set(middle);
          break;
        case 1:
          ++(reset(box, middle) ? resets : refusals);
          break;
        default: {
          place& child = box.born(middle, me);
          place& grandchild = box.born(child, me);
          if (i % 16 == 0) give_way(1);
          // While they live nobody above them can be re-armed. The setter may be on its way: it has to come.
          const auto all_set = [&] { return child.is_set() && grandchild.is_set(); };
          if ((middle.is_set() || child.is_set()) && !eventually(all_set)) ++orphans;
          box.die(child, me);
          box.die(grandchild, me);
        }
      }
    }
  });
  EXPECT_EQ(orphans.load(), 0u);
  EXPECT_EQ(middle.refs.load(tg::base::seq_cst), 1u);
  box.set(top);
  EXPECT_TRUE(middle.is_set());
  EXPECT_FALSE(reset(box, middle));
  print_reached("resets", resets.load());
  print_reached("refusals", refusals.load());
}

}  // namespace
