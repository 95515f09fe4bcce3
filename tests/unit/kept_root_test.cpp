// A thread that makes one root after the other keeps the place: nobody else gets it, and nobody sees it in between.
#include "core/event/forest.h"
#include "tests/unit/forest_box.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace tg_test;
using tg::event_cause;
using tg::event::forest;
using tg::event::place;
using tg::event::tenant;

using places = std::vector<place*>;

std::uint32_t refs_of(const place& at) { return at.refs.load(tg::base::seq_cst); }

class kept_root : public testing::Test {
 protected:
  void end(place& at) {
    box.trees().end(at);
    box.trees().drop(at, box.cache(), kept);
  }

  forest_box box;
  place* kept = nullptr;
};

TEST_F(kept_root, is_free_and_out_of_sight) {
  place& first = box.born(box.root());
  end(first);
  EXPECT_EQ(kept, &first);
  EXPECT_EQ(state_of(first), tenant::free);
  EXPECT_EQ(refs_of(first), 0u);
  EXPECT_TRUE(box.walk().empty());
  EXPECT_FALSE(box.trees().try_hold(first, first.tenancy(), box.cache()));
}

TEST_F(kept_root, is_not_given_to_others) {
  place& first = box.born(box.root());
  end(first);
  for (int i = 0; i < 5; ++i) EXPECT_NE(&box.born(box.root()), &first);
}

TEST_F(kept_root, is_born_again_as_another_tenant_and_unset) {
  place& first = box.born(box.root());
  const auto tenancy = first.tenancy();
  tg::event::set_word(first, event_cause::requested, first.as_origin());
  end(first);
  place& second = forest::take_kept(*kept);
  box.trees().activate(second);
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(second.tenancy(), tenancy + 1);
  EXPECT_FALSE(second.is_set());
  EXPECT_EQ(refs_of(second), 1u);
  EXPECT_EQ(box.walk(), places{&second});
}

TEST_F(kept_root, counts_as_one_of_the_roots_children_all_the_time) {
  place& first = box.born(box.root());
  const auto with_one = refs_of(box.root());
  end(first);
  EXPECT_EQ(refs_of(box.root()), with_one);
  box.trees().activate(forest::take_kept(*kept));
  EXPECT_EQ(refs_of(box.root()), with_one);
}

TEST_F(kept_root, gives_its_own_places_back) {
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  box.die(child);
  const auto in_use = box.places_in_use();
  end(parent);
  EXPECT_EQ(box.places_in_use(), in_use - 1);
}

TEST_F(kept_root, is_one_only) {
  place& first = box.born(box.root());
  place& second = box.born(box.root());
  end(first);
  end(second);
  EXPECT_EQ(kept, &first);
  EXPECT_EQ(&box.born(box.root()), &second);
}

TEST_F(kept_root, is_no_inner_place) {
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  end(child);
  EXPECT_EQ(kept, nullptr);
  EXPECT_EQ(&box.born(parent), &child);
}

// While a child holds its place it is a zombie, and whoever drops it last decides.
TEST_F(kept_root, is_not_kept_while_somebody_holds_it) {
  place& parent = box.born(box.root());
  place& child = box.born(parent);
  end(parent);
  EXPECT_EQ(kept, nullptr);
  EXPECT_EQ(state_of(parent), tenant::zombie);
  box.die(child);
  EXPECT_EQ(&box.born(box.root()), &parent);
}

}  // namespace
