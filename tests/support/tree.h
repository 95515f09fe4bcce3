// A full tree of groups.
#pragma once

#include <threadgroup/threadgroup.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tg_test {

// `levels` below the root, `fanout` children each, numbered breadth first from the root, which is 0. Parents
// are destroyed before their children.
class group_tree {
 public:
  group_tree(std::size_t levels, std::size_t fanout, const tg::group_options& options = {})
      : fanout_(fanout) {
    groups_.push_back(std::make_unique<tg::group>("node 0", options));
    std::size_t level_begin = 0;
    for (std::size_t level = 0; level < levels; ++level) {
      const std::size_t level_end = groups_.size();
      for (std::size_t at = level_begin; at < level_end; ++at) add_children(at);
      level_begin = level_end;
    }
  }

  tg::group& root() { return *groups_.front(); }
  tg::group& operator[](std::size_t node) { return *groups_[node]; }
  std::size_t size() const { return groups_.size(); }
  std::size_t parent(std::size_t node) const { return (node - 1) / fanout_; }
  bool is_within(std::size_t node, std::size_t top) const {
    while (node > top) node = parent(node);
    return node == top;
  }

  std::size_t count_set() const {
    std::size_t count = 0;
    for (const auto& group : groups_) count += group->event().is_set() ? 1u : 0u;
    return count;
  }
  bool all_set() const { return count_set() == size(); }

 private:
  void add_children(std::size_t node) {
    for (std::size_t i = 0; i < fanout_; ++i) {
      groups_.push_back(
          std::make_unique<tg::group>(*groups_[node], "node " + std::to_string(groups_.size())));
    }
  }

  std::size_t fanout_;
  std::vector<std::unique_ptr<tg::group>> groups_;
};

}  // namespace tg_test
