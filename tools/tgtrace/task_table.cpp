#include "tools/tgtrace/task_table.h"

#include <algorithm>

#include "tools/tgtrace/meaning.h"

namespace tgtrace {

using tg::tracing::detail_of;
using tg::tracing::group_of;
using tg::tracing::record;

index task_table::make(index group, std::uint64_t id) {
  task made;
  made.group = group;
  made.id = id;
  m_.tasks.push_back(made);
  return static_cast<index>(m_.tasks.size() - 1);
}

index task_table::find(const record& is) {
  const index group = parts_.group_of(is);
  if (group == nothing) return make(parts_.groups.nameless(), is.a);
  const auto [at, is_new] = by_key_.try_emplace({group, is.a}, nothing);
  if (is_new) at->second = make(group, is.a);
  return at->second;
}

void task_table::add(const record& is, index on, time_ns at) {
  if (group_of(is.what) == 0) return;  // ids alone do not tell which task of which group starts later
  task& one = m_.tasks[find(is)];
  one.adder = on;
  one.parent = parts_.threads.task_on(on);
  // Stamped on two threads: a task does not start before it is added.
  one.added = is_known(one.started) ? std::min(at, one.started) : at;
}

void task_table::start(const record& is, index on, time_ns at) {
  const index which = find(is);
  task& one = m_.tasks[which];
  one.started = at;
  // The record of the add is overwritten, but this one says how long it was ago.
  if (!is_known(one.added) && is.b != 0) one.added = parts_.before(at, is.b);
  one.runner = on;
  one.within = parts_.threads.task_on(on);
  parts_.threads.push(on, {frame::task, which});
}

// The one that the thread is in, if it is that.
index task_table::ending_on(index thread, const record& is) {
  const index which = parts_.threads.innermost(thread, frame::task);
  const bool is_this = which != nothing && m_.tasks[which].id == is.a &&
                       (group_of(is.what) == 0 || m_.tasks[which].group == parts_.group_of(is));
  return is_this ? which : find(is);
}

void task_table::end(const record& is, index on, time_ns at, ending how) {
  const index which = ending_on(on, is);
  parts_.threads.pop(on, {frame::task, which});
  task& one = m_.tasks[which];
  const bool never_began = how == ending::skipped && is.b == 0;
  if (!never_began && !is_known(one.started)) one.started = parts_.before(at, is.b);
  if (is_known(one.added) && is_known(one.started)) one.added = std::min(one.added, one.started);
  one.runner = on;
  one.ended = at;
  one.how = how;
  if (how == ending::skipped) one.why = cause_of(detail_of(is.what));
}

}  // namespace tgtrace
