#include "tools/tgtrace/top.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tools/support/command_line.h"
#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/interrupt.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/reader.h"
#include "tools/tgtrace/remote.h"
#include "tools/tgtrace/units.h"

namespace tgtrace {
namespace {

struct top_options {
  pid_t process = 0;
  double seconds = 1;
  std::uint64_t times = 0;  // 0: until Ctrl-C
};

// What a line shows of a group.
struct load {
  std::size_t running = 0;
  std::size_t pending = 0;
  std::size_t ended = 0;
  distribution queued;
  distribution ran;
};

bool has_begun(const task& of) { return is_known(of.started); }
bool has_ended(const task& of) { return of.how != ending::open; }

std::vector<load> loads_of(const model& m) {
  std::vector<load> out(m.groups.size());
  for (const task& each : m.tasks) {
    if (each.group == nothing) continue;
    load& of = out[each.group];
    if (has_ended(each)) {
      ++of.ended;
    } else if (has_begun(each)) {
      ++of.running;
    } else {
      ++of.pending;
    }
    if (is_known(each.added) && has_begun(each)) of.queued.add(each.started - each.added);
    if (has_begun(each) && is_known(each.ended)) of.ran.add(each.ended - each.started);
  }
  return out;
}

// Of the last setting that reached the group, if nothing is known to have re-armed it.
std::string event_of(const model& m, index at) {
  std::string out = "-";
  for (const setting& set : m.settings) {
    for (index up = at; up != nothing; up = m.groups[up].parent) {
      if (set.group == up || set.group == nothing) out = name_of(set.why);
    }
  }
  return out;
}

std::string p50_and_p99(const distribution& of) {
  if (of.empty()) return "-";
  const percentiles p = of.summary();
  return duration_text(p.p50) + " " + duration_text(p.p99);
}

void print_group(const model& m, const std::vector<load>& loads, index at, std::size_t depth) {
  const group& shown = m.groups[at];
  if (is_known(shown.ended)) return;
  const std::string name = std::string(depth * 2, ' ') + (shown.name.empty() ? "(unnamed)" : shown.name);
  const std::string limit = shown.limit == unknown_limit ? "?" : std::to_string(shown.limit);
  fmt::print("{:<36.36} {:>7} {:>7} {:>7} {:>8}  {:<13} {:<19} {}\n", name, loads[at].running, limit,
             loads[at].pending, loads[at].ended, event_of(m, at), p50_and_p99(loads[at].queued),
             p50_and_p99(loads[at].ran));
  for (const index child : shown.children) print_group(m, loads, child, depth + 1);
}

// What each worker does: the task that it began last and has not ended, else its own last step.
void print_workers(const model& m) {
  std::map<index, std::string> doing;
  for (const worker_moment& moment : m.moments) {
    const bool sleeps = moment.what == worker_step::parked;
    doing[moment.thread] = sleeps ? "asleep" : moment.what == worker_step::left ? "gone" : "looking for work";
  }
  for (const task& each : m.tasks) {
    if (each.runner == nothing || !m.threads[each.runner].is_worker || has_ended(each) || !has_begun(each))
      continue;
    const std::string group = each.group == nothing ? "?" : m.groups[each.group].name;
    doing[each.runner] = fmt::format("runs task {} of {}", each.id, group);
  }
  for (const auto& [thread, what] : doing) {
    if (what != "gone")
      fmt::print("  {:<16} {:>8}  {}\n", m.threads[thread].name, m.threads[thread].tid, what);
  }
}

void print(const model& m) {
  if (::isatty(STDOUT_FILENO) != 0) fmt::print("\x1b[H\x1b[2J");
  fmt::print("{} ({})  {} records{}\n\n", m.program, m.pid, m.records,
             m.lost.any_time() || m.lost.overwritten != 0
                 ? ", older ones are overwritten: counts are of those left"
                 : "");
  fmt::print("{:<36} {:>7} {:>7} {:>7} {:>8}  {:<13} {:<19} {}\n", "GROUP", "RUNNING", "LIMIT", "PENDING",
             "ENDED", "EVENT", "QUEUED p50 p99", "RAN p50 p99");
  const std::vector<load> loads = loads_of(m);
  for (index i = 0; i < m.groups.size(); ++i) {
    if (m.groups[i].parent == nothing) print_group(m, loads, i, 0);
  }
  fmt::print("\nWORKERS\n");
  print_workers(m);
  std::fflush(stdout);
}

// Recording is switched on for as long as this looks, unless it was on before.
void watch(const top_options& with) {
  const interrupt by_user;
  remote process(with.process);
  const std::string path = process.start({});
  std::uint64_t shown = 0;
  do {
    std::this_thread::sleep_for(std::chrono::duration<double>(with.seconds));
    if (!is_alive(with.process)) throw remote_error(fmt::format("process {} has ended", with.process));
    print(build_model(read_trace_file(path)));
  } while (!interrupt::came() && (with.times == 0 || ++shown < with.times));
  if (!process.was_recording()) process.stop();
}

}  // namespace

void add_top(CLI::App& to) {
  auto with = std::make_shared<top_options>();
  CLI::App* command = to.add_subcommand("top", "Shows the tree of groups of a process, again and again");
  command->add_option("pid", with->process, "The process")
      ->required()
      ->check(support::number_between(1, 1 << 30));
  command->add_option("--every", with->seconds, "Seconds between two looks")
      ->check(support::number_between(0.01, 3600.0))
      ->capture_default_str();
  command->add_option("--times", with->times, "So many looks; 0: until Ctrl-C")->capture_default_str();
  command->callback([with] { watch(*with); });
}

}  // namespace tgtrace
