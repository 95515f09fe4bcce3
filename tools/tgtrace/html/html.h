// tgtrace html FILE -o OUT: the trace as one page that needs nothing else.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

void add_html(CLI::App& to);

// Of more tasks than `most_tasks` the oldest are left out of the timeline; the figures are of all.
std::string html_page(const model& m, const findings& found, std::size_t most_tasks);

}  // namespace tgtrace
