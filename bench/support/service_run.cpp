#include "bench/support/service_run.h"

#include "bench/support/pacing.h"
#include "bench/support/real_time.h"

#include <algorithm>

namespace bench {
namespace {

// A service that cannot keep up turns requests away: those that find so many under way, and those whose time is
// over before it has begun with them. Otherwise thousands of threads would pile up.
constexpr std::size_t most_under_way = 256;

// What a request counts for that was turned away or ended by its deadline: all the time it had.
constexpr std::int64_t never_answered_ns = 1'000'000'000;

// A stretch of time: how fast the background was in it, and what else the process spent.
class stretch {
 public:
  explicit stretch(const background_work& background)
      : background_(background), steps_(background.steps.load()), cpu_(processor_ns()), since_(now_ns()) {}

  double steps_per_ns() const { return static_cast<double>(std::max<std::uint64_t>(1, steps())) / elapsed(); }
  // Of one processor; more than 1 of several.
  double other_load() const {
    const std::int64_t on_background = static_cast<std::int64_t>(steps()) * background_work::step_ns;
    return static_cast<double>(std::max<std::int64_t>(0, processor_ns() - cpu_ - on_background)) / elapsed();
  }

 private:
  std::uint64_t steps() const { return background_.steps.load() - steps_; }
  double elapsed() const { return static_cast<double>(now_ns() - since_); }

  const background_work& background_;
  std::uint64_t steps_;
  std::int64_t cpu_;
  std::int64_t since_;
};

double speed_alone(const background_work& background, std::int64_t span_ns) {
  sleep_for_ns(span_ns / 4);
  const stretch alone(background);
  sleep_for_ns(span_ns);
  return alone.steps_per_ns();
}

// Returns how late this thread came to each request.
samples ask_all(service& one, const service_work& work, std::vector<reply>& replies,
                std::atomic<std::size_t>& ended) {
  samples late;
  late.reserve(work.requests.size());
  const real_time as_if_elsewhere;
  std::size_t begun = 0;
  pacer pace;
  for (std::size_t i = 0; i < work.requests.size(); ++i) {
    replies[i].asked_at(pace.next_due(work.requests[i].gap_ns));
    replies[i].count_end_in(ended);
    const std::int64_t late_ns = now_ns() - replies[i].asked_at();
    late.add(late_ns);
    if (late_ns > never_answered_ns || begun - ended.load() >= most_under_way) continue;
    one.serve(work.requests[i], replies[i]);
    ++begun;
  }
  return late;
}

}  // namespace

outcome run_service(service& one, const service_work& work) {
  background_work background{.chains = work.background_chains};
  std::vector<reply> replies(work.requests.size());
  std::atomic<std::size_t> ended{0};
  one.start_background(background);
  const double alone = speed_alone(background, work.alone_ns);
  const stretch beside(background);
  samples late = ask_all(one, work, replies, ended);
  const double slowdown = alone / beside.steps_per_ns();
  const double load = beside.other_load() / work.workers;
  one.finish_requests();
  background.stop.store(true);
  one.finish_background();

  samples latencies;
  double unanswered = 0;
  for (const reply& each : replies) {
    latencies.add(each.is_answered() ? each.latency_ns() : never_answered_ns);
    unanswered += each.is_answered() ? 0 : 1;
  }
  outcome found = percentiles(latencies);
  const outcome lateness = percentiles(late);
  found.more.emplace_back("late_p50", lateness.value);
  for (const auto& [name, value] : lateness.more) found.more.emplace_back("late_" + name, value);
  found.more.insert(found.more.end(),
                    {{"unanswered", unanswered}, {"request_load", load}, {"background_slowdown", slowdown}});
  return found;
}

}  // namespace bench
