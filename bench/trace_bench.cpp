// What does tracing cost? The work of P2, empty tasks from one outside thread, while nobody records and while
// everything is recorded: three records a task.
#include "bench/support/contest.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t warm_up = 2000;
constexpr double records_per_task = 3;
constexpr int pairs = 5;
constexpr double most_ns_per_record = 20;

double ns_per_task(std::size_t count, std::uint32_t limit) {
  tg::group group({}, {.max_concurrent = limit});
  for (std::size_t i = 0; i < warm_up; ++i) group.add_task([] {});
  static_cast<void>(group.join());
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < count; ++i) group.add_task([] {});
  const tg::join_report report = group.join();
  const auto spent = static_cast<double>(now_ns() - start);
  if (report.succeeded != count) throw std::logic_error("threadgroup lost a task");
  return spent / static_cast<double>(count);
}

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
                    {"threadgroup_traced", [=] { return outcome{traced(count, limit)}; }}}});
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
