#include "bench/support/contest.h"

#include <algorithm>
#include <cstdlib>

namespace bench {
namespace {

std::vector<entry_function>& entries() {
  static std::vector<entry_function> all;
  return all;
}

int number_of(const contest& one) { return std::atoi(one.question.c_str() + 1); }

}  // namespace

outcome percentiles(samples& latencies) {
  outcome found{latencies.median()};
  if (latencies.size() >= 100) found.more.emplace_back("p99", latencies.quantile(0.99));
  if (latencies.size() >= 1000) found.more.emplace_back("p99.9", latencies.quantile(0.999));
  return found;
}

entry::entry(entry_function make) { entries().push_back(make); }

std::vector<contest> all_contests(const scale& size) {
  std::vector<contest> all;
  for (entry_function make : entries()) {
    for (contest& one : make(size)) all.push_back(std::move(one));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const contest& a, const contest& b) { return number_of(a) < number_of(b); });
  return all;
}

double last_number(const std::string& name) { return std::stod(name.substr(name.rfind(':') + 1)); }

}  // namespace bench
