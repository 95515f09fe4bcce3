// The groups of a trace: the file's table, and what records tell of groups that have no entry any more.
#pragma once

#include <unordered_map>

#include "tools/tgtrace/clock.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/time_window.h"

namespace tgtrace {

class group_table {
 public:
  // Fills m.groups from the file's table.
  group_table(const raw_trace& from, const trace_clock& clock, const time_window& window,
              std::int64_t first_ns, model& m);

  // Of a reference that is in no entry, a group without a name is made; of 0: nothing.
  index find(tg::tracing::group_ref ref);
  // The group for tasks that refer to none.
  index nameless();

 private:
  index make(std::string name);
  void hang_up(const raw_trace& from);

  model& m_;
  std::unordered_map<tg::tracing::group_ref, index> by_ref_;
  index nameless_ = nothing;
};

}  // namespace tgtrace
