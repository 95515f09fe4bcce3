// tgtrace attach PID: records a process that runs already.
#pragma once

#include <CLI/CLI.hpp>

namespace tgtrace {

void add_attach(CLI::App& to);

}  // namespace tgtrace
