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
  return {latencies.median(), {{"p99", latencies.quantile(0.99)}, {"p99.9", latencies.quantile(0.999)}}};
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

std::vector<std::string> absent_peers() {
  std::vector<std::string> absent;
#if !__has_include(<taskflow/taskflow.hpp>)
  absent.emplace_back("Taskflow");
#endif
#if !__has_include(<BS_thread_pool.hpp>)
  absent.emplace_back("BS::thread_pool");
#endif
#if !__has_include(<concurrencpp/concurrencpp.h>)
  absent.emplace_back("concurrencpp");
#endif
  return absent;
}

}  // namespace bench
