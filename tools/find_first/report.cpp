#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/support/command_line.h"

namespace find_first {
namespace {

// A tree of more lines tells less.
constexpr std::size_t shown_groups = 40;

using seconds = std::chrono::duration<double>;

std::string milliseconds(seconds span) { return fmt::format("{:.2f} ms", span.count() * 1e3); }

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string line_of(const tg::group_info& group) {
  const std::string event = group.event.set ? std::string(tg::to_string(group.event.cause)) : "not set";
  return fmt::format("{:{}}{}  running {}, pending {}, limit {}, event {}\n", "", 2 * (group.depth + 1),
                     group.name, group.running, group.pending, group.limit, event);
}

bool cut_short(const ending& how) {
  return how.event.set && how.event.cause != tg::event_cause::condition_met;
}

std::string why_it_ended(const tally& counts, const ending& how) {
  if (how.event.set && how.event.cause == tg::event_cause::deadline) return "the time was up";
  if (cut_short(how)) return "interrupted";
  if (counts.matches.value() == 0) return "nothing found";
  return fmt::format("{} found, the first after {}", counts.matches.value(), milliseconds(*how.to_answer));
}

}  // namespace

std::string progress_line(const tally& counts) {
  return fmt::format("{} files, {} directories, {}, {} found", counts.searched.value(),
                     counts.directories.value(), mebibytes(counts.bytes.value()), counts.matches.value());
}

std::string tree_text(const tg::forest_snapshot& forest) {
  std::string text = fmt::format("groups alive: {}\n", forest.groups.size());
  const std::size_t shown = std::min(forest.groups.size(), shown_groups);
  for (std::size_t i = 0; i < shown; ++i) text += line_of(forest.groups[i]);
  if (shown < forest.groups.size()) text += fmt::format("  and {} more\n", forest.groups.size() - shown);
  return text;
}

std::string summary_text(const tally& counts, const ending& how) {
  std::string text =
      fmt::format("find_first: {}; {} in all\n", why_it_ended(counts, how), milliseconds(how.total));
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "  searched  {} files, {}, in {} directories\n", counts.searched.value(),
                 mebibytes(counts.bytes.value()), counts.directories.value());
  fmt::format_to(out, "  passed by {} links, special files and other names; unreadable {}\n",
                 counts.passed_by.value(), counts.unreadable.value());
  fmt::format_to(out, "  tasks     {} run, {} skipped, {} failed\n", counts.tasks_run.value(),
                 counts.tasks_skipped.value(), counts.tasks_failed.value());
  // After a signal the moment may be unknown: callbacks follow on a library thread.
  if (how.event.set) {
    fmt::format_to(out, "  event     {}", tg::to_string(how.event.cause));
    if (how.to_stop) fmt::format_to(out, "; all had stopped {} later", milliseconds(*how.to_stop));
    text += '\n';
  }
  return text;
}

int status_of(const options& wanted, const tally& counts, const ending& how) {
  const bool found = counts.matches.value() > 0;
  if (found && !wanted.all) return support::found;
  if (cut_short(how) || counts.unreadable.value() > 0) return support::trouble;
  return found ? support::found : support::not_found;
}

}  // namespace find_first
