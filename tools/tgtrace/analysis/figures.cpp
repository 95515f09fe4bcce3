#include "tools/tgtrace/analysis/figures.h"

#include <algorithm>

namespace tgtrace {
namespace {

void count(const task& one, task_counts& into) {
  if (is_known(one.added)) ++into.added;
  if (one.incomplete) ++into.incomplete;
  switch (one.how) {
    case ending::value:
      ++into.succeeded;
      return;
    case ending::exception:
      ++into.failed;
      return;
    case ending::skipped:
      ++into.skipped;
      return;
    case ending::open:
      if (one.incomplete) return;
      ++(is_known(one.started) ? into.running : into.queued);
      return;
  }
}

void measure(const model& m, const lookups& in, index which, figures& into) {
  const task& one = m.tasks[which];
  count(one, into.tasks);
  if (!is_known(one.started)) return;
  if (is_known(one.added)) into.queue.add(one.started - one.added);
  if (is_known(one.ended)) into.run.add(one.ended - one.started);
  if (const time_ns blocked = blocked_in(m, in, which); blocked > 0) into.blocked.add(blocked);
}

void measure_limit(const model& m, const lookups& in, const occupancy& busy, index g, figures& into) {
  const group& one = m.groups[g];
  const auto changes = in.limits_of_group.of(g);
  into.limit = changes.empty() ? one.limit : m.limits[changes.back()].limit;
  const time_ns from = is_known(one.born) ? std::max<time_ns>(one.born, 0) : 0;
  const time_ns to = is_known(one.ended) ? std::min(one.ended, m.length) : m.length;
  into.life = std::max<time_ns>(to - from, 0);
  if (into.life > 0) {
    into.full_share =
        static_cast<double>(busy.groups[g].full.covered({from, to})) / static_cast<double>(into.life);
  }
  into.queued_while_full = busy.groups[g].queued_while_full;
  into.may_lack = one.born_before || m.lost.may_touch(one.born);
}

// A worker was woken: when did it begin a task? If it parks again before, for nothing.
void measure_starts(const model& m, const lookups& in, index thread, all_figures& into) {
  const auto ran = in.started_on_thread.of(thread);
  const auto moments = in.moments_of_thread.of(thread);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const worker_moment& woken = m.moments[moments[i]];
    if (woken.what != worker_step::woken) continue;
    const time_ns until = i + 1 < moments.size() ? m.moments[moments[i + 1]].at : m.length;
    const auto next = std::lower_bound(ran.begin(), ran.end(), woken.at,
                                       [&m](index t, time_ns at) { return m.tasks[t].started < at; });
    if (next == ran.end() || m.tasks[*next].started > until) continue;
    into.groups[m.tasks[*next].group].start.add(m.tasks[*next].started - woken.at);
  }
}

void measure_wakes(const model& m, all_figures& into) {
  for (const hearing& one : m.hearings) {
    if (!is_known(one.from)) continue;
    const time_ns late = std::max<time_ns>(one.at - one.from, 0);
    if (one.group != nothing) {
      into.groups[one.group].wake.add(late);
    } else {
      into.whole.wake.add(late);
    }
  }
}

}  // namespace

time_ns blocked_in(const model& m, const lookups& in, index task) {
  time_ns blocked = 0;
  for (const index w : in.outer_waits.of(task))
    blocked = sum(blocked, end_of(m, m.waits[w]) - m.waits[w].began);
  return blocked;
}

void merge(const figures& one, figures& into) {
  into.tasks.added += one.tasks.added;
  into.tasks.succeeded += one.tasks.succeeded;
  into.tasks.failed += one.tasks.failed;
  into.tasks.skipped += one.tasks.skipped;
  into.tasks.running += one.tasks.running;
  into.tasks.queued += one.tasks.queued;
  into.tasks.incomplete += one.tasks.incomplete;
  into.queue.add(one.queue);
  into.run.add(one.run);
  into.blocked.add(one.blocked);
  into.wake.add(one.wake);
  into.start.add(one.start);
  into.queued_while_full = sum(into.queued_while_full, one.queued_while_full);
  const time_ns life = sum(into.life, one.life);
  const double full =
      into.full_share * static_cast<double>(into.life) + one.full_share * static_cast<double>(one.life);
  into.full_share = life > 0 ? full / static_cast<double>(life) : 0;
  into.life = life;
  into.may_lack = into.may_lack || one.may_lack;
}

all_figures figures_of(const model& m, const lookups& in, const occupancy& busy) {
  all_figures result;
  result.groups.resize(m.groups.size());
  for (index i = 0; i < m.tasks.size(); ++i) measure(m, in, i, result.groups[m.tasks[i].group]);
  for (index g = 0; g < m.groups.size(); ++g) measure_limit(m, in, busy, g, result.groups[g]);
  measure_wakes(m, result);
  for (index t = 0; t < m.threads.size(); ++t) measure_starts(m, in, t, result);
  for (const figures& one : result.groups) merge(one, result.whole);
  result.whole.life = m.length;
  result.whole.full_share = 0;  // limits are of groups
  return result;
}

}  // namespace tgtrace
