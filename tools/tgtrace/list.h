// tgtrace ls: which processes can be traced, and which traces there are.
#pragma once

#include <CLI/CLI.hpp>

namespace tgtrace {

void add_list(CLI::App& to);

}  // namespace tgtrace
