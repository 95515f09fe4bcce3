// How many tasks, and how long they were queued, ran and waited: of each group and of all together.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

struct task_counts {
  std::uint64_t added = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
  std::uint64_t running = 0;     // at the end of the trace
  std::uint64_t queued = 0;      // at the end of the trace
  std::uint64_t incomplete = 0;  // of those above: something of them is lost
  std::uint64_t run() const noexcept { return succeeded + failed; }
};

struct figures {
  task_counts tasks;
  distribution queue;                   // added to started
  distribution run;                     // started to ended, waits included
  distribution blocked;                 // of the tasks that waited at all: the sum of their waits
  distribution wake;                    // event set to heard, of who waited
  distribution start;                   // worker woken to its next task
  std::uint32_t limit = unknown_limit;  // the last one
  double full_share = 0;                // of the group's life: as many tasks ran as may
  time_ns queued_while_full = 0;
  time_ns life = 0;
  bool may_lack = false;  // records are lost that may belong here
};

struct all_figures {
  figures whole;
  std::vector<figures> groups;
};

// Of several groups as if they were one; the limit is left as it is.
void merge(const figures& one, figures& into);

all_figures figures_of(const model& m, const lookups& in, const occupancy& busy);

// The sum of a task's outermost waits; what still waits does so to the end of the trace.
time_ns blocked_in(const model& m, const lookups& in, index task);

}  // namespace tgtrace
