// The tree of places: births, deaths, walks, and that memory and cost follow what lives.
#include "core/event/forest.h"
#include "tests/unit/crowd.h"
#include "tests/unit/forest_box.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <vector>

namespace {

using namespace tg_test;
using tg::event_cause;
using tg::event::forest;
using tg::event::place;
using tg::event::tenant;

using places = std::vector<place*>;

std::uint32_t listed_in(const place& parent) { return parent.listed.load(tg::base::seq_cst); }
std::uint32_t refs_of(const place& at) { return at.refs.load(tg::base::seq_cst); }

TEST(forest, has_nothing_under_its_root_at_first) {
  forest_box box;
  EXPECT_TRUE(box.walk().empty());
  EXPECT_FALSE(box.root().is_set());
  EXPECT_EQ(box.root().depth, 0u);
  EXPECT_EQ(box.places_in_use(), 0u);
}

TEST(forest, gives_birth_to_an_unset_active_child_at_its_depth) {
  forest_box box;
  place& outer = box.born(box.root());
  place& inner = box.born(outer);
  EXPECT_EQ(outer.parent(), &box.root());
  EXPECT_EQ(inner.parent(), &outer);
  EXPECT_EQ(outer.depth, 1u);
  EXPECT_EQ(inner.depth, 2u);
  EXPECT_EQ(state_of(inner), tenant::active);
  EXPECT_FALSE(inner.is_set());
  EXPECT_EQ(inner.tenancy(), 1u);
  EXPECT_EQ(refs_of(inner), 1u);
  EXPECT_EQ(refs_of(outer), 2u);
  EXPECT_EQ(&box.trees().at(inner.index), &inner);
}

// A deadline is armed before its group is activated: to the timer that tidies, the tenant to come is no dead one.
TEST(forest, a_tenant_may_live_from_before_its_activation_until_its_last_reference_goes) {
  forest_box box;
  place& at = box.trees().take(box.root(), box.cache());
  const std::uint64_t tenancy = at.tenancy() + 1;
  EXPECT_TRUE(forest::may_live(at, tenancy));
  box.trees().activate(at);
  EXPECT_TRUE(forest::may_live(at, tenancy));
  EXPECT_FALSE(forest::may_live(at, tenancy - 1));
  box.trees().end(at);
  EXPECT_TRUE(forest::may_live(at, tenancy));
  box.trees().drop(at, box.cache());
  EXPECT_FALSE(forest::may_live(at, tenancy));
}

TEST(forest, hides_a_child_from_walkers_until_it_is_activated) {
  forest_box box;
  place& parent = box.born(box.root());
  place& unborn = box.trees().take(parent, box.cache());
  EXPECT_EQ(box.walk(), places{&parent});
  EXPECT_EQ(refs_of(parent), 2u);
  box.trees().activate(unborn);
  EXPECT_EQ(box.walk(), (places{&parent, &unborn}));
}

TEST(forest, is_walked_in_pre_order_newest_first) {
  forest_box box;
  place& a = box.born(box.root());
  place& b = box.born(box.root());
  place& a1 = box.born(a);
  place& a2 = box.born(a);
  place& a1x = box.born(a1);
  place& b1 = box.born(b);
  EXPECT_EQ(box.walk(), (places{&b, &b1, &a, &a2, &a1, &a1x}));
  EXPECT_EQ(box.walk(a), (places{&a2, &a1, &a1x}));
  EXPECT_EQ(box.walk(b1), places{});
}

TEST(forest, walks_as_deep_as_it_grows) {
  forest_box box;
  constexpr std::uint32_t levels = 5000;
  places line{&box.root()};
  while (line.size() <= levels) line.push_back(&box.born(*line.back()));
  EXPECT_EQ(line.back()->depth, levels);
  EXPECT_EQ(box.walk(), places(line.begin() + 1, line.end()));
  // From the top, so that all wait for the last.
  for (std::size_t i = 1; i <= levels; ++i) box.die(*line[i]);
  EXPECT_TRUE(box.walk().empty());
}

TEST(forest, keeps_an_ended_parent_as_long_as_a_child_lives) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  box.die(parent);
  EXPECT_EQ(state_of(parent), tenant::zombie);
  EXPECT_EQ(box.walk(), (places{&parent, &child}));
  box.die(child);
  EXPECT_EQ(state_of(parent), tenant::free);
  EXPECT_EQ(state_of(child), tenant::free);
  EXPECT_TRUE(box.walk().empty());
}

TEST(forest, frees_a_line_of_ended_ancestors_with_the_last_child) {
  forest_box box;
  place& top = box.born(box.root());
  place& middle = box.born(top);
  place& bottom = box.born(middle);
  box.die(top);
  box.die(middle);
  EXPECT_EQ(box.walk(), (places{&top, &bottom})) << "one of the two goes with their second end";
  box.die(bottom);
  EXPECT_TRUE(box.walk().empty());
  EXPECT_EQ(refs_of(box.root()), 1u);
}

TEST(forest, skips_a_free_place_and_finds_what_is_behind_it) {
  forest_box box;
  place& first = box.born(box.root());
  place& second = box.born(box.root());
  place& third = box.born(box.root());
  place& below = box.born(first);
  box.die(second);
  EXPECT_EQ(box.walk(), (places{&third, &first, &below}));
}

TEST(forest, gives_a_free_place_to_the_next_child_of_the_same_parent) {
  forest_box box;
  place& parent = box.born(box.root());
  place& other = box.born(box.root());
  place& child = box.born(parent);
  const auto old_word = word_of(child);
  box.die(child);
  EXPECT_NE(&box.born(other), &child);
  place& next = box.born(parent);
  EXPECT_EQ(&next, &child);
  EXPECT_EQ(next.tenancy(), 2u);
  EXPECT_EQ(next.depth, 2u);
  EXPECT_NE(word_of(next).bits(), old_word.bits());
  EXPECT_EQ(listed_in(parent), 1u);
}

TEST(forest, shows_nothing_of_the_old_tenant_to_the_new_one) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  box.set(child, event_cause::failure);
  tg::event::raise(child, tg::event::callbacks);
  const std::uint64_t epoch = word_of(child).epoch();
  const std::uint64_t id = forest::id_of(child);
  box.die(child);
  place& next = box.born(parent);
  ASSERT_EQ(&next, &child);
  EXPECT_FALSE(next.is_set());
  EXPECT_EQ(word_of(next).epoch(), epoch + 1);
  EXPECT_EQ(next.attention_bits.load(tg::base::seq_cst), 0u);
  EXPECT_NE(forest::id_of(next), id);
}

TEST(forest, sets_a_child_at_its_birth_under_a_set_parent) {
  forest_box box;
  place& top = box.born(box.root());
  place& parent = box.born(top);
  box.set(top, event_cause::deadline);
  place& child = box.born(parent);
  EXPECT_TRUE(child.is_set());
  EXPECT_EQ(word_of(child).cause(), event_cause::deadline);
  EXPECT_EQ(box.trees().id_of(word_of(child).origin()), forest::id_of(top));
}

TEST(forest, sets_a_child_whose_parent_was_set_between_its_place_and_its_birth) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.trees().take(parent, box.cache());
  box.set(parent, event_cause::shutdown);
  EXPECT_FALSE(child.is_set());
  box.trees().activate(child);
  EXPECT_TRUE(child.is_set());
  EXPECT_EQ(word_of(child).cause(), event_cause::shutdown);
}

TEST(forest, changes_nothing_when_no_place_can_be_had) {
  forest_box box(1, 2, 2);
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  EXPECT_THROW(box.born(parent), std::bad_alloc);
  EXPECT_EQ(refs_of(parent), 2u);
  EXPECT_EQ(box.walk(), (places{&parent, &child}));
  box.die(child);
  EXPECT_EQ(&box.born(parent), &child);
}

// --- Holding -------------------------------------------------------------------------------------

TEST(forest, holds_only_the_tenant_that_was_asked_for) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  const std::uint64_t tenancy = child.tenancy();
  EXPECT_FALSE(box.trees().try_hold(child, tenancy + 1, box.cache()));
  EXPECT_FALSE(box.trees().try_hold(child, tenancy - 1, box.cache()));
  EXPECT_EQ(refs_of(child), 1u);
  EXPECT_TRUE(box.trees().try_hold(child, tenancy, box.cache()));
  EXPECT_EQ(refs_of(child), 2u);
  box.trees().drop(child, box.cache());
  EXPECT_EQ(refs_of(child), 1u);
}

TEST(forest, keeps_a_held_place_from_its_next_tenant) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  const std::uint64_t tenancy = child.tenancy();
  ASSERT_TRUE(box.trees().try_hold(child, tenancy, box.cache()));
  box.die(child);
  EXPECT_EQ(state_of(child), tenant::zombie);
  EXPECT_NE(&box.born(parent), &child);
  EXPECT_TRUE(box.trees().try_hold(child, tenancy, box.cache()));
  box.trees().drop(child, box.cache());
  box.trees().drop(child, box.cache());
  EXPECT_EQ(state_of(child), tenant::free);
  EXPECT_FALSE(box.trees().try_hold(child, tenancy, box.cache()));
  EXPECT_EQ(&box.born(parent), &child);
  EXPECT_FALSE(box.trees().try_hold(child, tenancy, box.cache()));
  EXPECT_EQ(refs_of(child), 1u);
}

TEST(forest, holds_from_many_threads_and_frees_once) {
  constexpr std::size_t threads = 3;
  forest_box box(threads);
  std::atomic<place*> wanted{&box.born(box.root())};
  std::atomic<std::size_t> held{0};
  std::atomic<std::size_t> strangers{0};
  std::atomic<bool> over{false};
  run_together(threads, [&](std::size_t me) {
    if (me == 0) {
      for (int i = 0; i < 20'000; ++i) {
        if (i % 32 == 0) give_way(1);
        box.die(*wanted.load(), me);
        wanted.store(&box.born(box.root(), me));
      }
      over = true;
      return;
    }
    while (!over) {
      place& at = *wanted.load();
      const std::uint64_t tenancy = at.tenancy();
      if (!box.trees().try_hold(at, tenancy, box.cache(me))) continue;
      if (++held % 64 == 0) give_way(1);
      if (at.tenancy() != tenancy) ++strangers;
      box.trees().drop(at, box.cache(me));
    }
  });
  EXPECT_EQ(strangers.load(), 0u);
  box.die(*wanted.load());
  EXPECT_TRUE(box.walk().empty());
  EXPECT_EQ(refs_of(box.root()), 1u);
  print_reached("holds", held.load());
}

// --- Names ---------------------------------------------------------------------------------------

TEST(forest, never_repeats_an_id) {
  forest_box box;
  std::set<std::uint64_t> ids;
  for (int round = 0; round < 100; ++round) {
    place& parent = box.born(box.root());
    place& child = box.born(parent);
    EXPECT_TRUE(ids.insert(forest::id_of(parent)).second);
    EXPECT_TRUE(ids.insert(forest::id_of(child)).second);
    if (round % 3 != 0) box.die(child);
    box.die(parent);
  }
  EXPECT_FALSE(ids.contains(0));
}

TEST(forest, names_an_origin_after_as_many_later_tenants_as_its_tag_can_tell_apart) {
  forest_box box;
  place& keeps_the_parent = box.born(box.root());
  place& source = box.born(keeps_the_parent);
  const std::uint64_t id = forest::id_of(source);
  const auto origin = source.as_origin();
  EXPECT_EQ(box.trees().id_of(origin), id);
  for (int later = 1; later <= 0xffff; ++later) {
    box.die(box.trees().at(origin.index));
    ASSERT_EQ(&box.born(keeps_the_parent), &source);
    if (later == 1 || later == 1000 || later == 0xffff) {
      EXPECT_EQ(box.trees().id_of(origin), id) << later << " tenants later";
    }
  }
}

// --- Memory and cost follow what lives -----------------------------------------------------------

TEST(forest, gives_children_back_with_their_parent) {
  forest_box box;
  place& parent = box.born(box.root());
  for (int i = 0; i < 50; ++i) box.born(box.born(parent));
  EXPECT_EQ(box.places_in_use(), 101u);
  for (place* at : box.walk()) box.die(*at);
  // The parent's own place stays with the root for its next child.
  EXPECT_EQ(box.places_in_use(), 1u);
  EXPECT_EQ(&box.born(box.root()), &parent);
  EXPECT_EQ(listed_in(parent), 0u);
}

TEST(forest, gives_back_what_hangs_under_places_that_leave_a_long_list) {
  forest_box box;
  place& top = box.born(box.root());
  places parents;
  for (int i = 0; i < 500; ++i) parents.push_back(&box.born(top));
  {
    const forest::walk_guard walking(box.trees());
    for (place* parent : parents) {
      place& child = box.born(*parent);
      place& grandchild = box.born(child);
      box.die(child);
      box.die(grandchild);
    }
    for (int i = 0; i < 200; ++i) box.die(*parents[static_cast<std::size_t>(i)]);
    EXPECT_EQ(box.places_in_use(), 1501u);
  }
  for (std::size_t i = 200; i < 500; ++i) box.die(*parents[i]);
  EXPECT_LT(box.places_in_use(), 600u);
  EXPECT_EQ(box.walk(), places{&top});
  box.die(top);
  EXPECT_EQ(box.places_in_use(), 1u);
}

// The walker keeps the child's place with the dead parent's, which goes on to the pool and to another depth.
TEST(forest, lets_places_that_came_back_late_begin_as_new_ones) {
  forest_box box;
  place& top = box.born(box.root());
  place& middle = box.born(top);
  place& parent = box.born(middle);
  place& child = box.born(parent);
  {
    const forest::walk_guard walking(box.trees());
    box.die(child);
    box.die(parent);
  }
  box.die(middle);
  EXPECT_EQ(box.places_in_use(), 2u);
  place& elsewhere = box.born(box.root());
  place& below = box.born(elsewhere);
  EXPECT_EQ(elsewhere.depth, 1u);
  EXPECT_EQ(below.depth, 2u);
  EXPECT_EQ(below.parent(), &elsewhere);
}

TEST(forest, keeps_children_of_a_freed_parent_while_somebody_walks) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  {
    const forest::walk_guard walking(box.trees());
    box.die(child);
    box.die(parent);
    EXPECT_EQ(box.places_in_use(), 2u);
    ASSERT_EQ(&box.born(box.root()), &parent);
    place& next = box.born(parent);
    EXPECT_NE(&next, &child) << "somebody may stand on it";
    box.die(next);
  }
  box.die(parent);
  EXPECT_EQ(box.places_in_use(), 1u);
}

// Each walk ends, and there is never a moment without one.
TEST(forest, gives_places_back_though_walks_overlap_without_end) {
  forest_box box;
  place& top = box.born(box.root());
  places lasting;
  for (int i = 0; i < 100; ++i) lasting.push_back(&box.born(top));
  auto walking = std::make_unique<forest::walk_guard>(box.trees());
  std::size_t most = 0;
  for (int round = 0; round < 500; ++round) {
    // A tree of its own, and children of one who lives on: both ways in which places leave their lists.
    place& parent = box.born(box.root());
    places children;
    for (int i = 0; i < 20; ++i) children.push_back(&box.born(i < 10 ? parent : *children[0]));
    for (int i = 0; i < 300; ++i)
      children.push_back(&box.born(*lasting[static_cast<std::size_t>(round % 100)]));
    for (place* at : children) box.die(*at);
    box.die(parent);
    most = std::max(most, box.places_in_use());
    walking = std::make_unique<forest::walk_guard>(box.trees());
  }
  EXPECT_LT(most, 100u * 100u + 4'000u) << "what a list keeps, and what a few rounds leave behind";
  walking.reset();
}

// Of two walks that overlap, the older one still keeps what it may stand on, however many have come and gone since.
TEST(forest, keeps_places_from_other_parents_for_the_oldest_walk) {
  forest_box box;
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  const forest::walk_guard oldest(box.trees());
  box.die(child);
  box.die(parent);
  for (int round = 0; round < 20; ++round) {
    const forest::walk_guard younger(box.trees());
    place& elsewhere = box.born(box.root());
    for (int i = 0; i < 5; ++i) {
      place& below = box.born(elsewhere);
      EXPECT_NE(&below, &child);
      box.die(below);
    }
    box.die(elsewhere);
  }
}

TEST(forest, shortens_a_long_list_when_most_of_it_has_died) {
  forest_box box;
  place& parent = box.born(box.root());
  places children;
  for (int i = 0; i < 1000; ++i) children.push_back(&box.born(parent));
  EXPECT_EQ(listed_in(parent), 1000u);
  for (std::size_t i = 10; i < children.size(); ++i) box.die(*children[i]);
  EXPECT_LT(listed_in(parent), 200u);
  EXPECT_LT(box.places_in_use(), 300u);
  std::reverse(children.begin(), children.begin() + 10);
  EXPECT_EQ(box.walk(parent), places(children.begin(), children.begin() + 10));
}

TEST(forest, keeps_little_for_roots_that_once_had_many_children) {
  forest_box box;
  for (int root = 0; root < 64; ++root) {
    place& top = box.born(box.root());
    places children;
    for (int i = 0; i < 1000; ++i) children.push_back(&box.born(top));
    for (place* at : children) box.die(*at);
  }
  EXPECT_EQ(box.walk().size(), 64u);
  EXPECT_LT(box.places_in_use(), 64u * 200u);
  std::size_t linked = 0;
  for (const place* at : box.walk()) linked += listed_in(*at);
  EXPECT_LT(linked, 64u * 100u);
}

TEST(forest, gives_shortened_lists_other_parents_places_without_mixing_them_up) {
  print_seed();
  random_source random;
  forest_box box;
  places parents;
  for (int i = 0; i < 4; ++i) parents.push_back(&box.born(box.root()));
  std::map<place*, std::set<place*>> living;
  for (int round = 0; round < 30; ++round) {
    place& parent = *parents[random.below(parents.size())];
    for (std::size_t births = random.below(400); births != 0; --births)
      living[&parent].insert(&box.born(parent));
    place& shrinking = *parents[random.below(parents.size())];
    auto& children = living[&shrinking];
    while (children.size() > 5) {
      box.die(**children.begin());
      children.erase(children.begin());
    }
    for (place* at : parents) {
      const places found = box.walk(*at);
      ASSERT_EQ(std::set<place*>(found.begin(), found.end()), living[at]);
      ASSERT_EQ(found.size(), living[at].size());
    }
  }
}

// A walker that stands where places die all around it still meets every survivor, once.
TEST(forest, loses_nothing_under_a_walker_while_lists_are_shortened) {
  for (const std::size_t stops_at : {0u, 1u, 99u, 500u, 998u}) {
    forest_box box;
    place& parent = box.born(box.root());
    places children;
    for (int i = 0; i < 1000; ++i) children.push_back(&box.born(parent));
    const auto survives = [](std::size_t i) { return i % 50 == 0; };
    places expected;
    for (std::size_t i = children.size(); i-- > 0;) {
      if (survives(i)) expected.push_back(children[i]);
    }
    std::map<place*, int> visits;
    {
      const forest::walk_guard walking(box.trees());
      std::size_t visited = 0;
      forest::walk(parent, [&](place& at) {
        ++visits[&at];
        if (visited++ != stops_at) return;
        for (std::size_t i = 0; i < children.size(); ++i) {
          if (!survives(i)) box.die(*children[i]);
        }
      });
      // Whatever was unlinked is still nobody else's.
      EXPECT_EQ(box.places_in_use(), 1001u);
    }
    for (place* at : expected) EXPECT_EQ(visits[at], 1);
    EXPECT_EQ(box.walk(parent), expected);
    // Others die later and take the unlinked ones along.
    for (place* at : expected) box.die(*at);
    box.die(parent);
    EXPECT_EQ(box.places_in_use(), 1u);
  }
}

TEST(forest, is_walked_completely_while_others_are_born_and_die) {
  print_seed();
  constexpr std::size_t churners = 2;
  constexpr std::size_t walkers = 2;
  forest_box box(churners + walkers);
  places parents;
  std::set<place*> lasting;
  for (int i = 0; i < 3; ++i) {
    parents.push_back(&box.born(box.root()));
    lasting.insert(parents.back());
    for (int k = 0; k < 20; ++k) lasting.insert(&box.born(*parents.back()));
  }
  std::atomic<std::size_t> churning{churners};
  std::atomic<std::size_t> incomplete{0};
  std::atomic<std::size_t> walks{0};
  run_together(churners + walkers, [&](std::size_t me) {
    random_source random(me);
    if (me < churners) {
      for (int round = 0; round < 300; ++round) {
        place& parent = *parents[random.below(parents.size())];
        places children;
        for (std::size_t births = random.below(150); births != 0; --births) {
          children.push_back(&box.born(children.empty() || random.one_in(2) ? parent : *children.back(), me));
        }
        for (place* at : children) box.die(*at, me);
      }
      --churning;
      return;
    }
    while (churning != 0) {
      std::size_t found = 0;
      for (place* at : box.walk()) found += lasting.contains(at) ? 1u : 0u;
      if (found != lasting.size()) ++incomplete;
      ++walks;
    }
  });
  EXPECT_EQ(incomplete.load(), 0u);
  EXPECT_EQ(box.walk().size(), lasting.size());
  for (const place* at : parents) EXPECT_EQ(refs_of(*at), 21u);
  print_reached("walks", walks.load());
}

}  // namespace
