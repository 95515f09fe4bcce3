// A question asked of several libraries: the same work, once for each contender, as one repetition that
// yields one figure. Each *_bench.cpp enters its contests here; main.cpp hands them to Google Benchmark.
#pragma once

#include "bench/support/samples.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

inline constexpr const char* ours = "threadgroup";

// What one repetition has found: the figure in question and what goes with it.
struct outcome {
  double value = 0;
  std::vector<std::pair<std::string, double>> more{};
};

// p50 is the figure; p99 and p99.9 go with it if there are enough samples for them.
outcome percentiles(samples& latencies);

struct contender {
  std::string name;
  std::function<outcome()> run;
  bool in_own_process = false;
};

// To be met: ours at most `factor` times the peer's, or, without a peer, at most `factor` itself. Of several
// peers with a common group name the best one counts.
struct target {
  std::vector<std::string> peers;
  double factor = 1;
  std::string metric = {};  // empty: the figure; else the name of one in `more`
};

struct contest {
  std::string question;  // as in the list of targets: P1 ...
  std::string name;      // family/parameter:value/...
  std::string unit;
  std::vector<contender> contenders;
  std::vector<target> targets{};
  std::string axis{};  // in a growth curve: what grows ...
  double at = 0;       // ... and how far it has grown here
};

// How large the work may be: everything, the targets' own sizes, or just enough to see that it runs.
struct scale {
  bool smoke = false;
  bool growth = false;
  unsigned workers = 2;

  std::size_t count(std::size_t full) const { return smoke ? full / 500 + 1 : full; }
  std::size_t rounds(std::size_t full) const { return smoke ? full / 100 + 2 : full; }
};

using entry_function = std::vector<contest> (*)(const scale&);

// A namespace-scope object in each *_bench.cpp.
class entry {
 public:
  explicit entry(entry_function make);
};

// The contests of all files, in the order of the questions.
std::vector<contest> all_contests(const scale& size);

// What a growth curve's name ends in: task/producers:8 has 8. Throws std::invalid_argument without a number.
double last_number(const std::string& name);

}  // namespace bench
