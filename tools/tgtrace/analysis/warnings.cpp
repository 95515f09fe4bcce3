#include "tools/tgtrace/analysis/warnings.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/tgtrace/analysis/spans.h"
#include "tools/tgtrace/analysis/starvation.h"
#include "tools/tgtrace/analysis/tally.h"
#include "tools/tgtrace/analysis/unseen_blocking.h"
#include "tools/tgtrace/units.h"

namespace tgtrace {
namespace {

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
    starvations();
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
      if (!is_known(one.started) || end_of(m_, one) - one.started < when_.long_task) continue;
      const time_ns set = set_after(one.group, one.started);
      if (!is_known(set)) continue;
      if (const time_ns ran_on = end_of(m_, one) - set; ran_on >= when_.long_task)
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

  void starvations() {
    for (const starvation& one : starved_groups(m_, in_, busy_, when_.long_task)) {
      warn("starved_group", one.group, one.starved.worst,
           fmt::format(
               "{} of '{}' waited for a worker up to {} (task {}), while {} of its sibling '{}', added "
               "later, ran for {}",
               tasks_text(one.starved.tasks), name(one.group), duration_text(one.starved.worst),
               m_.tasks[one.starved.which].id, tasks_text(one.overtook), name(one.sibling),
               duration_text(one.ran_meanwhile)));
    }
  }

  void blocking_unseen() {
    const std::vector<tally> of = unseen_blocking(m_, in_, when_.long_task);
    for (index g = 0; g < of.size(); ++g) {
      if (of[g].tasks == 0) continue;
      warn("unseen_blocking", g, of[g].worst,
           fmt::format(
               "{} of '{}' held a worker without using the processor, up to {} (task {}): wrap what blocks "
               "in this_task::blocking, or the processor was short",
               tasks_text(of[g].tasks), name(g), duration_text(of[g].worst), m_.tasks[of[g].which].id));
    }
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
      const time_ns left_queue = is_known(one.started) ? one.started : end_of(m_, one);
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
