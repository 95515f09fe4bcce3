// All that is found out about a trace, for whoever shows it.
#pragma once

#include <cstddef>
#include <vector>

#include "tools/tgtrace/analysis/critical_path.h"
#include "tools/tgtrace/analysis/figures.h"
#include "tools/tgtrace/analysis/lateness.h"
#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/nodes.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/analysis/warnings.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct findings {
  figures whole;
  std::vector<figures> groups;
  node_tree tree;
  std::vector<lateness> slowest;
  std::vector<critical_path> paths;
  std::vector<warning> warnings;
  std::vector<std::string> not_known;
};

inline findings find_out(const model& m, std::size_t slowest, const thresholds& when) {
  const lookups in(m);
  const occupancy busy = occupancy_of(m, in);
  all_figures all = figures_of(m, in, busy);
  findings result{.whole = std::move(all.whole),
                  .groups = std::move(all.groups),
                  .tree = {},
                  .slowest = {},
                  .paths = critical_paths(m, in, busy),
                  .warnings = warnings_of(m, in, busy, when),
                  .not_known = limits_of_knowledge(m)};
  result.tree = nodes_of(m, result.groups);
  for (const index i : slowest_tasks(m, slowest)) result.slowest.push_back(lateness_of(m, in, busy, i));
  return result;
}

}  // namespace tgtrace
