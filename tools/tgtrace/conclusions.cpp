#include "tools/tgtrace/conclusions.h"

#include <algorithm>
#include <vector>

namespace tgtrace {
namespace {

time_ns first_known(const task& of) {
  return is_known(of.added) ? of.added : is_known(of.started) ? of.started : of.ended;
}

bool was_claimed(const task& one) { return is_known(one.started) || is_known(one.ended); }

std::vector<std::uint64_t> latest_claimed(const model& m) {
  std::vector<std::uint64_t> latest(m.groups.size(), 0);
  for (const task& one : m.tasks) {
    if (was_claimed(one)) latest[one.group] = std::max(latest[one.group], one.id);
  }
  return latest;
}

}  // namespace

// A worker that was busy all the time has not said that it is one. Another thread that runs tasks is a joiner, and has
// waited, or added tasks, outside any task.
void find_workers(model& m) {
  std::vector<bool> is_outside(m.threads.size(), false);
  for (const wait& one : m.waits) {
    if (one.task == nothing) is_outside[one.thread] = true;
  }
  for (const task& one : m.tasks) {
    if (one.adder != nothing && one.parent == nothing) is_outside[one.adder] = true;
  }
  for (const task& one : m.tasks) {
    const bool is_top = one.runner != nothing && is_known(one.started) && one.within == nothing;
    if (is_top && !is_outside[one.runner]) m.threads[one.runner].is_worker = true;
  }
}

// A group's tasks start in the order of their ids: one that is still queued although a later one has started has started
// too, and the record is lost. And what was under way when a pause began has an end unknown.
void mark_incomplete_tasks(model& m) {
  const std::vector<std::uint64_t> latest = latest_claimed(m);
  const time_ns last_gap = m.pauses.empty() ? unknown : m.pauses.back().to;
  for (task& one : m.tasks) {
    const bool is_open = !is_known(one.ended);
    const bool lost_its_end = is_open && (first_known(one) < last_gap || m.lost.may_touch(first_known(one)));
    one.incomplete =
        !is_known(one.added) || (!was_claimed(one) && one.id < latest[one.group]) || lost_its_end;
  }
}

}  // namespace tgtrace
