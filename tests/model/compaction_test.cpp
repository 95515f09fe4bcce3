// A line of zombies becomes shorter beside setters, walkers, deadlines, births, deaths and resets.
#include "tests/model/forest_model.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace {

using namespace model_test;

// top, which lives, over two that are about to end, over one that stays.
struct line {
  explicit line(forest_model& in)
      : at(in), top(at.born(at.root())), upper(at.born(top)), lower(at.born(upper)), last(at.born(lower)) {}
  bool is_merged() const { return last.parent() == &upper; }

  forest_model& at;
  place& top;
  place& upper;
  place& lower;
  place& last;
};

template <class Body>
void with_line(std::size_t threads, Body&& body) {
  forest_model at(threads);
  std::optional<line> of;
  {
    const model::calm beginning;
    of.emplace(at);
  }
  body(*of);
}

// What was kept, because two ends met, goes with the next end in the line.
void expect_merged_by_next_end(line& of) {
  place& next = of.at.born(of.last);
  of.at.die(of.last);
  model::check(next.parent() == &of.upper, "a line is not merged");
}

const model::plan merging{.schedules = 10'000, .within = {3, 2, 0}, .reaches = {"merged"}};

TEST(compaction, a_set_from_above_reaches_who_is_moved_up) {
  model::explore(merging, [] {
    with_line(2, [](line& of) {
      place& sibling = of.at.born(of.lower);
      of.at.die(of.lower);
      model::thread setter([&] { of.at.set(of.top); });
      of.at.die(of.upper, 1);
      if (of.is_merged()) model::reached("merged");
      place& child = of.at.born(of.last, 1);
      setter.join();
      model::check(is_set(of.last) && is_set(sibling), "a living descendant reads unset after the set");
      model::check(is_set(child), "a child of one that was moved reads unset after the set");
    });
  });
}

TEST(compaction, a_set_beside_the_line_does_not_reach_it) {
  model::explore({.schedules = 10'000, .within = {3, 2, 0}, .reaches = {"merged", "used elsewhere"}}, [] {
    with_line(2, [](line& of) {
      place& beside = of.at.born(of.top);
      place& below = of.at.born(beside);
      of.at.die(of.lower);
      model::thread setter([&] { of.at.set(beside); });
      of.at.die(of.upper, 1);
      if (of.is_merged()) model::reached("merged");
      place& elsewhere = of.at.born(of.at.root(), 1);
      place& other = of.at.born(elsewhere, 1);
      if (&elsewhere == &of.lower || &other == &of.lower) model::reached("used elsewhere");
      setter.join();
      model::check(is_set(below), "the set is lost");
      model::check(!is_set(of.last) && !is_set(elsewhere) && !is_set(other), "a set leaves its subtree");
    });
  });
}

// A walker of the line stands on what goes; its memory serves elsewhere only when it has gone.
TEST(compaction, a_setter_in_the_line_does_not_follow_a_place_to_another_parent) {
  model::explore({.schedules = 20'000, .within = {3, 2, 0}, .reaches = {"used elsewhere", "merged"}}, [] {
    with_line(2, [](line& of) {
      of.at.die(of.lower);
      model::thread setter([&] { of.at.set(of.top); });
      of.at.die(of.upper, 1);
      if (of.is_merged()) model::reached("merged");
      std::vector<place*> elsewhere{&of.at.born(of.at.root(), 1)};
      for (int i = 0; i < 3; ++i) elsewhere.push_back(&of.at.born(*elsewhere.front(), 1));
      for (const place* one : elsewhere) {
        if (one == &of.lower) model::reached("used elsewhere");
      }
      setter.join();
      model::check(is_set(of.last), "a living descendant reads unset after the set");
      for (const place* one : elsewhere) model::check(!is_set(*one), "a set leaves its subtree");
    });
  });
}

// Two that end, the one under the other, and what they leave: one place goes, whoever is last.
TEST(compaction, who_ends_last_merges) {
  model::explore({.schedules = 10'000, .within = {3, 2, 0}, .reaches = {"merged"}}, [] {
    with_line(2, [](line& of) {
      model::thread other([&] { of.at.die(of.lower, 1); });
      of.at.die(of.upper);
      other.join();
      if (of.is_merged()) model::reached("merged");
      of.at.set(of.top);
      model::check(is_set(of.last), "a living descendant reads unset after the set");
      expect_merged_by_next_end(of);
    });
  });
}

// Children end while they are moved: each is free once, and where its parent is.
TEST(compaction, children_end_while_they_are_moved) {
  model::explore({.schedules = 15'000, .within = {3, 2, 0}, .reaches = {"merged", "ended before"}}, [] {
    with_line(3, [](line& of) {
      place& second = of.at.born(of.lower);
      of.at.die(of.lower);
      model::thread other([&] { of.at.die(second, 1); });
      of.at.die(of.upper);
      if (of.is_merged()) model::reached("merged");
      if (tg::event::life_word(second.life.load(base::relaxed)).state() == tg::event::tenant::free)
        model::reached("ended before");
      other.join();
      of.at.set(of.top);
      model::check(is_set(of.last), "a living descendant reads unset after the set");
      of.at.die(of.last);
      // All places are free now but top's: they are found again.
      model::check(of.top.refs.load(base::relaxed) == 1, "a reference is lost");
    });
  });
}

// The deadline of one that has ended reaches what lives below, whether or not it is merged away.
TEST(compaction, a_deadline_of_the_line_fires) {
  model::explore({.schedules = 15'000, .within = {3, 2, 0}, .reaches = {"merged", "kept"}}, [] {
    with_line(2, [](line& of) {
      of.lower.pinned.store(1, base::relaxed);
      const std::uint64_t tenancy = of.lower.tenancy();
      of.at.die(of.lower);
      model::thread timer([&] {
        const bool held = of.at.trees().try_hold(of.lower, tenancy, of.at.cache(1));
        model::check(held, "a deadline finds nobody, and somebody lives below");
        of.at.set(of.lower, tg::event_cause::deadline);
        tg::event::forest::unpin(of.lower);
        of.at.trees().drop(of.lower, of.at.cache(1));
      });
      of.at.die(of.upper);
      timer.join();
      model::reached(of.is_merged() ? "merged" : "kept");
      model::check(is_set(of.last), "a deadline is lost");
      expect_merged_by_next_end(of);
    });
  });
}

// Who holds one of the line walks from it, and from nowhere else.
TEST(compaction, who_is_held_is_not_merged_away) {
  model::explore({.schedules = 15'000, .within = {3, 2, 0}, .reaches = {"held", "gone"}}, [] {
    with_line(2, [](line& of) {
      place& sibling = of.at.born(of.top);
      const std::uint64_t tenancy = of.lower.tenancy();
      of.at.die(of.lower);
      bool held = false;
      model::thread setter([&] {
        held = of.at.trees().try_hold(of.lower, tenancy, of.at.cache(1));
        if (!held) return;
        of.at.set(of.lower, tg::event_cause::deadline);
        of.at.trees().drop(of.lower, of.at.cache(1));
      });
      of.at.die(of.upper);
      setter.join();
      model::reached(held ? "held" : "gone");
      model::check(is_set(of.last) == held, "a set from within the line is lost");
      model::check(!is_set(sibling) && !is_set(of.top), "a set leaves its subtree");
      expect_merged_by_next_end(of);
    });
  });
}

// A set from above, and a reset of the last: it never stays unset under a set parent that lives.
TEST(compaction, a_reset_beside_it_sees_who_is_set_above) {
  model::explore({.schedules = 20'000, .within = {3, 2, 0}, .reaches = {"merged", "re-armed", "refused"}},
                 [] {
                   with_line(3, [](line& of) {
                     of.at.set(of.last);
                     of.at.die(of.lower);
                     model::thread setter([&] { of.at.set(of.top); });
                     // What is merged away serves elsewhere at once, and leads past who is set.
                     model::thread merger([&] {
                       of.at.die(of.upper, 1);
                       of.at.born(of.at.born(of.at.root(), 1), 1);
                     });
                     model::reached(of.at.reset(of.last) ? "re-armed" : "refused");
                     setter.join();
                     merger.join();
                     if (of.is_merged()) model::reached("merged");
                     model::check(is_set(of.last), "unset under a living ancestor whose set has returned");
                   });
                 });
}

// A child that was born to the upper one in time keeps both, and is not passed by.
TEST(compaction, another_child_of_the_upper_one_is_not_lost) {
  model::explore({.schedules = 15'000, .within = {3, 2, 0}, .reaches = {"both ended"}}, [] {
    with_line(3, [](line& of) {
      place* other = nullptr;
      model::thread owner([&] {
        other = &of.at.born(of.upper, 1);
        of.at.die(of.upper, 1);
      });
      model::thread setter([&] { of.at.set(of.top); });
      of.at.die(of.lower);
      owner.join();
      setter.join();
      if (of.last.parent() == &of.lower) model::reached("both ended");
      model::check(is_set(*other) && is_set(of.last), "a living descendant reads unset after the set");
      of.at.die(*other);
      of.at.die(of.last);
      model::check(of.top.refs.load(base::relaxed) == 1, "a reference is lost");
    });
  });
}

// Who looks up when it has gone, and serves elsewhere, gets past it to who is set.
TEST(compaction, who_looks_up_later_does_not_meet_what_has_gone) {
  model::explore({.schedules = 10'000, .within = {3, 2, 0}, .reaches = {"later"}}, [] {
    with_line(2, [](line& of) {
      of.at.set(of.top);
      of.at.die(of.lower);
      base::atomic<std::uint32_t> done{0};
      model::thread merger([&] {
        of.at.die(of.upper, 1);
        of.at.born(of.at.born(of.at.root(), 1), 1);
        done.store(1, base::relaxed);
      });
      if (done.load(base::relaxed) == 1) model::reached("later");
      model::check(!of.at.reset(of.last), "re-armed under a living ancestor that is set");
      merger.join();
    });
  });
}

// Two lines' ends meet at neighbouring places: none is lost.
TEST(compaction, neighbours_end_beside_each_other) {
  model::explore({.schedules = 15'000, .within = {3, 2, 0}, .reaches = {"merged"}}, [] {
    with_line(2, [](line& of) {
      place& child = of.at.born(of.last);
      of.at.die(of.upper);
      model::thread other([&] { of.at.die(of.lower, 1); });
      of.at.die(of.last);
      other.join();
      if (child.parent() != &of.last) model::reached("merged");
      of.at.set(of.top);
      model::check(is_set(child), "a living descendant reads unset after the set");
      of.at.die(child);
      model::check(of.top.refs.load(base::relaxed) == 1, "a reference is lost");
    });
  });
}

// The list above was trimmed a moment ago, by somebody else: the link to who is merged away is not where it was.
TEST(compaction, finds_the_list_above_as_who_trimmed_has_left_it) {
  model::explore({.schedules = 10'000, .within = {1, 2, 0}, .reaches = {"trimmed", "merged"}}, [] {
    forest_model at(3, 256);
    std::optional<line> of;
    std::vector<place*> crowd;
    place* sibling = nullptr;
    {
      const model::calm beginning;
      of.emplace(at);
      for (int i = 0; i < 69; ++i) crowd.push_back(&at.born(of->upper));
      sibling = &at.born(of->upper);
      at.die(of->upper);
      // Those beside the lower one last: they are the first to be taken out.
      for (std::size_t i = crowd.size(); i-- > 1;) at.die(*crowd[i]);
    }
    model::thread trimmer([&] {
      {
        const model::calm trims;
        const std::uint32_t before = of->upper.listed.load(base::relaxed);
        at.die(*crowd[0], 1);
        if (of->upper.listed.load(base::relaxed) < before) model::reached("trimmed");
      }
      at.die(*sibling, 1);
    });
    at.die(of->lower);
    trimmer.join();
    if (of->is_merged()) model::reached("merged");
    at.set(of->top);
    model::check(is_set(of->last), "a living descendant reads unset after the set");
  });
}

}  // namespace
