// What a trace shows to be wrong with how groups are used. Each warning states what was seen, and nothing more.
#pragma once

#include <string>
#include <vector>

#include "tools/tgtrace/analysis/figures.h"
#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct thresholds {
  time_ns long_task =
      10'000'000;  // for a task after its event was set, without processor time, or kept from a worker
  time_ns idle = 200'000;  // for a free worker beside a queued task: the way to it takes some time
};

struct warning {
  std::string kind;  // a word that does not change: for programs
  std::string text;
  index group = nothing;
  time_ns took = 0;  // the worst case; 0 where there is none
};

std::vector<warning> warnings_of(const model& m, const lookups& in, const occupancy& busy,
                                 const thresholds& when);

// What no trace can tell, and what this one cannot for want of records.
std::vector<std::string> limits_of_knowledge(const model& m);

}  // namespace tgtrace
