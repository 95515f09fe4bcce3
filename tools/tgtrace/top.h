// tgtrace top PID: the tree of groups of a process, again and again.
#pragma once

#include <CLI/CLI.hpp>

namespace tgtrace {

void add_top(CLI::App& to);

}  // namespace tgtrace
