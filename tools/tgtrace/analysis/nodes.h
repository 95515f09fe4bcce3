// The tree as one would draw it: groups of one name under the same parent are one node, because a service that makes a
// group for each request has thousands of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/tgtrace/analysis/figures.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct node {
  std::string name;
  index parent = nothing;     // node
  std::vector<index> groups;  // one at least
  std::vector<index> children;
  figures of;  // all of them together
  std::uint32_t least_limit = unknown_limit;
  std::uint32_t largest_limit = unknown_limit;
};

struct node_tree {
  std::vector<node> nodes;      // each after its parent
  std::vector<index> of_group;  // the node of each group
};

node_tree nodes_of(const model& m, const std::vector<figures>& groups);

}  // namespace tgtrace
