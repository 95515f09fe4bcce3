// What does tracing cost? The work of P2, empty tasks from one outside thread: while nobody records, against a build of the
// library that cannot record, and while everything is recorded, three records a task.
#include "bench/support/contest.h"
#include "bench/untraced/empty_tasks.h"
#include "bench/untraced/untraced.h"

#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

constexpr double records_per_task = 3;
constexpr const char* untraced = "threadgroup_untraced";
constexpr int pairs = 5;
constexpr double most_ns_per_record = 20;
constexpr double most_while_off = 1.02;  // of what the build without tracing takes

double traced(std::size_t count, std::uint32_t limit) {
  if (!tg::trace::start()) throw std::runtime_error("the recorder could not be switched on");
  const double spent = ns_per_task(count, limit);
  tg::trace::stop();
  return spent;
}

// Turn about, so that both see the same machine.
outcome ns_per_record(std::size_t count, std::uint32_t limit) {
  std::vector<double> costs;
  for (int i = 0; i < pairs; ++i) {
    const double off = ns_per_task(count, limit);
    costs.push_back((traced(count, limit) - off) / records_per_task);
  }
  std::nth_element(costs.begin(), costs.begin() + pairs / 2, costs.end());
  return {costs[pairs / 2]};
}

std::vector<contest> contests(const scale& size) {
  const std::size_t count = size.count(500'000);
  std::vector<contest> out;
  for (const std::uint32_t limit : {1u, 2u}) {
    const std::string at = "/limit:" + std::to_string(limit);
    out.push_back({"P11",
                   "trace_task" + at,
                   "ns a task",
                   {{ours, [=] { return outcome{ns_per_task(count, limit)}; }},
                    {untraced, [=] { return outcome{untraced_ns_per_task(count, limit)}; }},
                    {"threadgroup_traced", [=] { return outcome{traced(count, limit)}; }}},
                   {{{untraced}, most_while_off}}});
    out.push_back({"P11",
                   "trace_record" + at,
                   "ns a record",
                   {{ours, [=] { return ns_per_record(count, limit); }}},
                   {{{}, most_ns_per_record}}});
  }
  return out;
}

const entry trace_entry(&contests);

}  // namespace
}  // namespace bench
