#include "request.h"

#include <threadgroup/threadgroup.h>

#include <atomic>
#include <random>

#include "randomness.h"
#include "work.h"

namespace fanout {
namespace {

using clock = std::chrono::steady_clock;
using microseconds = std::chrono::duration<double, std::micro>;

constexpr double shortest_work_us = 20;
constexpr double longest_work_us = 200;

struct replica {
  microseconds wait{};
  microseconds work{};
};

struct progress {
  std::atomic<std::uint32_t> finished{0};
  std::atomic<std::uint32_t> stopped{0};
};

replica draw_replica(const options& wanted, random_stream& random) {
  std::uniform_real_distribution<double> wait_us(0, wanted.wait_us);
  std::uniform_real_distribution<double> work_us(shortest_work_us, longest_work_us);
  return {microseconds(wait_us(random)), microseconds(work_us(random))};
}

void run_replica(const replica& self, progress& request) {
  const bool finished = tg::this_task::event_aware_sleep(self.wait) &&
                        work_for(std::chrono::duration_cast<std::chrono::nanoseconds>(self.work));
  (finished ? request.finished : request.stopped).fetch_add(1);
  if (finished) tg::this_task::notify();
}

}  // namespace

request_result serve(const options& wanted, std::uint64_t number, clock::time_point due) {
  progress seen;
  random_stream random(wanted.seed, number);
  const auto patience = std::chrono::duration<double, std::milli>(wanted.deadline_ms);
  const tg::group_options chosen{.max_concurrent = wanted.replicas,
                                 .deadline = due + std::chrono::duration_cast<clock::duration>(patience)};

  tg::group replicas("request", chosen);
  for (std::uint32_t i = 0; i < wanted.replicas; ++i) {
    replicas.add_task([self = draw_replica(wanted, random), &seen] { run_replica(self, seen); });
  }
  // Without a time-out of its own: the deadline sets the event.
  const tg::condition how =
      replicas.wait_for_condition([&seen] { return seen.finished.load() > 0; }, clock::duration::max());

  request_result result;
  result.latency = clock::now() - due;
  result.answered = how == tg::condition::met;
  const tg::join_report report = replicas.join();
  report.throw_if_failed();
  result.finished = seen.finished.load();
  result.stopped = seen.stopped.load();
  result.never_began = static_cast<std::uint32_t>(report.skipped);
  return result;
}

}  // namespace fanout
