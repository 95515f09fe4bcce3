#include "tools/tgtrace/export.h"

#include <memory>
#include <stdexcept>

#include "tools/tgtrace/output_file.h"
#include "tools/tgtrace/reader.h"

namespace tgtrace {
namespace {

struct options {
  std::string file;
  std::string perfetto;
  std::string chrome;
};

void run(const options& wanted) {
  const model m = build_model(read_trace_file(wanted.file));
  if (!wanted.perfetto.empty()) write_file(wanted.perfetto, perfetto_trace(m));
  if (!wanted.chrome.empty()) write_file(wanted.chrome, chrome_trace(m));
}

}  // namespace

void add_export(CLI::App& to) {
  const auto wanted = std::make_shared<options>();
  CLI::App* const command = to.add_subcommand("export", "Writes a trace for other viewers");
  command->add_option("FILE", wanted->file, "A trace: of a running, a killed or a frozen process")
      ->required();
  CLI::Option_group* const forms = command->add_option_group("form", "One of them at least");
  forms->add_option("--perfetto", wanted->perfetto, "As TrackEvent protobuf, for ui.perfetto.dev")
      ->type_name("OUT");
  forms->add_option("--chrome", wanted->chrome, "As JSON of Chrome's trace events")->type_name("OUT");
  forms->require_option(1, 2);
  command->callback([wanted] { run(*wanted); });
}

}  // namespace tgtrace
