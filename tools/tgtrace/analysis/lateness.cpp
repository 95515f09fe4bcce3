#include "tools/tgtrace/analysis/lateness.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tools/tgtrace/analysis/figures.h"

namespace tgtrace {
namespace {

// A part below this share of the whole explains nothing.
constexpr time_ns least_share = 50;

time_ns beginning_of(const task& one) { return is_known(one.added) ? one.added : one.started; }

std::uint32_t limit_at(const model& m, const lookups& in, index group, time_ns at) {
  std::uint32_t limit = m.groups[group].limit;
  for (const index i : in.limits_of_group.of(group)) {
    if (m.limits[i].at <= at) limit = m.limits[i].limit;
  }
  return limit;
}

std::string behind_limit_text(const model& m, const lookups& in, const task& one) {
  const std::uint32_t limit = limit_at(m, in, one.group, beginning_of(one));
  return limit == 0 ? "queued in a paused group" : fmt::format("queued behind its own limit ({})", limit);
}

class parts_list {
 public:
  void add(const std::string& what, time_ns took) {
    if (took > 0) sums_[what] = sum(sums_[what], took);
  }
  std::vector<part> longest_first(time_ns total) const {
    std::vector<part> list;
    for (const auto& [what, took] : sums_) list.push_back({what, took});
    std::stable_sort(list.begin(), list.end(), [](const part& a, const part& b) { return a.took > b.took; });
    while (list.size() > 1 && list.back().took < total / least_share) list.pop_back();
    return list;
  }

 private:
  std::map<std::string, time_ns> sums_;
};

// From the set, or from the beginning of the wait, to the moment at which the waiter was awake.
time_ns heard_late(const model& m, const lookups& in, const wait& one) {
  if (one.how != wait_end::event_set) return 0;
  const auto heard_on = in.hearings_of_thread.of(one.thread);
  const auto heard = std::lower_bound(heard_on.begin(), heard_on.end(), one.began,
                                      [&m](index h, time_ns at) { return m.hearings[h].at < at; });
  if (heard == heard_on.end() || !is_known(m.hearings[*heard].from)) return 0;
  const time_ns from = std::max(m.hearings[*heard].from, one.began);
  return std::max<time_ns>(std::min(end_of(m, one), m.hearings[*heard].at) - from, 0);
}

void add_waits(const model& m, const lookups& in, index which, parts_list& to) {
  for (const index w : in.outer_waits.of(which)) {
    const wait& one = m.waits[w];
    const time_ns late = heard_late(m, in, one);
    to.add("woken late after the event", late);
    to.add(wait_text(m, one), end_of(m, one) - one.began - late);
  }
}

// Tasks that its own thread ran meanwhile, as a joiner does, outside any wait.
time_ns helped_in(const model& m, const lookups& in, index which) {
  spans waits;
  for (const index w : in.outer_waits.of(which)) waits.add(m.waits[w].began, end_of(m, m.waits[w]));
  time_ns helped = 0;
  for (const index t : in.tasks_within.of(which)) {
    if (!is_known(m.tasks[t].started)) continue;
    const span ran{m.tasks[t].started, end_of(m, m.tasks[t])};
    helped = sum(helped, ran.length() - waits.covered(ran));
  }
  return helped;
}

void add_run(const model& m, const lookups& in, index which, parts_list& to) {
  const task& one = m.tasks[which];
  if (!is_known(one.started)) return;
  add_waits(m, in, which, to);
  const time_ns helped = helped_in(m, in, which);
  to.add("ran other tasks while it joined", helped);
  to.add(is_known(one.ended) ? "ran" : "runs still",
         end_of(m, one) - one.started - blocked_in(m, in, which) - helped);
}

}  // namespace

std::string wait_text(const model& m, const wait& one) {
  if (one.group == nothing) return fmt::format("blocked in {}", name_of(one.what));
  const std::string& name = m.groups[one.group].name;
  return one.what == waiting_for::join ? fmt::format("blocked in join of '{}'", name)
                                       : fmt::format("blocked in {} on '{}'", name_of(one.what), name);
}

queue_time queue_time_of(const model& m, const occupancy& busy, index which, span window) {
  const spans& full = busy.groups[m.tasks[which].group].full;
  queue_time parts;
  time_ns from = window.from;
  const auto share_out = [&](span free) {
    parts.at_cap += busy.at_cap.covered(free);
    parts.no_worker += busy.no_worker.covered(free);
  };
  for (const span& one : full.within(window)) {
    share_out({from, one.from});
    parts.behind_limit += one.length();
    from = one.to;
  }
  share_out({from, window.to});
  parts.on_the_way = window.length() - parts.behind_limit - parts.no_worker - parts.at_cap;
  return parts;
}

lateness lateness_of(const model& m, const lookups& in, const occupancy& busy, index which) {
  const task& one = m.tasks[which];
  lateness result{.task = which, .total = end_of(m, one) - beginning_of(one), .queued = {}, .parts = {}};
  parts_list parts;
  if (is_known(one.added)) {
    const time_ns left_queue = is_known(one.started) ? one.started : end_of(m, one);
    result.queued = queue_time_of(m, busy, which, {one.added, left_queue});
    parts.add(behind_limit_text(m, in, one), result.queued.behind_limit);
    parts.add("no free worker", result.queued.no_worker);
    parts.add("no free worker, and as many tasks waited as may", result.queued.at_cap);
    parts.add("a worker was on its way", result.queued.on_the_way);
  }
  add_run(m, in, which, parts);
  result.parts = parts.longest_first(result.total);
  return result;
}

std::vector<index> slowest_tasks(const model& m, std::size_t how_many) {
  std::vector<std::pair<time_ns, index>> all;
  for (index i = 0; i < m.tasks.size(); ++i) {
    const task& one = m.tasks[i];
    if (one.incomplete || !is_known(beginning_of(one))) continue;
    all.emplace_back(end_of(m, one) - beginning_of(one), i);
  }
  const std::size_t wanted = std::min(how_many, all.size());
  const auto longer = [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), all.end(), longer);
  std::vector<index> result;
  for (std::size_t i = 0; i < wanted; ++i) result.push_back(all[i].second);
  return result;
}

}  // namespace tgtrace
