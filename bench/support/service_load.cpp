#include "bench/support/service_load.h"

#include <algorithm>
#include <random>

namespace bench {
namespace {

// A sleep and its end, as a thread's own processor time, measured on the machine of the first figures. The same
// number everywhere, so that results of two machines stand for the same requests.
constexpr std::int64_t sleep_cost_ns = 10'000;

std::int64_t ideal_cost_ns(const request& one) {
  std::int64_t first = INT64_MAX;
  for (const replica_cost& cost : one.costs) first = std::min(first, cost.wait_ns + cost.work_ns);
  std::int64_t spent = replicas * sleep_cost_ns;
  for (const replica_cost& cost : one.costs)
    spent += std::clamp<std::int64_t>(first - cost.wait_ns, 0, cost.work_ns);
  return spent;
}

}  // namespace

std::vector<request> draw_requests(double load, unsigned processors, std::int64_t span_ns) {
  std::mt19937_64 random(20'260);
  std::uniform_int_distribution<std::int64_t> wait(50'000, 1'000'000), work(20'000, 200'000);
  std::vector<request> all(10'000);
  double total = 0;
  for (request& one : all) {
    for (replica_cost& cost : one.costs) cost = {wait(random), work(random)};
    total += static_cast<double>(ideal_cost_ns(one));
  }
  const double mean_gap = total / static_cast<double>(all.size()) / (load * processors);
  std::exponential_distribution<double> gap(1 / mean_gap);
  std::int64_t end = 0;
  std::size_t used = 0;
  for (; used < all.size() && end < span_ns; ++used)
    end += all[used].gap_ns = static_cast<std::int64_t>(gap(random));
  all.resize(used);
  return all;
}

}  // namespace bench
