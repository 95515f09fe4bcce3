// Groups whose tasks wait for a worker while tasks of a sibling run that came later.
#pragma once

#include <cstddef>
#include <vector>

#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/analysis/tally.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct starvation {
  index group = nothing;
  tally starved;  // tasks that waited for a worker, and not behind the group's limit, for long
  // Of all siblings, the one whose tasks ran longest that were added after the worst of these, and began before it.
  index sibling = nothing;
  std::size_t overtook = 0;
  time_ns ran_meanwhile = 0;
};

// Of those with the longest waits. `least`: from here on a wait is long, and so is what the sibling had of it.
std::vector<starvation> starved_groups(const model& m, const lookups& in, const occupancy& busy,
                                       time_ns least);

}  // namespace tgtrace
