// The trace as tracks with slices on them, for viewers that know no groups and no tasks.
//
// A process has a track for each thread: its tasks, and in them its waits. Beside them stands the tree of groups, a
// track a group; its tasks lie on lanes below it, because tasks of one group overlap and slices must not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/tgtrace/model.h"

namespace tgtrace {

struct track {
  std::string name;
  index parent = nothing;  // track; nothing: the process
  std::uint32_t tid = 0;   // 0: not a thread
};

struct slice {
  index track = nothing;
  time_ns from = 0;
  time_ns to = 0;
  std::string name;
  const char* category = "";
  bool is_instant = false;
  std::vector<std::uint64_t>
      flows_out;              // each has one end: viewers lead a flow to the first end that they meet
  std::uint64_t flow_in = 0;  // 0: none
  std::string note;           // what else there is to say: "skipped: deadline"
};

struct timeline {
  std::vector<track> tracks;  // each after its parent
  std::vector<slice> slices;  // by track, then by beginning, the outer first; on one track they nest
};

timeline timeline_of(const model& m);

}  // namespace tgtrace
