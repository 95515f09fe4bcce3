// What does a task cost? Outside threads add tasks, one joins; the time from the first addition to the end of
// the last task, divided by the tasks.
#include "bench/support/contest.h"
#include "bench/support/task_peers.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

constexpr std::size_t warm_up = 2000;

struct limit_case {
  const char* name;
  std::uint32_t limit;
};

constexpr limit_case limits[] = {{"1", 1}, {"2", 2}, {"32", 32}, {"none", tg::group::max_limit}};

outcome our_tasks(const task_work& work, std::uint32_t limit) {
  tg::group group({}, {.max_concurrent = limit});
  const auto body = [ns = work.body_ns] { burn_ns(ns); };
  for (std::size_t i = 0; i < warm_up; ++i) group.add_task(body);
  static_cast<void>(group.join());
  const std::int64_t start = now_ns();
  add_from(work.producers, work.count, [&] { group.add_task(body); });
  const tg::join_report report = group.join();
  const auto spent = static_cast<double>(now_ns() - start);
  if (report.succeeded != work.count) throw std::logic_error("threadgroup lost a task");
  return {spent / static_cast<double>(work.count)};
}

contest plain(const scale& size, const limit_case& at) {
  const task_work work{.count = size.count(500'000), .workers = size.workers};
  const task_work slow{.count = size.count(2'000), .workers = size.workers};
  contest one{"P2", std::string("task/limit:") + at.name, "ns a task", {}, {}};
  one.contenders = {{ours, [=] { return our_tasks(work, at.limit); }},
                    {"tbb_enqueue", [=] { return tbb_enqueue(work); }},
                    {"tbb_task_group", [=] { return tbb_task_group(work); }}};
  one.targets = {{{"tbb_enqueue"}, 0.2}, {{"tbb_task_group"}, 0.33}};
  if (has_concurrencpp()) {
    one.contenders.push_back({"concurrencpp", [=] { return concurrencpp_post(work); }});
    one.targets.push_back({{"concurrencpp"}, 0.5});
  } else {
    one.targets.push_back({{"tbb_task_group"}, 0.3});
  }
  if (at.limit == 1) one.contenders.push_back({"asio_strand", [=] { return asio_strand(work); }});
  if (at.limit < 64) {
    one.contenders.push_back({"tbb_function_node", [=] { return tbb_function_node(work, at.limit); }});
    return one;
  }
  one.contenders.push_back({"asio_post", [=] { return asio_post(work); }});
  one.contenders.push_back({"std_async", [=] { return std_async(slow); }});
  one.contenders.push_back({"std_thread", [=] { return std_thread(slow); }});
  if (has_taskflow()) one.contenders.push_back({"taskflow", [=] { return taskflow_async(work); }});
  if (has_bs_thread_pool()) one.contenders.push_back({"bs_thread_pool", [=] { return bs_detach(work); }});
  return one;
}

// A short work is done several times, for one of a few microseconds is a matter of luck.
template <class Run>
std::function<outcome()> median_of_runs(const task_work& work, Run run) {
  const std::size_t times = std::max<std::size_t>(1, 10'000 / work.count);
  return [=] {
    samples runs;
    for (std::size_t i = 0; i < times; ++i) runs.add(run(work).value);
    return outcome{runs.median()};
  };
}

// Ours against the two ways of oneTBB, as one thing grows.
contest grown(const std::string& name, const char* axis, double at, const task_work& work) {
  return {"P2",
          name,
          "ns a task",
          {{ours, median_of_runs(work, [](const task_work& once) { return our_tasks(once, 32); })},
           {"tbb_enqueue", median_of_runs(work, &tbb_enqueue)},
           {"tbb_task_group", median_of_runs(work, &tbb_task_group)}},
          {},
          axis,
          at};
}

void add_growth(const scale& size, std::vector<contest>& all) {
  for (std::size_t count : {100u, 1'000u, 10'000u, 100'000u, 1'000'000u}) {
    all.push_back(grown("task/tasks:" + std::to_string(count), "tasks", static_cast<double>(count),
                        {.count = size.smoke ? count / 500 + 1 : count, .workers = size.workers}));
  }
  for (unsigned producers : {1u, 2u, 4u, 8u}) {
    all.push_back(grown("task/producers:" + std::to_string(producers), "producers", producers,
                        {.count = size.count(200'000), .producers = producers, .workers = size.workers}));
  }
  for (std::int64_t body_us : {0, 1, 10, 100}) {
    const std::size_t count = body_us == 0 ? 200'000 : 40'000 / static_cast<std::size_t>(body_us);
    all.push_back(grown("task/body_us:" + std::to_string(body_us), "microseconds of work in a task",
                        static_cast<double>(body_us),
                        {.count = size.count(count), .body_ns = body_us * 1000, .workers = size.workers}));
  }
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  for (const limit_case& at : limits) all.push_back(plain(size, at));
  if (size.growth) add_growth(size, all);
  return all;
}

const entry task_entry(&contests);

}  // namespace
}  // namespace bench
