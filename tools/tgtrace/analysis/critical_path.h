// The chain of what had to happen one after the other, from the birth of a root group to the end of the last task
// under it: shorten anything else, and the whole takes as long as before.
//
// Walked backwards. A task that waited for others is left for the last of them; the beginning of a task leads to
// what kept it in the queue, and then to whoever added it.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/tgtrace/analysis/lookup.h"
#include "tools/tgtrace/analysis/occupancy.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

enum class path_kind : std::uint8_t {
  ran,
  blocked,       // slept, or waited for what is not in the trace
  behind_limit,  // queued
  no_worker,     // queued
  on_the_way,    // queued
  woken,         // what it waited for had come, and it was not yet running again
  outside        // a thread that runs no task, before it added one
};
inline constexpr std::size_t path_kinds = 7;
const char* name_of(path_kind what) noexcept;

struct path_step {
  path_kind what = path_kind::ran;
  index task = nothing;    // nothing: outside
  index thread = nothing;  // of what is outside
  index wait = nothing;    // of what is blocked
  span when;
};

struct critical_path {
  index root = nothing;
  span when;
  std::vector<path_step> steps;  // in order; they fill `when` without gaps
  time_ns sums[path_kinds] = {};
  bool cut_short = false;  // more steps than anybody would look at: the early ones are left out
};

// Of every root under which a task has ended; the longest first.
std::vector<critical_path> critical_paths(const model& m, const lookups& in, const occupancy& busy);

}  // namespace tgtrace
