#include "tools/tgtrace/top_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/analysis/lateness.h"
#include "tools/tgtrace/analysis/nodes.h"
#include "tools/tgtrace/terminal_text.h"
#include "tools/tgtrace/units.h"

namespace tgtrace {
namespace {

// More of them sleep than one wants to read about.
constexpr std::size_t shown_asleep = 4;

bool lives(const group& one) { return !is_known(one.ended); }
bool was_claimed(const task& one) { return is_known(one.started) || is_known(one.ended); }

std::string duration_or_dash(time_ns took, bool any) { return any ? duration_text(took) : "-"; }

// Each group's event at the end of the trace: why it is set, or none.
class events_now {
 public:
  explicit events_now(const model& m) : m_(m), sets_of_(m.groups.size()), reset_(m.groups.size(), unknown) {
    for (const setting& one : m.settings) (one.group == nothing ? of_all_ : sets_of_[one.group]) = &one;
    for (const resetting& one : m.resets) reset_[one.group] = one.at;
  }

  cause of(index group) const {
    time_ns last = m_.groups[group].born;
    cause why = m_.groups[group].born_with;
    const auto look = [&](const setting* one) {
      if (one == nullptr || one->at < last) return;
      last = one->at;
      why = one->why;
    };
    look(of_all_);
    for (index up = group; up != nothing; up = m_.groups[up].parent) look(sets_of_[up]);
    return is_known(reset_[group]) && reset_[group] >= last ? cause::none : why;
  }

 private:
  const model& m_;
  const setting* of_all_ = nullptr;
  std::vector<const setting*> sets_of_;  // the last one of each origin
  std::vector<time_ns> reset_;
};

struct load {
  std::size_t living = 0;  // groups
  std::size_t set = 0;     // of them, with their event set
  cause why = cause::none;
  std::size_t running = 0;
  std::size_t pending = 0;
  std::size_t ended = 0;
  distribution queued;
  distribution ran;
};

class view {
 public:
  explicit view(const model& m)
      : m_(m),
        in_(m),
        busy_(occupancy_of(m, in_)),
        tree_(nodes_of(m, figures_of(m, in_, busy_).groups)),
        loads_(tree_.nodes.size()) {
    count_groups();
    count_tasks();
  }

  std::string write(std::size_t most_groups) {
    const bool lacks = m_.lost.any_time() || m_.lost.overwritten != 0;
    line("{} ({}): {} records{}\n", m_.program, m_.pid, m_.records,
         lacks ? ", older ones are overwritten: ENDED, QUEUED and RAN are of those left" : "");
    line("{:<34} {:>6} {:>7} {:>7} {:>7} {:>8}  {:<13} {:>9}{:>10} {:>11}{:>10}", "GROUP", "LIVING",
         "RUNNING", "LIMIT", "PENDING", "ENDED", "EVENT", "QUEUED 50", "99 %", "RAN 50", "99 %");
    groups(most_groups);
    line("\nWORKERS");
    workers();
    return text_.take();
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.line(format, std::forward<Args>(args)...);
  }

  void count_groups() {
    const events_now events(m_);
    for (index g = 0; g < m_.groups.size(); ++g) {
      if (!lives(m_.groups[g])) continue;
      load& of = loads_[tree_.of_group[g]];
      ++of.living;
      const cause why = events.of(g);
      if (why == cause::none) continue;
      ++of.set;
      of.why = why;
    }
  }

  // A task is still queued unless a later one of its group has been started: then its own record of that is lost.
  void count_tasks() {
    std::vector<std::uint64_t> latest_claimed(m_.groups.size(), 0);
    for (const task& one : m_.tasks) {
      if (was_claimed(one)) latest_claimed[one.group] = std::max(latest_claimed[one.group], one.id);
    }
    for (const task& one : m_.tasks) {
      load& of = loads_[tree_.of_group[one.group]];
      if (is_known(one.ended)) {
        ++of.ended;
      } else if (lives(m_.groups[one.group])) {
        of.running += is_known(one.started) ? 1 : 0;
        of.pending += !is_known(one.started) && one.id > latest_claimed[one.group] ? 1 : 0;
      }
      if (is_known(one.added) && is_known(one.started)) of.queued.add(one.started - one.added);
      if (is_known(one.started) && is_known(one.ended)) of.ran.add(one.ended - one.started);
    }
  }

  void groups(std::size_t most) {
    std::size_t shown = 0;
    const auto show = [&](const auto& self, index which, std::size_t depth) -> void {
      if (shown++ < most) group(which, depth);
      for (const index child : tree_.nodes[which].children) self(self, child, depth + 1);
    };
    for (index n = 0; n < tree_.nodes.size(); ++n) {
      if (tree_.nodes[n].parent == nothing) show(show, n, 0);
    }
    if (shown > most) line("and {} more (--groups)", shown - most);
  }

  void group(index which, std::size_t depth) {
    const node& shown = tree_.nodes[which];
    const load& of = loads_[which];
    const std::string name = std::string(depth * 2, ' ') + (shown.name.empty() ? "(no name)" : shown.name);
    const percentiles queued = of.queued.summary();
    const percentiles ran = of.ran.summary();
    line("{:<34.34} {:>6} {:>7} {:>7} {:>7} {:>8}  {:<13} {:>9}{:>10} {:>11}{:>10}", name, of.living,
         of.running, limit_text(shown.of.limit), of.pending, of.ended, event_text(of),
         duration_or_dash(queued.p50, queued.samples != 0), duration_or_dash(queued.p99, queued.samples != 0),
         duration_or_dash(ran.p50, ran.samples != 0), duration_or_dash(ran.p99, ran.samples != 0));
  }

  static std::string event_text(const load& of) {
    if (of.set == 0) return "-";
    return of.living == 1 ? name_of(of.why) : fmt::format("{} of {} set", of.set, of.living);
  }

  // What a worker does: the task that it began last and has not ended, else its own last step.
  void workers() {
    std::map<index, worker_step> steps;
    for (const worker_moment& one : m_.moments) steps[one.thread] = one.what;
    std::vector<index> runs(m_.threads.size(), nothing);
    for (index t = 0; t < m_.tasks.size(); ++t) {
      const task& one = m_.tasks[t];
      if (!is_known(one.ended) && is_known(one.started) && lives(m_.groups[one.group])) runs[one.runner] = t;
    }
    std::size_t asleep = 0;
    for (index t = 0; t < m_.threads.size(); ++t) {
      if (!m_.threads[t].is_worker) continue;
      const auto step = steps.find(t);
      const bool has_left = step != steps.end() && step->second == worker_step::left;
      const bool sleeps = step != steps.end() && step->second == worker_step::parked;
      if (runs[t] != nothing) {
        worker(t, task_text(runs[t]));
      } else if (sleeps && ++asleep <= shown_asleep) {
        worker(t, "asleep");
      } else if (!sleeps && !has_left) {
        worker(t, "looks for work");
      }
    }
    if (asleep > shown_asleep) line("  and {} more are asleep", asleep - shown_asleep);
  }

  void worker(index thread, const std::string& does) {
    line("  {:<16} {:>8}  {}", m_.threads[thread].name, m_.threads[thread].tid, does);
  }

  std::string task_text(index which) const {
    const task& one = m_.tasks[which];
    std::string text = fmt::format("runs task {} of '{}' since {}", one.id, m_.groups[one.group].name,
                                   duration_text(m_.length - one.started));
    for (const index w : in_.outer_waits.of(which)) {
      if (!is_known(m_.waits[w].ended)) text += ", " + wait_text(m_, m_.waits[w]);
    }
    return text;
  }

  const model& m_;
  const lookups in_;
  const occupancy busy_;
  const node_tree tree_;
  std::vector<load> loads_;
  terminal_text text_;
};

}  // namespace

std::string top_text(const model& m, std::size_t most_groups) { return view(m).write(most_groups); }

}  // namespace tgtrace
