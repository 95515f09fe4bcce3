// tgtrace export FILE: for Perfetto's viewer, and for those that read Chrome's JSON.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tools/tgtrace/model.h"

namespace tgtrace {

void add_export(CLI::App& to);

// A Trace of TracePackets, as protobuf.
std::string perfetto_trace(const model& m);
// The "JSON object format" of trace events.
std::string chrome_trace(const model& m);

}  // namespace tgtrace
