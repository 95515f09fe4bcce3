// When a group was at its limit, when no worker was free: one walk through all that happened, in order.
//
// Taken from what the tasks did, and not from what the limiter said: so it holds for parts of which some records
// are lost. A worker that goes from one task of a group to the next stays in the group meanwhile.
#pragma once

#include <vector>

#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/spans.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct group_occupancy {
  spans full;     // as many tasks run as may
  spans held_up;  // tasks are queued, and the limit would let one more run
  time_ns queued_while_full = 0;
};

struct occupancy {
  std::vector<group_occupancy> groups;
  spans no_worker;  // every worker runs a task that does not wait; empty if their number is not known
  spans at_cap;     // as many tasks wait as may, and no worker is free
  spans wasted;     // a worker is free, and some group is held up
  std::uint32_t most_blocked = 0;
};

occupancy occupancy_of(const model& m, const lookups& in);

}  // namespace tgtrace
