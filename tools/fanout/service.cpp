#include "service.h"

#include <threadgroup/threadgroup.h>

#include <random>
#include <stdexcept>

#include "randomness.h"

namespace fanout {
namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

// Requests of the trial run, and how many of them for each worker are in the house at once.
constexpr std::uint32_t trial_requests = 300;
constexpr std::uint32_t trial_requests_a_worker = 2;
// No request has this number: the stream of the arrival times.
constexpr std::uint64_t arrivals = ~std::uint64_t{0};

}  // namespace

double measure_capacity(tg::group& top, const options& wanted) {
  const std::uint32_t workers = tg::runtime::instance().stats().workers;
  tg::group trial(top, "trial", {.max_concurrent = workers * trial_requests_a_worker});
  const auto began = clock::now();
  for (std::uint32_t i = 0; i < trial_requests; ++i) {
    trial.add_task([&wanted, i] { static_cast<void>(serve(wanted, i, clock::now())); });
  }
  trial.join().throw_if_failed();
  if (trial.state().set) throw std::runtime_error("interrupted");
  return trial_requests / seconds(clock::now() - began).count();
}

service_run run_service(tg::group& top, const options& wanted, double rate) {
  service_run run;
  run.results.resize(wanted.requests);
  random_stream random(wanted.seed, arrivals);
  std::exponential_distribution<double> gap_s(rate);

  tg::group service(top, "service", {.max_concurrent = tg::group::max_limit});
  const auto began = clock::now();
  seconds offset(0);
  std::uint32_t sent = 0;
  while (sent < wanted.requests) {
    offset += seconds(gap_s(random));
    const auto due = began + std::chrono::duration_cast<clock::duration>(offset);
    if (!service.event().sleep_until(due)) break;
    service.add_task([&wanted, &run, sent, due] { run.results[sent] = serve(wanted, sent, due); });
    ++sent;
  }
  const tg::join_report report = service.join();
  report.throw_if_failed();
  run.taken = clock::now() - began;
  run.interrupted = service.state().set;
  run.results.resize(run.interrupted ? 0 : sent);
  return run;
}

}  // namespace fanout
