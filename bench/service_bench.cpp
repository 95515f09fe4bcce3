// A service: requests at a fixed rate, each a group with a deadline that asks ten replicas; the first answer
// wins and the rest stop. A background group works beside it, and should not lose more than it has to.
#include "bench/support/contest.h"
#include "bench/support/service_load.h"
#include "bench/support/service_peers.h"
#include "bench/support/service_run.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <chrono>
#include <memory>

namespace bench {
namespace {

using namespace std::chrono_literals;

class our_service final : public service {
 public:
  explicit our_service(unsigned background) : background_("background", {.max_concurrent = background}) {}

  void serve(const request& asked, reply& answer) override {
    requests_.add_task([&asked, &answer] {
      handle(asked, answer);
      answer.finished();
    });
  }
  void finish_requests() override { requests_.join().throw_if_failed(); }

  void start_background(background_work& work) override {
    for (unsigned i = 0; i < work.chains; ++i) background_.add_task([this, &work] { go_on(work); });
  }
  void finish_background() override { static_cast<void>(background_.join()); }

 private:
  static void handle(const request& asked, reply& answer) {
    tg::group group("request", {.deadline = answer.due() + 1s});
    for (const replica_cost& cost : asked.costs) {
      group.add_task([&cost, &answer, &group] {
        if (!tg::this_task::event_aware_sleep(std::chrono::nanoseconds(cost.wait_ns))) return;
        if (!burn_unless(cost.work_ns, [] { return tg::this_task::event_set(); })) return;
        answer.first_wins();
        group.set_event();
      });
    }
    static_cast<void>(group.join());
  }

  void go_on(background_work& work) {
    if (work.one_step()) background_.add_task([this, &work] { go_on(work); });
  }

  tg::group requests_{"requests", {.max_concurrent = tg::group::max_limit}};
  tg::group background_;
};

contest at_load(const scale& size, unsigned percent) {
  const service_work work{
      .requests = draw_requests(percent / 100.0, size.workers, size.smoke ? 20'000'000 : 1'000'000'000),
      .workers = size.workers,
      .background_chains = std::max(1u, size.workers / 2),
      .alone_ns = size.smoke ? 5'000'000 : 200'000'000};
  const auto shared = std::make_shared<const service_work>(work);
  const unsigned workers = size.workers;
  contest one{"P12", "service/load_percent:" + std::to_string(percent), "ns to the first answer", {}, {}};
  one.contenders = {
      {ours, [=] { return run_service(our_service(shared->background_chains), *shared); }, true},
      {"tbb_task_group", [=] { return run_service(*tbb_service(workers), *shared); }, true},
      {"tbb_task_group_cv", [=] { return run_service(*tbb_notified_service(workers), *shared); }, true},
      {"std_async", [=] { return run_service(*async_service(), *shared); }, true}};
  for (const char* metric : {"", "p99", "p99.9", "background_slowdown"}) {
    one.targets.push_back({{"tbb_task_group", "tbb_task_group_cv", "std_async"}, 1.0, metric});
  }
  one.axis = "percent load";
  one.at = percent;
  return one;
}

std::vector<contest> contests(const scale& size) {
  return {at_load(size, 20), at_load(size, 50), at_load(size, 80)};
}

const entry service_entry(&contests);

}  // namespace
}  // namespace bench
