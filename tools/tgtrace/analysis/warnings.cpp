#include "tools/tgtrace/analysis/warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/tgtrace/analysis/spans.h"
#include "tools/tgtrace/units.h"

namespace tgtrace {
namespace {

time_ns end_of_task(const model& m, const task& one) { return is_known(one.ended) ? one.ended : m.length; }

// What several tasks of one group have in common: how many, and the worst.
struct tally {
  std::size_t tasks = 0;
  time_ns worst = 0;
  index which = nothing;
  void add(index task, time_ns took) {
    ++tasks;
    if (took <= worst) return;
    worst = took;
    which = task;
  }
};

class finder {
 public:
  finder(const model& m, const lookups& in, const occupancy& busy, const thresholds& when)
      : m_(m), in_(in), busy_(busy), when_(when), sets_of_(m.groups.size()) {
    for (const setting& one : m.settings) {
      (one.group == nothing ? sets_of_all_ : sets_of_[one.group]).push_back(one.at);
    }
  }

  std::vector<warning> find() {
    deaf_tasks();
    idle_workers();
    starved_groups();
    blocking_unseen();
    too_many_blocked();
    past_deadline();
    std::stable_sort(found_.begin(), found_.end(),
                     [](const warning& a, const warning& b) { return a.took > b.took; });
    return std::move(found_);
  }

 private:
  void warn(const char* kind, index group, time_ns took, std::string text) {
    found_.push_back({kind, std::move(text), group, took});
  }

  const std::string& name(index group) const { return m_.groups[group].name; }

  // The first set, not before `from`, that reaches the group.
  time_ns set_after(index group, time_ns from) const {
    time_ns first = unknown;
    const auto look = [&](const std::vector<time_ns>& sets) {
      const auto at = std::lower_bound(sets.begin(), sets.end(), from);
      if (at != sets.end() && (!is_known(first) || *at < first)) first = *at;
    };
    look(sets_of_all_);
    for (index g = group; g != nothing; g = m_.groups[g].parent) look(sets_of_[g]);
    return first;
  }

  // A check of the event leaves no record; that a task runs on for long after the set does.
  void deaf_tasks() {
    std::vector<tally> of(m_.groups.size());
    for (index i = 0; i < m_.tasks.size(); ++i) {
      const task& one = m_.tasks[i];
      if (!is_known(one.started) || end_of_task(m_, one) - one.started < when_.long_task) continue;
      const time_ns set = set_after(one.group, one.started);
      if (!is_known(set)) continue;
      if (const time_ns ran_on = end_of_task(m_, one) - set; ran_on >= when_.long_task)
        of[one.group].add(i, ran_on);
    }
    for (index g = 0; g < of.size(); ++g) {
      if (of[g].tasks == 0) continue;
      warn("deaf_tasks", g, of[g].worst,
           fmt::format("{} of '{}' ran on after the event was set, up to {} (task {}): they do not check it "
                       "often enough",
                       tasks_text(of[g].tasks), name(g), duration_text(of[g].worst),
                       m_.tasks[of[g].which].id));
    }
  }

  void idle_workers() {
    span longest;
    time_ns sum = 0;
    for (const span& one : busy_.wasted.list()) {
      if (one.length() < when_.idle) continue;
      sum += one.length();
      if (one.length() > longest.length()) longest = one;
    }
    if (sum == 0) return;
    index group = nothing;
    time_ns most = 0;
    for (index g = 0; g < m_.groups.size(); ++g) {
      const time_ns held_up = busy_.groups[g].held_up.covered(longest);
      if (held_up <= most) continue;
      most = held_up;
      group = g;
    }
    warn("idle_workers", group, longest.length(),
         fmt::format(
             "a worker was free while tasks that might run were queued, {} in all; longest {}{}, at {}",
             duration_text(sum), duration_text(longest.length()),
             group == nothing ? "" : fmt::format(" in '{}'", name(group)), duration_text(longest.from)));
  }

  // A task waited for a worker while tasks of a sibling began that were added later.
  void starved_groups() {
    std::vector<std::vector<index>> long_queued(m_.groups.size());
    for (index i = 0; i < m_.tasks.size(); ++i) {
      const task& one = m_.tasks[i];
      if (one.incomplete || !is_known(one.started) || one.started - one.added < when_.long_task) continue;
      long_queued[one.group].push_back(i);
    }
    for (index g = 0; g < long_queued.size(); ++g) {
      const tally starved = without_worker(g, long_queued[g]);
      if (starved.tasks != 0) name_who_starved(g, starved);
    }
  }

  // Those of a group's tasks that waited for a worker, and not behind the limit, for long.
  tally without_worker(index g, const std::vector<index>& tasks) const {
    span all{m_.length, 0};
    for (const index i : tasks) {
      all.from = std::min(all.from, m_.tasks[i].added);
      all.to = std::max(all.to, m_.tasks[i].started);
    }
    const spans no_worker = outside(busy_.no_worker, busy_.groups[g].full, all);
    tally starved;
    for (const index i : tasks) {
      const time_ns waited = no_worker.covered({m_.tasks[i].added, m_.tasks[i].started});
      if (waited >= when_.long_task) starved.add(i, waited);
    }
    return starved;
  }

  void name_who_starved(index g, const tally& starved) {
    const task& victim = m_.tasks[starved.which];
    std::vector<std::size_t> overtook(m_.groups.size(), 0);
    for (const task& one : m_.tasks) {
      const bool later = is_known(one.added) && is_known(one.started) && one.added > victim.added &&
                         one.started < victim.started;
      if (later && one.group != g && m_.groups[one.group].parent == m_.groups[g].parent)
        ++overtook[one.group];
    }
    const auto worst = std::max_element(overtook.begin(), overtook.end());
    if (*worst == 0) return;
    const auto sibling = static_cast<index>(worst - overtook.begin());
    warn(
        "starved_group", g, starved.worst,
        fmt::format(
            "{} of '{}' waited for a worker up to {} (task {}), while {} of its sibling '{}' began that were "
            "added later",
            tasks_text(starved.tasks), name(g), duration_text(starved.worst), victim.id, tasks_text(*worst),
            name(sibling)));
  }

  // Of the tasks between two samples of a thread's processor time. Waits of the library do not count.
  void blocking_unseen() {
    std::vector<tally> of(m_.groups.size());
    std::vector<index> last(m_.threads.size(), nothing);
    for (index c = 0; c < m_.cpu.size(); ++c) {
      const cpu_sample& now = m_.cpu[c];
      const index before = last[now.thread];
      last[now.thread] = c;
      if (before != nothing) look_between(m_.cpu[before], now, of);
    }
    for (index g = 0; g < of.size(); ++g) {
      if (of[g].tasks == 0) continue;
      warn(
          "unseen_blocking", g, of[g].worst,
          fmt::format(
              "{} of '{}' held a worker without using the processor, up to {} (task {}): wrap what blocks in "
              "this_task::blocking, or the processor was short",
              tasks_text(of[g].tasks), name(g), duration_text(of[g].worst), m_.tasks[of[g].which].id));
    }
  }

  time_ns waited_in(index task, span window) const {
    time_ns sum = 0;
    for (const index w : in_.outer_waits.of(task)) {
      const time_ns from = std::max(m_.waits[w].began, window.from);
      sum += std::max<time_ns>(std::min(end_of(m_, m_.waits[w]), window.to) - from, 0);
    }
    return sum;
  }

  // The task is blamed that ran longest between the two samples; waits of all that ran then are taken off.
  void look_between(const cpu_sample& first, const cpu_sample& second, std::vector<tally>& of) {
    const auto ran = in_.started_on_thread.of(first.thread);
    auto at = std::lower_bound(ran.begin(), ran.end(), first.at,
                               [this](index t, time_ns when) { return m_.tasks[t].started < when; });
    if (at != ran.begin() && end_of_task(m_, m_.tasks[*std::prev(at)]) > first.at) --at;
    index longest = nothing;
    span longest_part;
    time_ns waited = 0;
    for (; at != ran.end() && m_.tasks[*at].started < second.at; ++at) {
      waited += waited_in(*at, {first.at, second.at});
      const span part{std::max(first.at, m_.tasks[*at].started),
                      std::min(second.at, end_of_task(m_, m_.tasks[*at]))};
      if (part.length() <= longest_part.length()) continue;
      longest = *at;
      longest_part = part;
    }
    if (longest == nothing) return;
    const time_ns unseen = longest_part.length() - waited - std::max<time_ns>(second.used - first.used, 0);
    if (unseen >= when_.long_task) of[m_.tasks[longest].group].add(longest, unseen);
  }

  void too_many_blocked() {
    if (busy_.at_cap.total() == 0) return;
    warn("blocked_cap", nothing, busy_.at_cap.total(),
         fmt::format(
             "as many tasks waited as max_blocked allows ({}) for {} in all: nothing new could start then",
             m_.max_blocked, duration_text(busy_.at_cap.total())));
  }

  void past_deadline() {
    std::vector<tally> of(m_.groups.size());
    for (index i = 0; i < m_.tasks.size(); ++i) {
      const task& one = m_.tasks[i];
      const time_ns due = m_.groups[one.group].deadline;
      if (one.incomplete || !is_known(due) || one.added > due) continue;
      const time_ns left_queue = is_known(one.started) ? one.started : end_of_task(m_, one);
      if (left_queue > due) of[one.group].add(i, left_queue - due);
    }
    for (index g = 0; g < of.size(); ++g) {
      if (of[g].tasks == 0) continue;
      warn("past_deadline", g, of[g].worst,
           fmt::format(
               "{} of '{}' were still queued when the deadline passed (task {} left the queue {} later)",
               tasks_text(of[g].tasks), name(g), m_.tasks[of[g].which].id, duration_text(of[g].worst)));
    }
  }

  static std::string tasks_text(std::size_t count) {
    return fmt::format("{} task{}", count, count == 1 ? "" : "s");
  }

  const model& m_;
  const lookups& in_;
  const occupancy& busy_;
  const thresholds& when_;
  std::vector<std::vector<time_ns>> sets_of_;  // of each group that is an origin, in order
  std::vector<time_ns> sets_of_all_;
  std::vector<warning> found_;
};

}  // namespace

std::vector<warning> warnings_of(const model& m, const lookups& in, const occupancy& busy,
                                 const thresholds& when) {
  return finder(m, in, busy, when).find();
}

std::vector<std::string> limits_of_knowledge(const model& m) {
  std::vector<std::string> known;
  known.emplace_back(
      "a check of the event leaves no record: of tasks under an event that was never set, the trace cannot "
      "tell "
      "whether they check it");
  if (m.cpu.empty())
    known.emplace_back("no processor times were recorded: blocking outside `blocking` cannot be seen");
  if (m.workers == 0)
    known.emplace_back("the number of workers is not known: waiting for a worker cannot be seen");
  return known;
}

}  // namespace tgtrace
