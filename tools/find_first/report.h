// What is told about the search: a line while it runs, a summary at the end.
#pragma once

#include <string>

#include "options.h"
#include "search.h"
#include "tally.h"

namespace find_first {

std::string progress_line(const tally& counts);
std::string tree_text(const tg::forest_snapshot& forest);
std::string summary_text(const tally& counts, const ending& how);
// As grep does it: see options.cpp.
int status_of(const options& wanted, const tally& counts, const ending& how);

}  // namespace find_first
