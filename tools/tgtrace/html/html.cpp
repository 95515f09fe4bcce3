#include "tools/tgtrace/html/html.h"

#include <memory>

#include "tools/support/command_line.h"
#include "tools/tgtrace/html/page_data.h"
#include "tools/tgtrace/html/page_parts.h"
#include "tools/tgtrace/output_file.h"
#include "tools/tgtrace/reader.h"

namespace tgtrace {
namespace {

constexpr std::size_t explained_tasks = 50;

struct options {
  std::string file;
  std::string out;
  std::size_t most_tasks = 200'000;
};

void run(const options& wanted) {
  const model m = build_model(read_trace_file(wanted.file));
  write_file(wanted.out, html_page(m, find_out(m, explained_tasks, {}), wanted.most_tasks));
}

}  // namespace

std::string html_page(const model& m, const findings& found, std::size_t most_tasks) {
  std::string page(page_before_data);
  page += page_data(m, found, most_tasks);
  page += page_after_data;
  return page;
}

void add_html(CLI::App& to) {
  constexpr std::size_t most = 10'000'000;
  const auto wanted = std::make_shared<options>();
  CLI::App* const command =
      to.add_subcommand("html", "Writes a trace as one page for a browser, that needs no network");
  command->add_option("FILE", wanted->file, "A trace: of a running, a killed or a frozen process")
      ->required();
  command->add_option("-o,--output", wanted->out, "Where the page goes; - is standard output")->required();
  command->add_option("--tasks", wanted->most_tasks, "Draw so many tasks, the latest (200000)")
      ->type_name("N")
      ->check(support::number_between<std::size_t>(1, most));
  command->callback([wanted] { run(*wanted); });
}

}  // namespace tgtrace
