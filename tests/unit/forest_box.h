// A forest over a pool of bare places.
#pragma once

#include "core/event/forest.h"
#include "core/event/propagate.h"
#include "tests/unit/pool_box.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tg_test {

class forest_box {
 public:
  explicit forest_box(std::size_t threads = 1, std::size_t places = 1024,
                      std::size_t max_places = tg::event::forest::max_places - 1)
      : places_(sizeof(tg::event::place), places, max_places, threads), trees_(places_.pool(), &at) {}

  tg::event::forest& trees() { return trees_; }
  tg::event::place& root() { return trees_.root(); }
  tg::memory::pool::cache& cache(std::size_t thread = 0) { return places_.cache(thread); }
  std::size_t places_in_use() const { return places_.in_use(); }

  tg::event::place& born(tg::event::place& parent, std::size_t thread = 0) {
    tg::event::place& child = trees_.take(parent, cache(thread));
    trees_.activate(child);
    return child;
  }
  void die(tg::event::place& group, std::size_t thread = 0) {
    trees_.end(group);
    trees_.drop(group, cache(thread));
  }

  bool set(tg::event::place& source, tg::event_cause why = tg::event_cause::requested) {
    const tg::event::setting setting(trees_, source);
    std::uint32_t found = 0;
    return tg::event::set_subtree(source, why, found);
  }

  // What a walk from `top` visits, in this order.
  std::vector<tg::event::place*> walk(tg::event::place& top) {
    const tg::event::forest::walk_guard walking(trees_);
    std::vector<tg::event::place*> visited;
    tg::event::forest::walk(top, [&](tg::event::place& at) { visited.push_back(&at); });
    return visited;
  }
  std::vector<tg::event::place*> walk() { return walk(root()); }

 private:
  static tg::event::place& at(tg::memory::pool& places, std::uint32_t index) {
    return places.at<tg::event::place>(index);
  }

  pool_box places_;
  tg::event::forest trees_;
};

inline tg::event::event_word word_of(const tg::event::place& at) { return tg::event::look(at); }

inline tg::event::tenant state_of(const tg::event::place& at) {
  return tg::event::life_word(at.life.load(tg::base::seq_cst)).state();
}

}  // namespace tg_test
