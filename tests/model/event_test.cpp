// The tree of events: who is born under a set, who is re-armed beside one, and places that find new tenants.
#include "tests/model/forest_model.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace {

using namespace model_test;

// A child that lives when a set has returned reads set, however the two met; at every depth.
void birth_at_depth(unsigned depth) {
  forest_model at(2);
  place* parent = &at.born(at.root());
  place& top = *parent;
  for (unsigned i = 0; i < depth; ++i) parent = &at.born(*parent);
  base::atomic<std::uint32_t> was_set{0};
  model::thread setter([&] {
    at.set(top);
    was_set.store(1, base::release);
  });
  place* child = nullptr;
  {
    child = &at.born(*parent, 1);
    if (is_set(*child)) model::reached("born under a set event");
    if (was_set.load(base::acquire) == 0) model::reached("born before the set returned");
  }
  place& grandchild = at.born(*child, 1);
  setter.join();
  model::check(is_set(*child), "a living child reads unset after the set");
  model::check(is_set(grandchild), "a living grandchild reads unset after the set");
}

const model::plan births{.schedules = 30'000,
                         .within = {3, 2, 0},
                         .reaches = {"born under a set event", "born before the set returned"}};

TEST(event, a_child_is_born_under_who_is_set) {
  model::explore(births, [] { birth_at_depth(0); });
}
TEST(event, a_child_is_born_one_level_below_who_is_set) {
  model::explore(births, [] { birth_at_depth(1); });
}
TEST(event, a_child_is_born_two_levels_below_who_is_set) {
  model::explore(births, [] { birth_at_depth(2); });
}

// The same in a place that was another child's.
TEST(event, a_child_is_born_in_a_used_place_under_who_is_set) {
  model::explore({.schedules = 60'000, .within = {3, 2, 0}, .reaches = {"born under a set event"}}, [] {
    forest_model at(2);
    place& top = at.born(at.root());
    place& parent = at.born(top);
    at.die(at.born(parent));
    model::thread setter([&] { at.set(top); });
    place& child = at.born(parent, 1);
    if (is_set(child)) model::reached("born under a set event");
    setter.join();
    model::check(is_set(child), "a living child reads unset after the set");
  });
}

TEST(event, two_setters_return_after_all_below_is_set) {
  model::explore({.schedules = 60'000, .within = {3, 2, 0}, .reaches = {"the second one found it set"}}, [] {
    forest_model at(3);
    place& top = at.born(at.root());
    place& middle = at.born(top);
    place& leaf = at.born(middle);
    place* newborn = nullptr;
    const auto set = [&] {
      if (!at.set(top)) model::reached("the second one found it set");
      model::check(is_set(middle) && is_set(leaf), "returns while a living descendant reads unset");
    };
    model::thread one(set);
    model::thread two(set);
    model::thread mother([&] { newborn = &at.born(middle, 2); });
    one.join();
    mother.join();
    model::check(is_set(*newborn), "a newborn reads unset after a set");
  });
}

// Two setters of two ancestors, and one who sleeps on neither's cause being mixed with the other's origin.
TEST(event, cause_and_origin_are_of_one_setter) {
  model::explore({.schedules = 30'000, .within = {3, 2, 0}, .reaches = {"by the upper", "by the lower"}}, [] {
    forest_model at(2);
    place& upper = at.born(at.root());
    place& lower = at.born(upper);
    place& leaf = at.born(lower);
    model::thread one([&] { at.set(upper, tg::event_cause::requested); });
    model::thread two([&] { at.set(lower, tg::event_cause::deadline); });
    one.join();
    two.join();
    const tg::event::event_word word = tg::event::look(leaf);
    model::check(word.is_set(), "unset after two sets");
    const bool from_upper = word.cause() == tg::event_cause::requested;
    model::reached(from_upper ? "by the upper" : "by the lower");
    model::check(word.origin().index == (from_upper ? upper : lower).index,
                 "one's cause with another's origin");
  });
}

// A child of a set group has that group's cause, though a set from further up may have met it first.
TEST(event, a_child_is_born_with_its_parents_cause) {
  model::explore({.schedules = 20'000, .within = {3, 2, 0}, .reaches = {"beside a set", "after it"}}, [] {
    forest_model at(2);
    place& upper = at.born(at.root());
    place& lower = at.born(upper);
    at.set(lower, tg::event_cause::deadline);
    base::atomic<std::uint32_t> was_set{0};
    model::thread setter([&] {
      at.set(upper, tg::event_cause::requested);
      was_set.store(1, base::release);
    });
    const place& child = at.born(lower, 1);
    model::reached(was_set.load(base::acquire) == 0 ? "beside a set" : "after it");
    const auto is_lowers = [&] {
      const tg::event::event_word word = tg::event::look(child);
      return word.cause() == tg::event_cause::deadline && word.origin().index == lower.index;
    };
    model::check(is_lowers(), "born with another cause than its parent's");
    setter.join();
    model::check(is_lowers(), "the first cause does not stay");
  });
}

// Whoever re-arms a child beside a set of its parent: the set is not lost.
TEST(event, a_reset_beside_the_set_of_an_ancestor) {
  model::explore({.schedules = 80'000,
                  .within = {3, 2, 0},
                  .reaches = {"re-armed", "refused", "the set came after the reset"}},
                 [] {
                   forest_model at(2);
                   place& top = at.born(at.root());
                   place& child = at.born(top);
                   at.set(child);
                   model::thread setter([&] { at.set(top); });
                   const bool done = at.reset(child);
                   model::reached(done ? "re-armed" : "refused");
                   if (done && is_set(child)) model::reached("the set came after the reset");
                   setter.join();
                   model::check(is_set(top), "the set is lost");
                   model::check(is_set(child), "a group is unset under a set ancestor");
                 });
}

// A walk that began before a reset has nothing to set in who was born after it.
TEST(event, an_old_walk_does_not_set_who_is_born_after_a_reset) {
  model::explore({.schedules = 80'000, .within = {3, 2, 0}, .reaches = {"re-armed", "refused"}}, [] {
    forest_model at(2);
    place& top = at.born(at.root());
    at.set(top);
    model::thread setter([&] { at.set_all(); });
    const bool done = at.reset(top);
    model::reached(done ? "re-armed" : "refused");
    place& child = at.born(top);
    setter.join();
    model::check(is_set(top) || done, "unset without a reset");
    model::check(is_set(child) == is_set(top), "an old set reaches a newborn, or a new one does not");
  });
}

// The walk began before the reset, the birth begins in the middle of it.
TEST(event, an_old_walk_does_not_set_who_is_born_during_a_reset) {
  model::explore(
      {.schedules = 120'000, .within = {3, 0, 0}, .reaches = {"re-armed", "refused", "born unset"}}, [] {
        forest_model at(2);
        place& top = at.born(at.root());
        at.set(top);
        place& child = at.trees().take(top, at.cache(0));
        model::thread setter([&] { at.set(top); });
        model::thread resetter([&] { model::reached(at.reset(top) ? "re-armed" : "refused"); });
        at.trees().activate(child);
        resetter.join();
        setter.join();
        if (!is_set(child)) model::reached("born unset");
        model::check(is_set(child) == is_set(top), "an old set reaches a newborn, or a new one does not");
      });
}

// An ancestor that has ended may still be set, by its deadline; it does not hinder a reset, but its walk does.
TEST(event, a_walk_from_who_has_ended_does_not_set_who_is_born_after_a_reset) {
  model::explore({.schedules = 80'000, .within = {3, 2, 0}, .reaches = {"re-armed", "refused"}}, [] {
    forest_model at(2);
    place& top = at.born(at.root());
    place& middle = at.born(top);
    at.set(top);
    at.die(top);
    model::thread setter([&] { at.set(top); });
    model::reached(at.reset(middle) ? "re-armed" : "refused");
    place& child = at.born(middle);
    setter.join();
    model::check(is_set(child) == is_set(middle), "an old set reaches a newborn, or a new one does not");
  });
}

// Nor does it hinder who lives below when it has ended before.
TEST(event, who_has_ended_does_not_hinder_a_reset) {
  model::explore({.schedules = 100, .within = {0, 0, 0}}, [] {
    forest_model at(1);
    place& top = at.born(at.root());
    place& middle = at.born(top);
    at.set(top);
    model::check(!at.reset(middle), "a group is unset under a set ancestor");
    at.die(top);
    model::check(at.reset(middle), "an ancestor that has ended hinders a reset");
  });
}

TEST(event, a_reset_beside_another_set_of_the_same) {
  model::explore({.schedules = 60'000, .within = {3, 2, 0}, .reaches = {"re-armed", "set after the reset"}},
                 [] {
                   forest_model at(2);
                   place& top = at.born(at.root());
                   at.set(top);
                   bool first = false;
                   model::thread setter([&] { first = at.set(top); });
                   const bool done = at.reset(top);
                   if (done) model::reached("re-armed");
                   setter.join();
                   if (first) model::reached("set after the reset");
                   model::check(!first || done, "set twice without a reset");
                   model::check(is_set(top) == (first || !done), "a set that found the event unset is lost");
                 });
}

// A child is born while its parent is re-armed and a grandparent set.
// As flow/ drives both: a reset looks whether something is queued, who has queued something acts on the event.
TEST(event, a_reset_beside_who_acts_on_the_event) {
  model::explore({.schedules = 60'000, .within = {3, 3, 0}, .reaches = {"re-armed", "acted"}}, [] {
    forest_model at(1);
    place& top = at.born(at.root());
    at.set(top);
    base::atomic<std::uint32_t> queued{0};
    bool rearmed = false, acted = false;
    model::thread resetter([&] {
      tg::event::rearm attempt(top);
      if (queued.load(base::seq_cst) != 0) {
        attempt.undo();
      } else {
        rearmed = attempt.finish();
      }
    });
    queued.store(1, base::seq_cst);
    for (auto word = tg::event::look(top); word.is_set() && !acted; word = tg::event::look(top)) {
      acted = !word.is_resetting() || tg::event::cancel_reset(top, word);
    }
    resetter.join();
    if (rearmed) model::reached("re-armed");
    if (acted) model::reached("acted");
    model::check(!(rearmed && acted), "re-armed under somebody who acts on the event");
  });
}

TEST(event, a_reset_beside_a_birth_and_a_set) {
  model::explore({.schedules = 120'000,
                  .within = {2, 2, 0},
                  .reaches = {"re-armed", "refused", "born set", "born unset"}},
                 [] {
                   forest_model at(3);
                   place& top = at.born(at.root());
                   place& middle = at.born(top);
                   at.set(middle);
                   place* child = nullptr;
                   model::thread mother([&] { child = &at.born(middle, 1); });
                   model::thread setter([&] { at.set(top); });
                   model::reached(at.reset(middle) ? "re-armed" : "refused");
                   mother.join();
                   model::reached(is_set(*child) ? "born set" : "born unset");
                   setter.join();
                   model::check(is_set(top) && is_set(middle), "a group is unset under a set ancestor");
                   model::check(is_set(*child), "a child is unset under a set ancestor");
                 });
}

TEST(event, of_two_resets_one_at_most_is_under_way) {
  model::explore({.schedules = 40'000, .within = {3, 2, 0}, .reaches = {"both", "one"}}, [] {
    forest_model at(2);
    place& top = at.born(at.root());
    at.set(top);
    const std::uint64_t before = tg::event::look(top).epoch();
    bool other = false;
    model::thread second([&] { other = at.reset(top); });
    const bool mine = at.reset(top);
    second.join();
    model::reached(mine && other ? "both" : "one");
    model::check(mine || other, "nothing spoke against a reset, and none was done");
    model::check(!is_set(top), "set after a reset");
    model::check(tg::event::look(top).epoch() == before + 2, "one word was re-armed twice");
  });
}

// A setter with an old tenant in its hands: the next tenant is born unset under an unset parent.
TEST(event, an_old_set_does_not_reach_the_next_tenant) {
  model::explore({.schedules = 80'000, .within = {3, 2, 0}, .reaches = {"the same place again"}}, [] {
    forest_model at(2);
    place& parent = at.born(at.root());
    place& first = at.born(parent);
    model::thread setter([&] {
      at.set(first);
      at.die(first, 1);
    });
    place& next = at.born(parent, 0);
    setter.join();
    if (&next == &first) model::reached("the same place again");
    model::check(!is_set(next), "an old event reaches a new tenant");
  });
}

// A place goes from parent to parent while somebody walks.
TEST(event, a_slow_walker_does_not_follow_a_place_to_another_parent) {
  model::explore({.schedules = 120'000,
                  .within = {3, 2, 0},
                  .reaches = {"the place has another parent", "the place stayed"}},
                 [] {
                   forest_model at(2);
                   place& walked = at.born(at.root());
                   place& ending = at.born(walked);
                   place& leaf = at.born(ending);
                   at.die(leaf);
                   model::thread setter([&] { at.set(walked); });
                   at.die(ending, 0);  // its free place goes with it
                   place& elsewhere = at.born(at.root(), 0);
                   place& other = at.born(elsewhere, 0);
                   model::reached(&elsewhere == &leaf || &other == &leaf ? "the place has another parent"
                                                                         : "the place stayed");
                   setter.join();
                   model::check(!is_set(elsewhere) && !is_set(other), "a set leaves its subtree");
                   model::check(is_set(walked), "the set is lost");
                 });
}

// The same while there is always somebody who walks: places wait until all have gone who may stand on them. The slow
// walker is counted in whichever age it met.
TEST(event, a_slow_walker_does_not_follow_a_place_that_was_retired) {
  model::explore({.schedules = 120'000,
                  .within = {3, 2, 0},
                  .reaches = {"the place has another parent", "the place waits"}},
                 [] {
                   forest_model at(2);
                   place& walked = at.born(at.root());
                   place& ending = at.born(walked);
                   place& leaf = at.born(ending);
                   at.die(leaf);
                   model::thread setter([&] { at.set(walked); });
                   std::optional<tg::event::forest::walk_guard> others(std::in_place, at.trees());
                   at.die(ending, 0);  // its free place is retired
                   place* met = nullptr;
                   std::vector<place*> elsewhere;
                   // Walks that follow each other let the place go, unless the setter holds it.
                   for (int age = 0; age < 4 && met == nullptr; ++age) {
                     tg::event::forest::walk_guard next(at.trees());
                     others.reset();
                     place& parent = at.born(at.root(), 0);
                     place& child = at.born(parent, 0);
                     elsewhere.insert(elsewhere.end(), {&parent, &child});
                     if (&parent == &leaf || &child == &leaf) met = &leaf;
                     place& passing = at.born(child, 0);
                     at.die(passing, 0);
                     others.emplace(at.trees());
                     at.die(child, 0);
                     at.born(parent, 0);
                   }
                   model::reached(met != nullptr ? "the place has another parent" : "the place waits");
                   setter.join();
                   for (place* one : elsewhere) model::check(!is_set(*one), "a set leaves its subtree");
                   model::check(is_set(walked), "the set is lost");
                 });
}

// A group that was set from above, and ends, hands that on, also by a deadline that comes before the walk from above.
TEST(event, a_deadline_of_who_has_ended_does_not_overtake_an_earlier_set) {
  model::explore({.schedules = 30'000, .within = {3, 2, 0}, .reaches = {"set from above", "overdue"}}, [] {
    forest_model at(2);
    place& top = at.born(at.root());
    place& dying = at.born(top);
    place& child = at.born(dying);
    const std::uint64_t tenancy = dying.tenancy();
    model::thread setter([&] { at.set(top, tg::event_cause::requested); });
    at.die(dying, 1);
    model::check(at.trees().try_hold(dying, tenancy, at.cache(1)), "a zombie with a child is gone");
    at.set(dying, tg::event_cause::deadline);
    at.trees().drop(dying, at.cache(1));
    setter.join();
    const auto cause_of = [](const place& of) { return tg::event::look(of).cause(); };
    const bool from_above = cause_of(dying) == tg::event_cause::requested;
    model::reached(from_above ? "set from above" : "overdue");
    model::check(!from_above || cause_of(child) == tg::event_cause::requested, "a later cause wins");
  });
}

// The timer holds what a tenancy names, or nothing.
TEST(event, who_holds_by_tenancy_gets_that_tenant_or_none) {
  model::explore({.schedules = 60'000, .within = {3, 2, 0}, .reaches = {"held", "gone"}}, [] {
    forest_model at(2);
    place& parent = at.born(at.root());
    place& first = at.born(parent);
    const std::uint64_t tenancy = first.tenancy();
    place* next = nullptr;
    model::thread owner([&] {
      at.die(first, 1);
      next = &at.born(parent, 1);
    });
    if (at.trees().try_hold(first, tenancy, at.cache(0))) {
      model::reached("held");
      model::check(first.tenancy() == tenancy, "another tenant is held");
      at.set(first);
      at.trees().drop(first, at.cache(0));
    } else {
      model::reached("gone");
    }
    owner.join();
    model::check(!is_set(*next), "a timer sets the next tenant");
  });
}

// A parent of many ended children: their places leave its list while somebody walks there, and serve elsewhere.
void trimming(std::size_t children, std::uint64_t schedules) {
  model::explore({.schedules = schedules, .within = {2, 1, 0}, .reaches = {"shortened"}}, [=] {
    forest_model at(3, 256);
    place* parent = nullptr;
    place* last = nullptr;
    place* staying = nullptr;
    {
      const model::calm beginning;
      parent = &at.born(at.root());
      staying = &at.born(*parent);
      std::vector<place*> all;
      for (std::size_t i = 1; i < children; ++i) all.push_back(&at.born(*parent));
      last = all.back();
      all.pop_back();
      for (place* one : all) at.die(*one);
    }
    const std::uint32_t listed = parent->listed.load(base::relaxed);
    model::thread setter([&] { at.set(*parent); });
    model::thread mother([&] {
      const bool was_set = is_set(*parent);
      place& child = at.born(*parent, 1);
      model::check(!was_set || is_set(child), "a child is born unset under a set parent");
      at.die(child, 1);
    });
    at.die(*last);  // the list is shortened
    place& elsewhere = at.born(at.root());
    place& below = at.born(elsewhere);
    setter.join();
    mother.join();
    if (parent->listed.load(base::relaxed) < listed) model::reached("shortened");
    model::check(is_set(*staying), "a living child reads unset after the set");
    model::check(!is_set(elsewhere) && !is_set(below), "a set leaves its subtree");
  });
}

TEST(event, a_list_is_shortened_beside_a_set_and_a_birth) { trimming(72, 4'000); }
TEST(event, places_that_were_taken_out_of_a_list_serve_elsewhere) { trimming(144, 2'000); }

}  // namespace
