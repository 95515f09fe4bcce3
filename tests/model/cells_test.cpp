// The cells of callbacks by themselves: what a walker may read of those that come, leave and are linked anew, and what one
// trimmer leaves to the next.
#include "core/group/cells.h"
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace {

using namespace model_test;
using tg::detail::callback_cell;
using tg::groups::any_cell;
using tg::groups::claim_cell;
using tg::groups::set_free;

// Tells when, and nothing else: who hears of it has seen nothing of what came before.
class mere_hint {
 public:
  void give() { word_.store(1, base::relaxed); }
  void await() const {
    while (word_.load(base::relaxed) == 0) model::spin();
  }

 private:
  base::atomic<std::uint32_t> word_{0};
};

// The cells of a group, claimed and freed by hand.
struct cells_model {
  cells_model() : group("cells", at.in()), of(slot_of(group)) {}

  std::vector<callback_cell*> crowd(std::size_t size) {
    const model::calm meanwhile;
    std::vector<callback_cell*> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(&claim_cell(of));
    return out;
  }
  bool is_listed(const callback_cell& wanted) const {
    return any_cell(of, [&](const callback_cell& cell) { return &cell == &wanted; });
  }
  std::size_t listed() const {
    std::size_t met = 0;
    any_cell(of, [&](const callback_cell&) {
      model::check(++met <= 64, "a list leads back into itself");
      return false;
    });
    return met;
  }

  runtime_model at;
  tg::group group;
  tg::detail::slot& of;
};

void free_all(std::vector<callback_cell*> cells) {
  for (callback_cell* cell : cells) set_free(*cell);
}

// Each of the next registrants has a cell of its own, in the list.
void expect_sound(cells_model& in, std::size_t registrants) {
  const std::vector<callback_cell*> claimed = in.crowd(registrants);
  const model::calm end;
  static_cast<void>(in.listed());
  for (const callback_cell* cell : claimed) {
    model::check(std::count(claimed.begin(), claimed.end(), cell) == 1, "a cell has two registrants");
    model::check(in.is_listed(*cell), "a registered cell is not in the list");
  }
  free_all(claimed);
  model::check(in.listed() <= 8, "a list that is free is not trimmed any more");
}

// Two take half of a list away, one after the other or beside each other.
TEST(cells, who_trims_finds_the_list_as_the_one_before_has_left_it) {
  model::plan plan = of_runtime({"trimmed twice"}, 6'000);
  plan.within = {1, 1, 0};
  model::explore(plan, [] {
    cells_model in;
    std::vector<callback_cell*> last = in.crowd(18);
    {
      // As many are left as keep the list from being trimmed.
      const model::calm beginning;
      free_all({last.begin() + 5, last.end()});
      last.resize(5);
      model::check(in.listed() == 18, "trimmed too early");
    }
    model::thread other([&] { free_all({last.begin() + 1, last.end()}); });
    set_free(*last.front());
    other.join();
    if (in.of.cells_listed.load(base::relaxed) <= 8) model::reached("trimmed twice");
    expect_sound(in, 18);
  });
}

// Goes along the list, and stands on a cell until it has heard that it may go on.
class standing_walker {
 public:
  standing_walker(cells_model& in, const callback_cell& stands_on)
      : walker_([this, &in, &stands_on] {
          any_cell(in.of, [&](const callback_cell& cell) {
            model::check(met_.size() < 64, "a walk does not end");
            met_.push_back(&cell);
            if (&cell != &stands_on) return false;
            here_.give();
            may_go_.await();
            return false;
          });
        }) {
    here_.await();
  }
  void go_on() { may_go_.give(); }
  // Once it has gone on; the cells in the order in which it came to them.
  const std::vector<const callback_cell*>& met() {
    walker_.join();
    return met_;
  }

 private:
  mere_hint here_, may_go_;
  std::vector<const callback_cell*> met_;
  model::thread walker_;
};

bool contains(const std::vector<const callback_cell*>& cells, const callback_cell& wanted) {
  return std::find(cells.begin(), cells.end(), &wanted) != cells.end();
}

// A walker stands on a cell that leaves the list and is linked anew, before one that was made meanwhile by somebody else.
TEST(cells, a_walker_knows_what_a_cell_leads_to_that_was_linked_anew) {
  model::plan plan = of_runtime({"leads to a new one"}, 6'000);
  plan.within = {2, 1, 0};
  model::explore(plan, [] {
    cells_model in;
    const std::vector<callback_cell*> all = in.crowd(12);
    callback_cell& stands_on = *all[8];
    standing_walker walker(in, stands_on);
    {
      // Half of the list leaves: those that were freed last, of which the walker's is claimed again last.
      const model::calm meanwhile;
      for (const std::size_t first : {6, 7, 9, 10, 11}) set_free(*all[first]);
      for (const std::size_t last : {8, 1, 2, 3, 4, 5}) set_free(*all[last]);
      model::check(!in.is_listed(stands_on), "no cell has left the list");
      for (std::size_t i = 0; i < 10; ++i)
        model::check(&claim_cell(in.of) != &stands_on, "claimed too early");
    }
    callback_cell* theirs = nullptr;
    model::thread maker([&] { theirs = &claim_cell(in.of); });
    callback_cell* const mine = &claim_cell(in.of);
    walker.go_on();
    maker.join();
    model::check(mine != theirs, "a cell has two registrants");
    model::check(contains(walker.met(), *all[0]), "a cell that stays is passed by");
    if (mine == &stands_on && mine->next.load(base::relaxed) == theirs) model::reached("leads to a new one");
  });
}

// The last of the list and one in front of it leave it, and are linked anew; then a trimmer takes out what is between the two.
// Who has stood on the one since before comes right to the other, which is not the end of the list any more.
TEST(cells, a_walker_knows_what_a_trimmer_has_made_a_cell_lead_to) {
  model::plan plan = of_runtime({"led there by the trimmer"}, 6'000);
  plan.within = {1, 1, 0};
  model::explore(plan, [] {
    cells_model in;
    constexpr std::size_t size = 12;
    const std::vector<callback_cell*> all = in.crowd(size);
    callback_cell& end = *all[0];
    callback_cell& stays = *all[1];
    callback_cell& stands_on = *all[8];
    standing_walker walker(in, stands_on);
    const auto free_in_order = [&](std::initializer_list<int> cells) {
      for (const int one : cells) set_free(*all[static_cast<std::size_t>(one)]);
    };
    {
      const model::calm meanwhile;
      // Those that are freed last leave, and come back in front of the others.
      free_in_order({11, 2, 3, 4, 5, 6, 7, 9, 10, 8, 0});
      model::check(!in.is_listed(stands_on) && !in.is_listed(end), "they have not left the list");
      for (std::size_t i = 1; i < size; ++i) claim_cell(in.of);
      free_in_order({8, 0, 9, 11, 5, 10, 7, 6, 4, 3});
    }
    free_in_order({2});
    if (stands_on.next.load(base::relaxed) == &end) model::reached("led there by the trimmer");
    walker.go_on();
    model::check(contains(walker.met(), stays), "a cell that stays is passed by");
  });
}

// They come to it by its number, not by a list.
TEST(cells, of_one_chunk_are_known_to_all_who_make_some) {
  model::explore(of_runtime({}, 2'000), [] {
    cells_model in;
    tg::group other_group("other", in.at.in());
    callback_cell* theirs = nullptr;
    model::thread other([&] { theirs = &claim_cell(slot_of(other_group)); });
    callback_cell& mine = claim_cell(in.of);
    other.join();
    model::check(theirs != &mine && theirs->index + mine.index == 1, "two have one cell");
    set_free(mine);
    set_free(*theirs);
  });
}

}  // namespace
