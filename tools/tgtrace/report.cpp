#include "tools/tgtrace/report.h"

#include <fmt/core.h>

#include <memory>

#include "tools/support/command_line.h"

namespace tgtrace {
namespace {

struct options {
  std::string file;
  std::size_t slowest = 10;
  shown_parts parts;
  double long_task_ms = 10;
  double idle_us = 200;
  bool json = false;
};

thresholds thresholds_of(const options& wanted) {
  return {.long_task = static_cast<time_ns>(wanted.long_task_ms * 1e6),
          .idle = static_cast<time_ns>(wanted.idle_us * 1e3)};
}

void run(const options& wanted) {
  const model m = build_model(read_trace_file(wanted.file));
  const findings found = find_out(m, wanted.slowest, thresholds_of(wanted));
  fmt::print("{}", wanted.json ? report_json(m, found) : report_text(m, found, wanted.parts));
}

}  // namespace

void add_report(CLI::App& to) {
  constexpr std::size_t most = 1'000'000;
  constexpr double longest_ms = 1e9;
  const auto wanted = std::make_shared<options>();
  CLI::App* const command = to.add_subcommand("report", "Prints figures, reasons and warnings from a trace");
  command->add_option("FILE", wanted->file, "A trace: of a running, a killed or a frozen process")
      ->required();
  command->add_option("--slowest", wanted->slowest, "For so many tasks: why they were late (10)")
      ->type_name("N")
      ->check(support::number_between<std::size_t>(0, most));
  command
      ->add_option("--groups", wanted->parts.groups,
                   "Figures of so many groups, the busiest; those of one name together (20)")
      ->type_name("N")
      ->check(support::number_between<std::size_t>(0, most));
  command->add_option("--paths", wanted->parts.paths, "So many critical paths, the longest (3)")
      ->type_name("N")
      ->check(support::number_between<std::size_t>(0, most));
  command->add_option("--long", wanted->long_task_ms, "From here on a task is long, in warnings (10)")
      ->type_name("MS")
      ->check(support::number_between(0.0, longest_ms));
  command->add_option("--idle", wanted->idle_us, "So long may a worker idle beside a queued task (200)")
      ->type_name("US")
      ->check(support::number_between(0.0, longest_ms));
  command->add_flag("--json", wanted->json, "All of it, every group by itself, for programs; times in ns");
  command->callback([wanted] { run(*wanted); });
}

}  // namespace tgtrace
