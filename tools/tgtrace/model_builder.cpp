// From records to the model: all rings merged by time, each record told to what it is about.
//
// Nothing is taken for granted: any record may be missing, and the stamps of two threads may be a little apart.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "tools/tgtrace/file_facts.h"
#include "tools/tgtrace/group_table.h"
#include "tools/tgtrace/meaning.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/thread_table.h"

namespace tgtrace {
namespace {

using tg::tracing::detail_of;
using tg::tracing::group_of;
using tg::tracing::kind;
using tg::tracing::kind_of;
using tg::tracing::record;

struct merged_record {
  time_ns at;
  std::uint32_t ring;  // its place in raw_trace::rings
  const record* is;
};

std::vector<merged_record> merge(const raw_trace& from, const trace_clock& clock) {
  std::vector<merged_record> all;
  std::size_t count = 0;
  for (const raw_ring& ring : from.rings) count += ring.records.size();
  all.reserve(count);
  for (std::uint32_t r = 0; r < from.rings.size(); ++r) {
    for (const record& one : from.rings[r].records) all.push_back({clock.monotonic_ns(one.stamp), r, &one});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const merged_record& a, const merged_record& b) { return a.at < b.at; });
  return all;
}

struct task_key {
  index group;
  std::uint64_t id;
  bool operator==(const task_key&) const = default;
};

struct task_key_hash {
  std::size_t operator()(const task_key& key) const noexcept {
    return static_cast<std::size_t>((key.id * 0x9e3779b97f4a7c15ULL) ^
                                    (std::uint64_t{key.group} << 32 | key.group));
  }
};

class builder {
 public:
  builder(const raw_trace& from, const trace_clock& clock, std::int64_t first_ns, model& m)
      : from_(from),
        clock_(clock),
        first_ns_(first_ns),
        m_(m),
        groups_(from, clock, first_ns, m),
        threads_(from, m) {}

  void take(const merged_record& merged) {
    const record& is = *merged.is;
    const time_ns at = merged.at - first_ns_;
    if (kind_of(is.what) == kind::thread_began) return threads_.begin(merged.ring, is.a);
    const index on = threads_.of(merged.ring);
    ++m_.threads[on].records;
    switch (kind_of(is.what)) {
      case kind::trace_started:
        return resume(at);
      case kind::trace_stopped:
        stopped_at_ = at;
        return;
      case kind::records_lost:
        return threads_.forget_what_it_does(on);
      case kind::cpu_time:
        m_.cpu.push_back({on, at, static_cast<time_ns>(std::min<std::uint64_t>(is.a, INT64_MAX / 2))});
        return;
      case kind::group_born:
        if (const index g = groups_.find(group_of(is.what)); g != nothing) m_.groups[g].born = at;
        return;
      case kind::group_ended:
        if (const index g = groups_.find(group_of(is.what)); g != nothing) m_.groups[g].ended = at;
        return;
      case kind::limit_changed:
        return change_limit(is, at);
      case kind::task_added:
        return add(is, on, at);
      case kind::task_started:
        return start(is, on, at);
      case kind::task_ended:
        return end(is, on, at, is_exception(is) ? ending::exception : ending::value);
      case kind::task_skipped:
        return end(is, on, at, ending::skipped);
      case kind::wait_began:
        return begin_wait(is, on, at);
      case kind::wait_ended:
        return end_wait(is, on, at);
      case kind::event_set:
        return set(is, on, at);
      case kind::event_heard:
        return hear(is, on, at);
      case kind::worker_came:
        return step(on, worker_step::came, at);
      case kind::worker_parked:
        return step(on, worker_step::parked, at);
      case kind::worker_woken:
        return step(on, worker_step::woken, at);
      case kind::worker_left:
        return step(on, worker_step::left, at);
      case kind::none:
      case kind::thread_began:
      case kind::event_reset:
      case kind::limiter_full:
      case kind::limiter_freed:
      case kind::deadline_armed:
      case kind::deadline_fired:
        return;
    }
  }

  void finish() {
    if (is_known(stopped_at_)) m_.pauses.push_back({stopped_at_, m_.length});
    threads_.finish();
    guess_workers();
    m_.frozen.group = groups_.find(from_.header.frozen_group);
    mark_incomplete_tasks();
  }

 private:
  static bool is_exception(const record& is) {
    return detail_of(is.what) == static_cast<std::uint8_t>(tg::tracing::outcome::exception);
  }

  void resume(time_ns at) {
    if (is_known(stopped_at_)) m_.pauses.push_back({stopped_at_, at});
    stopped_at_ = unknown;
    threads_.forget_what_they_do();
  }

  void step(index on, worker_step what, time_ns at) {
    m_.threads[on].is_worker = true;
    m_.moments.push_back({on, what, at});
  }

  void change_limit(const record& is, time_ns at) {
    const index g = groups_.find(group_of(is.what));
    if (g == nothing) return;
    if (!limit_seen_.contains(g)) m_.groups[g].limit = static_cast<std::uint32_t>(is.b);
    limit_seen_.emplace(g, true);
    m_.limits.push_back({g, static_cast<std::uint32_t>(is.a), at});
  }

  index make_task(index group, std::uint64_t id) {
    task made;
    made.group = group;
    made.id = id;
    m_.tasks.push_back(made);
    return static_cast<index>(m_.tasks.size() - 1);
  }

  index task_of(const record& is) {
    const index group = groups_.find(group_of(is.what));
    if (group == nothing) return make_task(groups_.nameless(), is.a);
    const auto [at, is_new] = tasks_.try_emplace({group, is.a}, nothing);
    if (is_new) at->second = make_task(group, is.a);
    return at->second;
  }

  void add(const record& is, index on, time_ns at) {
    if (group_of(is.what) == 0) return;  // ids alone do not tell which task of which group starts later
    const index which = task_of(is);
    task& one = m_.tasks[which];
    one.adder = on;
    one.parent = threads_.task_on(on);
    // Stamped on two threads: a task does not start before it is added.
    one.added = is_known(one.started) ? std::min(at, one.started) : at;
  }

  void start(const record& is, index on, time_ns at) {
    const index which = task_of(is);
    task& one = m_.tasks[which];
    one.started = at;
    // The record of the add is overwritten, but this one says how long it was ago.
    if (!is_known(one.added) && is.b != 0) one.added = at - clock_.duration_ns(is.b);
    one.runner = on;
    one.within = threads_.task_on(on);
    threads_.push(on, {frame::task, which});
  }

  void end(const record& is, index on, time_ns at, ending how) {
    index which = threads_.innermost(on, frame::task);
    const bool is_this = which != nothing && m_.tasks[which].id == is.a &&
                         (group_of(is.what) == 0 || m_.tasks[which].group == groups_.find(group_of(is.what)));
    if (!is_this) which = task_of(is);
    threads_.pop(on, {frame::task, which});
    task& one = m_.tasks[which];
    const bool never_began = how == ending::skipped && is.b == 0;
    if (!never_began && !is_known(one.started)) one.started = at - clock_.duration_ns(is.b);
    if (is_known(one.added) && is_known(one.started)) one.added = std::min(one.added, one.started);
    one.runner = on;
    one.ended = at;
    one.how = how;
    if (how == ending::skipped) one.why = cause_of(detail_of(is.what));
  }

  void begin_wait(const record& is, index on, time_ns at) {
    wait made;
    made.what = waiting_of(detail_of(is.what) & 0xf);
    made.thread = on;
    made.task = threads_.task_on(on);
    made.group = groups_.find(is.b & tg::tracing::group_ref_mask);
    made.began = at;
    if (made.what == waiting_for::future) made.future_of = is.a;
    made.inner = threads_.is_waiting(on);
    m_.waits.push_back(made);
    threads_.push(on, {frame::wait, static_cast<index>(m_.waits.size() - 1)});
  }

  void end_wait(const record& is, index on, time_ns at) {
    index which = threads_.innermost(on, frame::wait);
    const waiting_for what = waiting_of(detail_of(is.what) & 0xf);
    if (which == nothing || m_.waits[which].what != what) {
      begin_wait(is, on, at - clock_.duration_ns(is.a));
      which = static_cast<index>(m_.waits.size() - 1);
    }
    threads_.pop(on, {frame::wait, which});
    m_.waits[which].ended = at;
    m_.waits[which].how = wait_end_of(detail_of(is.what) >> 4);
    threads_.waited(on, which);
  }

  void set(const record& is, index on, time_ns at) {
    const auto which = static_cast<index>(m_.settings.size());
    if (group_of(is.what) == 0) {
      latest_set_of_all_ = which;
    } else {
      latest_set_[is.a] = which;
    }
    m_.settings.push_back(
        {groups_.find(group_of(is.what)), on, threads_.task_on(on), cause_of(detail_of(is.what)), at});
  }

  // The latest one there, or of all groups.
  index setting_of(std::uint64_t origin) const {
    const auto found = latest_set_.find(origin);
    if (found == latest_set_.end()) return latest_set_of_all_;
    if (latest_set_of_all_ == nothing) return found->second;
    return std::max(found->second, latest_set_of_all_);
  }

  void hear(const record& is, index on, time_ns at) {
    hearing made;
    made.group = groups_.find(group_of(is.what));
    made.thread = on;
    made.task = threads_.task_on(on);
    made.at = at;
    made.setting = setting_of(is.a);
    if (made.setting != nothing) {
      const index waited = threads_.latest_wait(on);
      const time_ns since = waited == nothing ? unknown : m_.waits[waited].began;
      made.from = std::max(m_.settings[made.setting].at, since);
    }
    m_.hearings.push_back(made);
  }

  // A worker that was busy all the time has not said that it is one. Another thread that runs tasks is a joiner,
  // and has waited, or added tasks, outside any task.
  void guess_workers() {
    std::vector<bool> is_outside(m_.threads.size(), false);
    for (const wait& one : m_.waits) {
      if (one.task == nothing) is_outside[one.thread] = true;
    }
    for (const task& one : m_.tasks) {
      if (one.adder != nothing && one.parent == nothing) is_outside[one.adder] = true;
    }
    for (const task& one : m_.tasks) {
      const bool is_top = one.runner != nothing && is_known(one.started) && one.within == nothing;
      if (is_top && !is_outside[one.runner]) m_.threads[one.runner].is_worker = true;
    }
  }

  // A group's tasks start in the order of their ids: one that is still queued although a later one has started
  // has started too, and the record is lost. And what was under way when a pause began has an end unknown.
  void mark_incomplete_tasks() {
    std::vector<std::uint64_t> latest_started(m_.groups.size(), 0);
    for (const task& one : m_.tasks) {
      if (is_known(one.started) || is_known(one.ended)) {
        latest_started[one.group] = std::max(latest_started[one.group], one.id);
      }
    }
    const time_ns last_gap = m_.pauses.empty() ? unknown : m_.pauses.back().to;
    for (task& one : m_.tasks) {
      const time_ns met = is_known(one.added) ? one.added : is_known(one.started) ? one.started : one.ended;
      const bool was_claimed = is_known(one.started) || is_known(one.ended);
      const bool open = !is_known(one.ended);
      one.incomplete = !is_known(one.added) || (!was_claimed && one.id < latest_started[one.group]) ||
                       (open && (met < last_gap || m_.lost.may_touch(met)));
    }
  }

  const raw_trace& from_;
  const trace_clock& clock_;
  const std::int64_t first_ns_;
  model& m_;
  group_table groups_;
  thread_table threads_;
  std::unordered_map<task_key, index, task_key_hash> tasks_;
  std::unordered_map<index, bool> limit_seen_;
  std::unordered_map<std::uint64_t, index> latest_set_;  // by the id of the origin
  index latest_set_of_all_ = nothing;
  time_ns stopped_at_ = unknown;
};

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
    m.remarks.emplace_back("the clock was never calibrated: times are in its ticks, not in ns");
  const std::vector<merged_record> all = merge(from, clock);
  m.records = all.size();
  const std::int64_t first_ns = all.empty() ? 0 : all.front().at;
  m.first_monotonic_ns = first_ns;
  m.length = all.empty() ? 0 : all.back().at - first_ns;
  m.lost = losses_of(from, clock, first_ns);
  m.frozen = freeze_of(from, clock);
  builder build(from, clock, first_ns, m);
  for (const merged_record& one : all) build.take(one);
  build.finish();
  return m;
}

}  // namespace tgtrace
