// Contenders that need a process of their own: oneTBB's number of threads is one for the whole process, and
// who asks for the fewest wins.
#pragma once

#include "bench/support/contest.h"

#include <string>

namespace bench {

// Runs `full_name` (contest/contender) once, in a new process of this program. Throws std::runtime_error with
// what the child said if it fails.
outcome run_in_own_process(const std::string& full_name, const scale& size);

// The child's side: what run_in_own_process() reads.
void print_outcome(const outcome& found);

}  // namespace bench
