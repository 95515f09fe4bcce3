// A forest of bare places with one cache of records a thread.
#pragma once

#include "core/event/forest.h"
#include "core/event/propagate.h"
#include "tests/model/checker/explore.h"

#include <algorithm>
#include <cstddef>
#include <deque>

namespace model_test {

namespace base = tg::base;
using tg::event::place;

inline bool is_set(const place& at) { return at.is_set(); }

class forest_model {
 public:
  static constexpr std::size_t chunk = 1024;  // so many places a pool begins with at most, and grows by

  explicit forest_model(std::size_t threads, std::size_t max_places = 64)
      : places_(sizeof(place), std::min(max_places, chunk), max_places), trees_(places_, &at) {
    for (std::size_t i = 0; i < threads; ++i) caches_.emplace_back(places_);
  }

  tg::event::forest& trees() { return trees_; }
  place& root() { return trees_.root(); }
  tg::memory::pool::cache& cache(std::size_t thread) { return caches_[thread]; }

  place& born(place& parent, std::size_t thread = 0) {
    place& child = trees_.take(parent, caches_[thread]);
    trees_.activate(child);
    return child;
  }
  void die(place& group, std::size_t thread = 0) {
    trees_.end(group);
    trees_.drop(group, caches_[thread]);
  }

  // The pool has no more until it grows.
  void use_up() {
    while (places_.take(caches_[0]) != tg::memory::no_record) {
    }
  }

  bool set(place& source, tg::event_cause why = tg::event_cause::requested) {
    const tg::event::setting setting(trees_, source);
    std::uint32_t found = 0;
    return tg::event::set_subtree(source, why, found);
  }
  void set_all() {
    const tg::event::setting setting(trees_, root());
    std::uint32_t found = 0;
    tg::event::set_all(trees_, tg::event_cause::requested, found);
  }
  // As flow/ drives it, without tasks.
  bool reset(place& at) {
    tg::event::rearm attempt(at);
    if (attempt.was_unset()) return true;
    if (!attempt.begun()) return false;
    if (!attempt.tree_allows(trees_)) {
      attempt.undo();
      return false;
    }
    return attempt.finish();
  }

 private:
  static place& at(tg::memory::pool& places, std::uint32_t index) { return places.at<place>(index); }

  tg::memory::pool places_;
  tg::event::forest trees_;
  std::deque<tg::memory::pool::cache> caches_;
};

}  // namespace model_test
