// The command line of threadgroup_bench, apart from what is Google Benchmark's.
#pragma once

#include "bench/support/contest.h"
#include "bench/support/figures.h"

#include <string>
#include <vector>

namespace bench {

struct options {
  bool figures = false;    // medians and ratios at once, without Google Benchmark
  bool catalogue = false;  // say as JSON what there is, run nothing
  bool progress = false;   // a line on the standard error before each repetition
  bool help = false;
  scale size;
  figure_options figure;
  std::string alone;              // contest/contender: that one, once, its outcome in lines
  std::vector<std::string> only;  // questions (P2) or parts of names; empty: all
  std::vector<char*> rest;        // argv[0] and what begins with --benchmark_
};

// Throws std::invalid_argument that names the option and its value.
options parse_options(int argc, char** argv);

extern const char* const usage;

// The contests that `only` asks for. Throws std::invalid_argument if there is none.
std::vector<contest> chosen_contests(const options& given);

}  // namespace bench
