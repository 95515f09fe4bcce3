// Why a task was late: its time from add to end, taken apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

// Parts of the time in the queue. They add up to it.
struct queue_time {
  time_ns behind_limit = 0;  // its group was at its limit
  time_ns no_worker = 0;     // every worker ran a task
  time_ns at_cap = 0;        // no worker, and as many tasks waited as may
  time_ns on_the_way = 0;    // there was room and a worker to be had: it was being woken, or elsewhere
};

struct part {
  std::string what;  // "queued behind its own limit (4)"
  time_ns took = 0;
};

struct lateness {
  index task = nothing;
  time_ns total = 0;
  queue_time queued;
  std::vector<part> parts;  // the longest first; short ones are left out
};

std::string wait_text(const model& m, const wait& one);  // "blocked in join of 'steps'"
queue_time queue_time_of(const model& m, const occupancy& busy, index task, span window);
lateness lateness_of(const model& m, const lookups& in, const occupancy& busy, index task);
// The tasks that took longest from add to end, or to the end of the trace; the longest first.
std::vector<index> slowest_tasks(const model& m, std::size_t how_many);

}  // namespace tgtrace
