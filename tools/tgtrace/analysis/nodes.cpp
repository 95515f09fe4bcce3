#include "tools/tgtrace/analysis/nodes.h"

#include <algorithm>
#include <map>
#include <utility>

namespace tgtrace {
namespace {

// Parents first, whatever their order in the table.
std::vector<index> from_roots(const model& m) {
  std::vector<index> order;
  for (index g = 0; g < m.groups.size(); ++g) {
    if (m.groups[g].parent == nothing) order.push_back(g);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::vector<index>& children = m.groups[order[i]].children;
    order.insert(order.end(), children.begin(), children.end());
  }
  return order;
}

void take_in(const figures& one, node& into) {
  const bool is_first = into.groups.empty();
  merge(one, into.of);
  into.of.limit = one.limit;
  if (one.limit == unknown_limit) return;
  const bool none_known = is_first || into.least_limit == unknown_limit;
  into.least_limit = none_known ? one.limit : std::min(into.least_limit, one.limit);
  into.largest_limit = none_known ? one.limit : std::max(into.largest_limit, one.limit);
}

}  // namespace

node_tree nodes_of(const model& m, const std::vector<figures>& groups) {
  node_tree tree;
  tree.of_group.assign(m.groups.size(), nothing);
  std::map<std::pair<index, std::string>, index> by_name;
  for (const index g : from_roots(m)) {
    const index parent = m.groups[g].parent == nothing ? nothing : tree.of_group[m.groups[g].parent];
    const auto fresh = static_cast<index>(tree.nodes.size());
    const auto [at, is_new] = by_name.try_emplace({parent, m.groups[g].name}, fresh);
    if (is_new) {
      tree.nodes.push_back(
          {.name = m.groups[g].name, .parent = parent, .groups = {}, .children = {}, .of = {}});
      if (parent != nothing) tree.nodes[parent].children.push_back(fresh);
    }
    node& mine = tree.nodes[at->second];
    take_in(groups[g], mine);
    mine.groups.push_back(g);
    tree.of_group[g] = at->second;
  }
  return tree;
}

}  // namespace tgtrace
