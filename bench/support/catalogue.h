// What the suite contains, as JSON: for tools/bench, which draws the tables and curves.
#pragma once

#include "bench/support/contest.h"

#include <string>

namespace bench {

// {"contests": [...], "absent": [...], "optimised": true, "compiler": "..."}
std::string catalogue_json(const std::vector<contest>& contests, std::size_t repetitions);

}  // namespace bench
