// Which items belong to which owner: the waits of a task, the tasks of a group. Built once, two vectors, no map.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include "tools/tgtrace/model.h"

namespace tgtrace {

class lookup {
 public:
  // `owner_of(i)` for i < items: below `owners`, or anything else for nobody. Keeps the order of the items.
  template <class OwnerOf>
  lookup(std::size_t owners, std::size_t items, OwnerOf owner_of) : first_(owners + 1, 0) {
    for (std::size_t i = 0; i < items; ++i) {
      if (owner_of(i) < owners) ++first_[owner_of(i) + 1];
    }
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    items_.resize(first_.back());
    std::vector<std::size_t> next = first_;
    for (std::size_t i = 0; i < items; ++i) {
      if (owner_of(i) < owners) items_[next[owner_of(i)]++] = static_cast<index>(i);
    }
  }

  // By `key_of(item)`, within each owner.
  template <class KeyOf>
  void sort_by(KeyOf key_of) {
    for (std::size_t owner = 0; owner + 1 < first_.size(); ++owner) {
      const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first_[owner]);
      const auto end = items_.begin() + static_cast<std::ptrdiff_t>(first_[owner + 1]);
      std::stable_sort(begin, end, [&key_of](index a, index b) { return key_of(a) < key_of(b); });
    }
  }

  std::span<const index> of(index owner) const {
    return std::span(items_).subspan(first_[owner], first_[owner + 1] - first_[owner]);
  }

 private:
  std::vector<std::size_t> first_;
  std::vector<index> items_;
};

struct lookups {
  explicit lookups(const model& m);
  lookup started_on_thread;    // tasks, by their beginning
  lookup ended_in_group;       // tasks, by their end
  lookup outer_waits;          // of a task, by their beginning; none overlap
  lookup outer_waits_outside;  // of a thread while it runs no task, likewise
  lookup tasks_within;         // what a task's thread ran of others while it waited
  lookup limits_of_group;
  lookup moments_of_thread;
  lookup hearings_of_thread;
};

}  // namespace tgtrace
