// tgtrace: where the time of a group tree goes.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "tools/support/command_line.h"
#include "tools/tgtrace/attach.h"
#include "tools/tgtrace/export.h"
#include "tools/tgtrace/html/html.h"
#include "tools/tgtrace/list.h"
#include "tools/tgtrace/report.h"
#include "tools/tgtrace/run.h"
#include "tools/tgtrace/top.h"

int main(int argc, char** argv) {
  CLI::App app("Records what groups of tasks do, and shows where their time goes.", "tgtrace");
  app.require_subcommand(0, 1);  // none is answered below: then one that is not known is named
  tgtrace::add_run(app);
  tgtrace::add_attach(app);
  tgtrace::add_list(app);
  tgtrace::add_top(app);
  tgtrace::add_report(app);
  tgtrace::add_html(app);
  tgtrace::add_export(app);
  try {
    if (const auto status = support::read_command_line(app, argc, argv)) return *status;
    if (app.get_subcommands().empty()) {
      fmt::print(stderr, "{}", app.help());
      return support::trouble;
    }
    return support::flush_output() ? 0 : support::trouble;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "tgtrace: {}\n", failure.what());
    return support::trouble;
  }
}
