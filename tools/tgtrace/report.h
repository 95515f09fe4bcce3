// tgtrace report FILE: what a trace tells, as text or as JSON.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/model.h"

namespace tgtrace {

void add_report(CLI::App& to);

struct shown_parts {
  std::size_t groups = 20;  // those that took most time
  std::size_t paths = 3;    // the longest
};

std::string report_text(const model& m, const findings& found, const shown_parts& parts);
// Times in nanoseconds; every group and every path.
std::string report_json(const model& m, const findings& found);

}  // namespace tgtrace
