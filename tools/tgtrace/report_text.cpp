#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "tools/tgtrace/report.h"
#include "tools/tgtrace/terminal_text.h"
#include "tools/tgtrace/units.h"

namespace tgtrace {
namespace {

constexpr std::size_t shown_steps = 12;
constexpr std::size_t shown_warnings = 3;  // of a kind
// What a figure is marked with that may lack something.
constexpr const char* mark = "~";

class writer {
 public:
  writer(const model& m, const findings& found) : m_(m), found_(found) {}

  std::string write(const shown_parts& parts) {
    head();
    lost();
    warnings();
    line("\nall groups together");
    block(found_.whole);
    groups(parts.groups);
    paths(parts.paths);
    slowest();
    line("\nwhat the trace cannot tell");
    for (const std::string& one : found_.not_known) line("  {}", one);
    return text_.take();
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.line(format, std::forward<Args>(args)...);
  }

  void head() {
    line("{} (pid {}): {} recorded, {} records of {} threads, {} workers", m_.program, m_.pid,
         duration_text(m_.length), m_.records, m_.threads.size(),
         m_.workers == 0 ? "unknown" : std::to_string(m_.workers));
    if (!m_.frozen.why.empty()) {
      line("frozen because {}: {}of '{}', {}", m_.frozen.why,
           m_.frozen.task == 0 ? "" : fmt::format("task {} ", m_.frozen.task),
           m_.frozen.group == nothing ? "" : m_.groups[m_.frozen.group].name, duration_text(m_.frozen.took));
    }
    for (const pause& one : m_.pauses) {
      line("recording was off from {} to {}", duration_text(one.from), duration_text(one.to));
    }
    for (const std::string& one : m_.remarks) line("note: {}", one);
  }

  void lost() {
    const losses& lost = m_.lost;
    if (lost.overwritten == 0 && !lost.any_time() && lost.groups_without_entry == 0)
      return line("lost: nothing");
    line(
        "lost: {} overwritten, {} struck by signals, {} of threads without a ring, {} damaged or cut off, {} "
        "groups "
        "without an entry",
        lost.overwritten, lost.struck, lost.without_ring, lost.damaged, lost.groups_without_entry);
    if (lost.is_cut) line("  the file is cut: what it lacks is not counted");
    if (lost.overwritten != 0) line("  from {} on nothing is overwritten", duration_text(lost.whole_from));
    line("  figures marked {} may lack something", mark);
  }

  void warnings() {
    line("\nwarnings:{}", found_.warnings.empty() ? " none" : "");
    std::map<std::string, std::size_t> shown;
    for (const warning& one : found_.warnings) {
      if (++shown[one.kind] <= shown_warnings) line("  {}", one.text);
    }
    for (const auto& [kind, count] : shown) {
      if (count > shown_warnings) line("  and {} more of the kind {} (--json)", count - shown_warnings, kind);
    }
  }

  void row(const char* what, const distribution& of, bool may_lack) {
    if (of.empty()) return;
    const percentiles p = of.summary();
    line("  {:<18}{:>1}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}", what, may_lack ? mark : "", p.samples,
         duration_text(p.p50), duration_text(p.p90), duration_text(p.p99), duration_text(p.p999),
         duration_text(p.max));
  }

  void block(const figures& of) {
    const task_counts& tasks = of.tasks;
    line("  {}tasks: {} added, {} run ({} failed), {} skipped; at the end {} running, {} queued{}",
         of.may_lack ? mark : "", tasks.added, tasks.run(), tasks.failed, tasks.skipped, tasks.running,
         tasks.queued, tasks.incomplete == 0 ? "" : fmt::format("; of {} a part is lost", tasks.incomplete));
    if (of.queue.empty() && of.run.empty() && of.wake.empty()) return;
    line("  {:<18} {:>9}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "samples", "p50", "p90", "p99", "p99.9", "max");
    row("queued", of.queue, of.may_lack);
    row("ran", of.run, of.may_lack);
    row("of that, waited", of.blocked, of.may_lack);
    row("event to heard", of.wake, of.may_lack);
    row("wake-up to start", of.start, of.may_lack);
  }

  std::string path_of(index which) const {
    std::string path = found_.tree.nodes[which].name;
    for (index up = found_.tree.nodes[which].parent; up != nothing; up = found_.tree.nodes[up].parent)
      path = found_.tree.nodes[up].name + " / " + path;
    return path;
  }

  static time_ns weight(const figures& of) { return sum(of.queue.summary().total, of.run.summary().total); }

  void groups(std::size_t how_many) {
    std::vector<time_ns> weights;
    for (const node& one : found_.tree.nodes) weights.push_back(weight(one.of));
    std::vector<index> order(weights.size());
    std::iota(order.begin(), order.end(), index{0});
    std::stable_sort(order.begin(), order.end(), [&](index a, index b) { return weights[a] > weights[b]; });
    const std::size_t shown = std::min(how_many, order.size());
    for (std::size_t i = 0; i < shown; ++i) group_block(order[i]);
    if (shown < order.size())
      line("\nand {} more, which took less time (--groups N, --json)", order.size() - shown);
  }

  static std::string limits_text(const node& of) {
    if (of.largest_limit == 0) return "0 (paused)";
    if (of.least_limit == of.largest_limit) return limit_text(of.least_limit);
    return fmt::format("{} to {}", limit_text(of.least_limit), limit_text(of.largest_limit));
  }

  void group_block(index which) {
    const node& shown = found_.tree.nodes[which];
    const figures& of = shown.of;
    line("\ngroup '{}'{}", path_of(which),
         shown.groups.size() == 1 ? fmt::format(" (id {})", m_.groups[shown.groups.front()].id)
                                  : fmt::format(", {} of this name together", shown.groups.size()));
    if (shown.least_limit == unknown_limit) {
      line("  limit unknown");
    } else {
      line("  limit {}: reached for {}{:.1f} % of {}, with tasks queued for {}", limits_text(shown),
           of.may_lack ? mark : "", of.full_share * 100, duration_text(of.life),
           duration_text(of.queued_while_full));
    }
    block(of);
  }

  void paths(std::size_t how_many) {
    const std::size_t shown = std::min(how_many, found_.paths.size());
    for (std::size_t i = 0; i < shown; ++i) path_block(found_.paths[i]);
    if (shown < found_.paths.size())
      line("\nand {} more of shorter length, of other root groups (--paths N)", found_.paths.size() - shown);
  }

  void path_block(const critical_path& path) {
    line("\ncritical path of '{}': {}, {} steps{}", m_.groups[path.root].name,
         duration_text(path.when.length()), path.steps.size(),
         m_.lost.may_touch(path.when.from) ? " (~ records are lost)" : "");
    for (std::size_t k = 0; k < path_kinds; ++k) {
      if (path.sums[k] == 0) continue;
      line("  {:>9}  {:>5.1f} %  {}", duration_text(path.sums[k]), share(path.sums[k], path.when.length()),
           name_of(static_cast<path_kind>(k)));
    }
    std::vector<path_step> longest = path.steps;
    std::stable_sort(longest.begin(), longest.end(), [](const path_step& a, const path_step& b) {
      return a.when.length() > b.when.length();
    });
    longest.resize(std::min(longest.size(), shown_steps));
    std::sort(longest.begin(), longest.end(),
              [](const path_step& a, const path_step& b) { return a.when.from < b.when.from; });
    line("  its longest steps, in order:");
    for (const path_step& one : longest) {
      line("    at {:>9}  {:>9}  {}{}", duration_text(one.when.from), duration_text(one.when.length()),
           one.wait == nothing ? name_of(one.what) : wait_text(m_, m_.waits[one.wait]), whose(one));
    }
  }

  std::string whose(const path_step& one) const {
    if (one.task != nothing) return fmt::format(": {}", task_text(one.task));
    return one.thread != nothing ? fmt::format(": thread '{}'", m_.threads[one.thread].name) : "";
  }

  static double share(time_ns part, time_ns whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  }

  std::string task_text(index t) const {
    return fmt::format("task {} of '{}'", m_.tasks[t].id, m_.groups[m_.tasks[t].group].name);
  }

  void slowest() {
    if (found_.slowest.empty()) return;
    line("\nwhy late: the {} tasks that took longest from add to end", found_.slowest.size());
    for (const lateness& one : found_.slowest) {
      std::string why;
      for (const part& p : one.parts)
        why += fmt::format("{}{} {}", why.empty() ? "" : ", ", p.what, duration_text(p.took));
      line("  {:>9}  {}: {}", duration_text(one.total), task_text(one.task), why);
    }
  }

  const model& m_;
  const findings& found_;
  terminal_text text_;
};

}  // namespace

std::string report_text(const model& m, const findings& found, const shown_parts& parts) {
  return writer(m, found).write(parts);
}

}  // namespace tgtrace
