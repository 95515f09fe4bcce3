// The memory behind the tree: places that leave a list, go back to the pool, and come from a part of it that is new.
#include "tests/model/forest_model.h"

#include <gtest/gtest.h>

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

// Nothing is lost on the way: a place that has ended is the next one's, and with its parent's end anybody's.
TEST(place, what_has_ended_is_used_again) {
  model::explore({.schedules = 100, .within = {0, 0, 0}}, [] {
    forest_model at(1);
    place& parent = at.born(at.root());
    place& child = at.born(parent);
    const std::uint32_t index = child.index;
    at.die(child);
    model::check(&at.born(parent) == &child, "the next child has another place");
    at.die(child);
    at.die(parent);
    place& next = at.born(at.root());
    model::check(&next == &parent, "the next group has another place");
    model::check(at.born(next).index == index, "what hung below has not come back");
  });
}

}  // namespace
