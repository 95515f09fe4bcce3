// The memory behind the tree: places that leave a list, go back to the pool at once or when no walk can stand on them any
// more, and come from a part of it that is new.
#include "tests/model/checker/spin.h"
#include "tests/model/forest_model.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

namespace {

using namespace model_test;

// A parent with so many children, one of which stays; the others may die until `left` remain beside it.
struct family {
  family(forest_model& in, std::size_t children)
      : at(in), parent(at.born(at.root())), staying(at.born(parent)) {
    for (std::size_t i = 1; i < children; ++i) others.push_back(&at.born(parent));
  }
  void die_until(std::size_t left) {
    const model::calm meanwhile;
    while (others.size() > left) die_one();
  }
  void die_one(std::size_t thread = 0) {
    place& last = *others.back();
    others.pop_back();
    at.die(last, thread);
  }

  forest_model& at;
  place& parent;
  place& staying;
  std::vector<place*> others;
};

// A walker stands on a place while its list is shortened twice: only the second time could it go elsewhere.
TEST(place, what_is_taken_out_of_a_list_stays_under_a_walker) {
  model::explore({.schedules = 1'500, .within = {2, 1, 0}}, [] {
    forest_model at(2, 512);
    std::optional<family> of;
    {
      const model::calm beginning;
      of.emplace(at, 144);
      of->die_until(37);
    }
    model::thread setter([&] { at.set(of->parent); });
    of->die_one();  // the list is shortened
    const std::uint32_t listed = of->parent.listed.load(base::relaxed);
    of->die_until(1);
    of->die_one();  // once more
    model::check(of->parent.listed.load(base::relaxed) < listed, "a long list is not shortened");
    std::vector<place*> elsewhere;
    {
      const model::calm meanwhile;
      place& other = at.born(at.root());
      for (int i = 0; i < 60; ++i) elsewhere.push_back(&at.born(other));
    }
    setter.join();
    model::check(is_set(of->staying), "a living child reads unset after the set");
    for (const place* one : elsewhere) model::check(!is_set(*one), "a set leaves its subtree");
  });
}

// One thread shortens the list of a parent that another one ends.
TEST(place, who_frees_a_parent_finds_what_was_kept_aside) {
  model::explore(
      {.schedules = 1'500, .within = {2, 1, 0}, .reaches = {"freed by the shortener", "freed by the owner"}},
      [] {
        forest_model at(2, 512);
        std::optional<family> of;
        {
          const model::calm beginning;
          of.emplace(at, 72);
          of->die_until(1);
        }
        base::atomic<std::uint32_t> ended{0};
        model::thread shortener([&] {
          of->die_one(1);
          if (ended.fetch_add(1, base::relaxed) == 1) model::reached("freed by the shortener");
        });
        at.die(of->staying);
        at.die(of->parent);
        if (ended.fetch_add(1, base::relaxed) == 1) model::reached("freed by the owner");
        shortener.join();
        place& next = at.born(at.root());
        model::check(!is_set(next), "an old event reaches a new tenant");
      });
}

// The pool has grown meanwhile: who takes a place that another thread has freed knows where it is.
TEST(place, a_freed_place_of_a_new_part_of_the_pool_is_found) {
  model::explore({.schedules = 4'000, .within = {2, 2, 0}, .reaches = {"a place of the new part"}}, [] {
    forest_model at(3, 4 * forest_model::chunk);
    place* parent = nullptr;
    {
      const model::calm beginning;
      parent = &at.born(at.root());
      at.die(at.born(*parent));
      at.use_up();
    }
    model::thread other([&] {
      at.born(*parent, 1);
      at.die(at.born(*parent, 1), 1);
    });
    place& mine = at.born(*parent, 2);
    other.join();
    if (mine.index >= forest_model::chunk) model::reached("a place of the new part");
    model::check(!is_set(mine), "a new tenant is set");
  });
}

// Nothing is lost on the way: a place that has ended is the next one's, and with its parent's end anybody's, as nobody
// walks any more.
TEST(place, what_has_ended_is_used_again) {
  model::explore({.schedules = 100, .within = {0, 0, 0}}, [] {
    forest_model at(1);
    place& parent = at.born(at.root());
    place& child = at.born(parent);
    const std::uint32_t index = child.index;
    at.set(parent);
    at.die(child);
    model::check(&at.born(parent) == &child, "the next child has another place");
    at.die(child);
    at.die(parent);
    place& next = at.born(at.root());
    model::check(&next == &parent, "the next group has another place");
    model::check(at.born(next).index == index, "what hung below has not come back");
  });
}

// A parent whose child has ended: with the parent the child's place leaves its list.
struct ending_parent {
  explicit ending_parent(forest_model& in) : at(in), parent(at.born(at.root())), leaf(at.born(parent)) {
    at.die(leaf);
  }
  void die(std::size_t thread = 0) { at.die(parent, thread); }

  forest_model& at;
  place& parent;
  place& leaf;
};

using walk = std::optional<tg::event::forest::walk_guard>;

// Places of a new parent and its children, out of the pool.
std::vector<place*> some_born(forest_model& at, std::size_t thread) {
  const model::calm meanwhile;
  std::vector<place*> out{&at.born(at.root(), thread)};
  for (int i = 0; i < 4; ++i) out.push_back(&at.born(*out.front(), thread));
  return out;
}
bool contains(const std::vector<place*>& in, const place& one) {
  return std::find(in.begin(), in.end(), &one) != in.end();
}

// One is freed while another one is taken: what was below it is found all the same.
TEST(place, what_was_freed_before_is_used_again_beside_a_death) {
  model::explore({.schedules = 8'000, .within = {2, 2, 0}}, [] {
    forest_model at(2);
    place* parent = nullptr;
    place* dying = nullptr;
    {
      const model::calm beginning;
      parent = &at.born(at.root());
      dying = &at.born(*parent);
      at.die(at.born(*parent));
    }
    model::thread other([&] { at.die(*dying, 1); });
    at.born(*parent);
    other.join();
    at.born(*parent);
    model::check(parent->listed.load(base::relaxed) == 2, "a place that was freed is not found");
  });
}

// Nor is anything given back twice, in whichever age.
TEST(place, what_was_retired_is_used_again_once) {
  model::explore({.schedules = 100, .within = {0, 0, 0}}, [] {
    forest_model at(1);
    for (int round = 0; round < 5; ++round) {
      ending_parent waits(at);
      {
        const tg::event::forest::walk_guard somebody(at.trees());
        waits.die();
      }
      ending_parent(at).die();  // nobody walks: all that was retired goes back
      place& next = at.born(at.root());
      place& one = at.born(next);
      place& other = at.born(next);
      model::check(contains({&next, &one, &other}, waits.leaf), "a retired place does not come back");
      model::check(&one != &other && &one != &next && &other != &next, "two have one place");
      at.die(one);
      at.die(other);
      at.die(next);
    }
  });
}

// Who has retired a place may not come to give it back: another one does.
TEST(place, what_one_has_retired_another_gives_back) {
  model::explore({.schedules = 3'000, .within = {2, 1, 0}, .reaches = {"given back by the other"}}, [] {
    forest_model at(2);
    std::optional<ending_parent> mine, others;
    walk somebody;
    {
      const model::calm beginning;
      mine.emplace(at);
      others.emplace(at);
      somebody.emplace(at.trees());
    }
    model::thread other([&] {
      somebody.reset();
      others->die(1);
      if (contains(some_born(at, 1), mine->leaf)) model::reached("given back by the other");
    });
    mine->die();
    other.join();
  });
}

// Of two that raise the age the second one goes on from where the first has left it: an age that goes back lets go what a
// walk may stand on.
TEST(place, the_age_goes_on_from_who_raised_it_last) {
  model::explore({.schedules = 8'000, .within = {2, 1, 0}, .reaches = {"retired in a later age"}}, [] {
    forest_model at(2);
    std::optional<ending_parent> before, mine, others, waits;
    {
      const model::calm beginning;
      before.emplace(at);
      mine.emplace(at);
      others.emplace(at);
      waits.emplace(at);
      const walk somebody(std::in_place, at.trees());
      before->die();
    }
    std::vector<place*> born;
    base::atomic<std::uint32_t> begun{0};
    model::thread other([&] {
      others->die(1);
      born = some_born(at, 1);
    });
    walk somebody;
    begun.store(1, base::relaxed);  // the other one may come before what follows
    {
      const model::calm meanwhile;
      mine->die();  // the age is raised as long as something waits
      somebody.emplace(at.trees());
      waits->die();
      if (contains(some_born(at, 0), before->leaf)) model::reached("retired in a later age");
    }
    other.join();
    model::check(!contains(born, waits->leaf), "a place under a walk serves elsewhere");
  });
}

// A place is retired in the age that there is, and who raises it sees all walks that may stand on the place.
TEST(place, what_is_retired_waits_for_who_walks) {
  model::explore({.schedules = 12'000, .within = {2, 1, 0}, .reaches = {"the other came first"}}, [] {
    forest_model at(2);
    std::optional<ending_parent> before, others, waits;
    {
      const model::calm beginning;
      before.emplace(at);
      others.emplace(at);
      waits.emplace(at);
      const walk somebody(std::in_place, at.trees());
      before->die();
    }
    std::vector<place*> born;
    model::thread other([&] {
      others->die(1);
      born = some_born(at, 1);
    });
    const walk somebody(std::in_place, at.trees());
    waits->die();
    const std::vector<place*> mine = some_born(at, 0);
    other.join();
    if (contains(born, before->leaf)) model::reached("the other came first");
    model::check(!contains(born, waits->leaf) && !contains(mine, waits->leaf),
                 "a place under a walk serves elsewhere");
  });
}

// A place that has just been linked is the first of the list that is shortened: what follows it is seen.
TEST(place, a_list_is_shortened_behind_who_was_just_linked) {
  model::explore({.schedules = 600, .within = {1, 1, 0}, .reaches = {"shortened"}}, [] {
    forest_model at(2, 512);
    std::optional<family> of;
    {
      const model::calm beginning;
      of.emplace(at, 72);
    }
    base::atomic<std::uint32_t> linked{0};
    model::thread mother([&] {
      at.born(of->parent, 1);
      linked.store(1, base::relaxed);  // nobody is to learn from this what the list is like
    });
    while (linked.load(base::relaxed) == 0) model::spin();
    of->die_until(1);
    const std::uint32_t listed = of->parent.listed.load(base::relaxed);
    of->die_one();
    if (of->parent.listed.load(base::relaxed) < listed) model::reached("shortened");
    mother.join();
    const model::calm end;
    for (const place* one = of->parent.first_child.load(base::relaxed); one != nullptr;
         one = one->next_sibling.load(base::relaxed)) {
      const tg::event::life_word life(one->life.load(base::relaxed));
      model::check(life.state() != tg::event::tenant::unlinked,
                   "a place stays in the list and is used no more");
    }
  });
}

// The root of one thread has a child that another one ends: whoever is last leaves both places as new tenants may find
// them.
TEST(place, a_root_that_is_kept_is_left_by_all_who_held_it) {
  model::explore({.schedules = 6'000, .within = {2, 1, 0}, .reaches = {"kept", "not kept"}}, [] {
    forest_model at(2);
    std::array<int, 64> used{};  // by tenants of each place
    const auto birth = [&](place& parent, std::size_t thread) -> place& {
      place& born = at.born(parent, thread);
      ++used[born.index];
      return born;
    };
    place* root = nullptr;
    place* child = nullptr;
    {
      const model::calm beginning;
      root = &birth(at.root(), 0);
      child = &birth(*root, 0);
    }
    place* others = nullptr;
    model::thread other([&] {
      ++used[child->index];
      at.die(*child, 1);
      others = &birth(birth(at.root(), 1), 1);
    });
    ++used[root->index];
    place* kept = nullptr;
    at.trees().end(*root);
    at.trees().drop(*root, at.cache(0), kept);
    model::reached(kept != nullptr ? "kept" : "not kept");
    place* next = nullptr;
    if (kept != nullptr) {
      next = &tg::event::forest::take_kept(*kept);
      at.trees().activate(*next);
      ++used[next->index];
    } else {
      next = &birth(at.root(), 0);
    }
    place& mine = birth(*next, 0);
    other.join();
    model::check(&mine != others, "two have one place");
  });
}

}  // namespace
