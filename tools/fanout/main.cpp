// fanout: requests with deadlines, first answer wins. Groups, events and deadlines as a service uses them.
#include <fmt/core.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "background.h"
#include "options.h"
#include "percentiles.h"
#include "service.h"
#include "tools/support/command_line.h"
#include "tools/support/stop_signals.h"

namespace fanout {
namespace {

struct totals {
  std::uint64_t answered = 0;
  std::uint64_t finished = 0;
  std::uint64_t stopped = 0;
  std::uint64_t never_began = 0;
};

totals add_up(const service_run& run) {
  totals sum;
  for (const request_result& result : run.results) {
    sum.answered += result.answered ? 1 : 0;
    sum.finished += result.finished;
    sum.stopped += result.stopped;
    sum.never_began += result.never_began;
  }
  return sum;
}

percentiles latencies_of(const service_run& run) {
  std::vector<std::chrono::nanoseconds> samples;
  samples.reserve(run.results.size());
  for (const request_result& result : run.results) samples.push_back(result.latency);
  return percentiles(std::move(samples));
}

void print_latencies(const percentiles& latencies) {
  const auto us = [&latencies](double percent) {
    return std::chrono::duration<double, std::micro>(latencies.at(percent)).count();
  };
  fmt::print("latency us  p50 {:.0f}  p90 {:.0f}  p99 {:.0f}  p99.9 {:.0f}  max {:.0f}\n", us(50), us(90),
             us(99), us(99.9), us(100));
}

void print_results(const options& wanted, const service_run& run) {
  const totals sum = add_up(run);
  fmt::print("requests    {} of {} replicas in {:.2f} s\n", run.results.size(), wanted.replicas,
             run.taken.count());
  print_latencies(latencies_of(run));
  fmt::print("answered    {}, timed out {}\n", sum.answered, run.results.size() - sum.answered);
  fmt::print("replicas    {} finished, {} stopped early, {} never began\n", sum.finished, sum.stopped,
             sum.never_began);
  const tg::runtime_stats stats = tg::runtime::instance().stats();
  fmt::print("runtime     {} workers, {} more threads, cap of {} blocked tasks reached {} times\n",
             stats.workers, stats.spare_workers, stats.blocked_cap, stats.cap_reached);
}

double rate_for(tg::group& top, const options& wanted) {
  if (wanted.rate) return *wanted.rate;
  const double capacity = measure_capacity(top, wanted);
  const double rate = capacity * wanted.load_percent / 100;
  fmt::print("load        {:g} % of {:.1f} requests/s\n", wanted.load_percent, capacity);
  return rate;
}

int run(const options& wanted) {
  tg::group top("fanout");
  support::stop_on_signals();
  const double rate = rate_for(top, wanted);
  fmt::print("rate        {:.1f} requests/s, deadline {:g} ms, seed {}\n", rate, wanted.deadline_ms,
             wanted.seed);
  std::fflush(stdout);
  std::optional<background_load> background;
  if (wanted.background > 0) background.emplace(top, wanted.background);
  const service_run served = run_service(top, wanted, rate);
  const std::uint64_t units = background ? background->stop() : 0;
  if (served.interrupted) throw std::runtime_error("interrupted");
  print_results(wanted, served);
  if (background) {
    fmt::print("background  {:.1f} units/s\n", static_cast<double>(units) / served.taken.count());
  }
  if (!support::flush_output()) throw std::runtime_error("standard output: not everything could be written");
  return support::found;
}

}  // namespace
}  // namespace fanout

int main(int argc, char** argv) {
  try {
    fanout::options wanted;
    if (const auto status = fanout::read_options(argc, argv, wanted)) return *status;
    return fanout::run(wanted);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "fanout: {}\n", failure.what());
    return support::trouble;
  }
}
