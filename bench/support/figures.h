// Medians and ratios on the terminal, at once: contenders alternate, and a target says whether it is met.
#pragma once

#include "bench/support/contest.h"

namespace bench {

struct figure_options {
  std::size_t repetitions = 9;
  bool ours_alone = false;
};

void print_figures(const std::vector<contest>& contests, const figure_options& options, const scale& size);

// One repetition, after a pause in which the previous contender's workers go to sleep and give their threads
// back: ours linger for the time that runtime_options names.
outcome run_settled(const contest& of, const contender& one, const scale& size);

}  // namespace bench
