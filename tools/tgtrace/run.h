// tgtrace run -- PROG ARGS: records a whole run of a program.
#pragma once

#include <CLI/CLI.hpp>

namespace tgtrace {

void add_run(CLI::App& to);

}  // namespace tgtrace
