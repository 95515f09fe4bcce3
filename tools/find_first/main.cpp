// find_first: which file holds these bytes? Hierarchical groups on a real file tree.
#include <fmt/core.h>

#include <chrono>
#include <exception>
#include <stdexcept>

#include "options.h"
#include "output.h"
#include "report.h"
#include "search.h"
#include "tools/support/command_line.h"
#include "tools/support/stop_signals.h"

namespace find_first {
namespace {

constexpr std::chrono::milliseconds between_looks(200);
// Live pictures of the forest: one for so many looks.
constexpr int looks_a_tree = 5;
// Tasks queued at once, about; what is found beyond that is searched by the task that found it.
constexpr std::size_t task_records = 16384;

// Returns the last forest that was seen.
tg::forest_snapshot watch(search& running, const options& wanted, const tally& counts, output& out) {
  tg::forest_snapshot seen;
  if (wanted.tree) seen = tg::snapshot();
  for (int look = 1; !running.wait_for(between_looks); ++look) {
    if (wanted.tree && look % looks_a_tree == 0) {
      seen = tg::snapshot();
      out.remark(tree_text(seen));
    }
    if (out.shows_progress()) out.progress(progress_line(counts));
  }
  out.clear_progress();
  return seen;
}

int run(const options& wanted) {
  tally counts;
  output out(wanted.null_ended ? '\0' : '\n');
  search running(wanted, out, counts);
  support::stop_on_signals();
  running.start();
  const tg::forest_snapshot seen = watch(running, wanted, counts, out);
  const ending how = running.finish();
  const bool all_written = support::flush_output();
  if (wanted.tree) fmt::print(stderr, "{}", tree_text(how.forest.groups.empty() ? seen : how.forest));
  fmt::print(stderr, "{}", summary_text(counts, how));
  if (!all_written) throw std::runtime_error("standard output: not everything could be written");
  return status_of(wanted, counts, how);
}

}  // namespace
}  // namespace find_first

int main(int argc, char** argv) {
  try {
    find_first::options wanted;
    if (const auto status = find_first::read_options(argc, argv, wanted)) return *status;
    tg::runtime::configure({.task_records = find_first::task_records});
    return find_first::run(wanted);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "find_first: {}\n", failure.what());
    return support::trouble;
  }
}
