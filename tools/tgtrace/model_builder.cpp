// From records to the model: each record, in the order of time, is told to what it is about.
//
// Nothing is taken for granted: any record may be missing, and the stamps of two threads may be a little apart.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "tools/tgtrace/build_parts.h"
#include "tools/tgtrace/conclusions.h"
#include "tools/tgtrace/event_table.h"
#include "tools/tgtrace/file_facts.h"
#include "tools/tgtrace/meaning.h"
#include "tools/tgtrace/merged.h"
#include "tools/tgtrace/task_table.h"
#include "tools/tgtrace/wait_table.h"

namespace tgtrace {
namespace {

using tg::tracing::detail_of;
using tg::tracing::kind;
using tg::tracing::kind_of;
using tg::tracing::record;

ending ending_of(const record& is) {
  const bool threw = detail_of(is.what) == static_cast<std::uint8_t>(tg::tracing::outcome::exception);
  return threw ? ending::exception : ending::value;
}

class builder {
 public:
  explicit builder(build_parts& parts)
      : parts_(parts), m_(parts.m), tasks_(parts), waits_(parts), events_(parts) {}

  void take(const merged_record& merged) {
    const record& is = *merged.is;
    if (kind_of(is.what) == kind::thread_began) return parts_.threads.begin(merged.ring, is.a);
    const index on = parts_.threads.of(merged.ring);
    ++m_.threads[on].records;
    take(is, on, merged.at - parts_.first_ns);
  }

  void finish() {
    if (is_known(stopped_at_)) m_.pauses.push_back({stopped_at_, m_.length});
    parts_.threads.finish();
    find_workers(m_);
    m_.frozen.group = parts_.groups.find(parts_.from.header.frozen_group);
    mark_incomplete_tasks(m_);
  }

 private:
  void take(const record& is, index on, time_ns at) {
    switch (kind_of(is.what)) {
      case kind::trace_started:
        return resume(at);
      case kind::trace_stopped:
        stopped_at_ = at;
        return;
      case kind::records_lost:
        return parts_.threads.forget_what_it_does(on);
      case kind::cpu_time:
        m_.cpu.push_back({on, at, static_cast<time_ns>(std::min<std::uint64_t>(is.a, INT64_MAX / 2))});
        return;
      case kind::group_born:
        return bear(is, at);
      case kind::group_ended:
        if (const index g = parts_.group_of(is); g != nothing) m_.groups[g].ended = at;
        return;
      case kind::limit_changed:
        return change_limit(is, at);
      case kind::task_added:
        return tasks_.add(is, on, at);
      case kind::task_started:
        return tasks_.start(is, on, at);
      case kind::task_ended:
        return tasks_.end(is, on, at, ending_of(is));
      case kind::task_skipped:
        return tasks_.end(is, on, at, ending::skipped);
      case kind::wait_began:
        return waits_.begin(is, on, at);
      case kind::wait_ended:
        return waits_.end(is, on, at);
      case kind::event_set:
        return events_.set(is, on, at);
      case kind::event_heard:
        return events_.hear(is, on, at);
      case kind::event_reset:
        return events_.reset(is, at);
      case kind::worker_came:
        return step(on, worker_step::came, at);
      case kind::worker_parked:
        return step(on, worker_step::parked, at);
      case kind::worker_woken:
        return step(on, worker_step::woken, at);
      case kind::worker_left:
        return step(on, worker_step::left, at);
      // Told by the tasks and the table, also where these are lost.
      case kind::limiter_full:
      case kind::limiter_freed:
      case kind::deadline_armed:
      case kind::deadline_fired:
      case kind::none:
      case kind::thread_began:
        return;
    }
  }

  void resume(time_ns at) {
    if (is_known(stopped_at_)) m_.pauses.push_back({stopped_at_, at});
    stopped_at_ = unknown;
    parts_.threads.forget_what_they_do();
  }

  void step(index on, worker_step what, time_ns at) {
    m_.threads[on].is_worker = true;
    m_.moments.push_back({on, what, at});
  }

  void bear(const record& is, time_ns at) {
    const index g = parts_.group_of(is);
    if (g == nothing) return;
    m_.groups[g].born = at;
    m_.groups[g].born_with = cause_of(detail_of(is.what));
  }

  // The table has the limit as it was last set; what it was before stands in the first change.
  void change_limit(const record& is, time_ns at) {
    const index g = parts_.group_of(is);
    if (g == nothing) return;
    if (limit_seen_.insert(g).second) m_.groups[g].limit = static_cast<std::uint32_t>(is.b);
    m_.limits.push_back({g, static_cast<std::uint32_t>(is.a), at});
  }

  build_parts& parts_;
  model& m_;
  task_table tasks_;
  wait_table waits_;
  event_table events_;
  std::unordered_set<index> limit_seen_;
  time_ns stopped_at_ = unknown;
};

void note_misdated(std::uint64_t count, model& m) {
  if (count == 0) return;
  m.lost.damaged += count;
  m.remarks.push_back(fmt::format("{} records are damaged: their times are not within the recording", count));
}

}  // namespace

model build_model(const raw_trace& from) {
  model m;
  m.program = from.header.program;
  m.pid = from.header.pid;
  m.workers = from.header.workers;
  m.max_blocked = from.header.max_blocked;
  m.remarks = from.remarks;
  const trace_clock clock(from.header);
  if (!clock.is_calibrated())
    m.remarks.emplace_back(
        "the clock was never calibrated, or that is damaged: times are in its ticks, not in ns");
  const time_window window = window_of(from, clock);
  const merged all = merge(from, clock, window);
  m.records = all.records.size();
  const std::int64_t first_ns = all.records.empty() ? 0 : all.records.front().at;
  m.first_monotonic_ns = first_ns;
  m.length = all.records.empty() ? 0 : all.records.back().at - first_ns;
  m.lost = losses_of(from, clock, first_ns);
  note_misdated(all.misdated, m);
  m.frozen = freeze_of(from, clock);
  build_parts parts(from, clock, window, first_ns, m);
  builder build(parts);
  for (const merged_record& one : all.records) build.take(one);
  build.finish();
  return m;
}

}  // namespace tgtrace
