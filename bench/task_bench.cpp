// What does a task cost? Outside threads add tasks, one joins; the time from the first addition to the end of
// the last task, divided by the tasks.
#include "bench/support/contest.h"
#include "bench/support/pool_peers.h"
#include "bench/support/task_peers.h"

#include <threadgroup/threadgroup.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

struct limit_case {
  const char* name;
  std::uint32_t limit;
};

constexpr limit_case limits[] = {{"1", 1}, {"2", 2}, {"32", 32}, {"none", tg::group::max_limit}};

outcome our_tasks(const task_work& work, std::uint32_t limit) {
  tg::group group({}, {.max_concurrent = limit});
  return ns_per_task(work, [&group](const task_work& now) {
    tg::join_report report;
    const double spent = timed_run(
        now, [&group, ns = now.body_ns] { group.add_task([ns] { burn_ns(ns); }); },
        [&] { report = group.join(); });
    if (report.succeeded != now.count) throw std::logic_error("threadgroup lost a task");
    return spent;
  });
}

void add_pools(contest& to, const task_work& work) {
  for (const pool_peer& peer : pool_peers()) {
    to.contenders.push_back({peer.name, [=] { return peer.tasks(work); }});
  }
}

// What concurrencpp takes counts where it is; where it is not, task_group's part is a little harder.
target last_target() {
  const auto is_it = [](const pool_peer& peer) { return peer.name == concurrencpp_name; };
  if (std::any_of(pool_peers().begin(), pool_peers().end(), is_it)) return {{concurrencpp_name}, 0.5};
  return {{"tbb_task_group"}, 0.3};
}

contest plain(const scale& size, const limit_case& at) {
  const task_work work{.count = size.count(500'000), .workers = size.workers};
  const task_work slow{.count = size.count(2'000), .workers = size.workers};
  contest one{"P2", std::string("task/limit:") + at.name, "ns a task", {}, {}};
  one.contenders = {{ours, [=] { return our_tasks(work, at.limit); }},
                    {"tbb_enqueue", [=] { return tbb_enqueue(work); }},
                    {"tbb_task_group", [=] { return tbb_task_group(work); }}};
  one.targets = {{{"tbb_enqueue"}, 0.2}, {{"tbb_task_group"}, 0.33}, last_target()};
  if (at.limit < 64)
    one.contenders.push_back({"tbb_function_node", [=] { return tbb_function_node(work, at.limit); }});
  if (at.limit == 1) one.contenders.push_back({"asio_strand", [=] { return asio_strand(work); }});
  if (at.limit != tg::group::max_limit) return one;
  add_pools(one, work);
  one.contenders.push_back({"std_async", [=] { return std_async(slow); }});
  one.contenders.push_back({"std_thread", [=] { return std_thread(slow); }});
  return one;
}

// Ours at the default limit, the two ways of oneTBB, and the pools, as one thing grows.
contest grown(const std::string& name, const char* axis, double at, const task_work& work) {
  contest one{"P2",
              name,
              "ns a task",
              {{ours, [=] { return our_tasks(work, 32); }},
               {"tbb_enqueue", [=] { return tbb_enqueue(work); }},
               {"tbb_task_group", [=] { return tbb_task_group(work); }}},
              {},
              axis,
              at};
  add_pools(one, work);
  return one;
}

void add_growth(const scale& size, std::vector<contest>& all) {
  for (std::size_t count : {100u, 1'000u, 10'000u, 100'000u, 1'000'000u}) {
    all.push_back(grown("task/tasks:" + std::to_string(count), "tasks", static_cast<double>(count),
                        {.count = size.count(count),
                         .workers = size.workers,
                         .times = size.smoke ? 1 : std::max<std::size_t>(1, 10'000 / count)}));
  }
  for (unsigned producers : {1u, 2u, 4u, 8u}) {
    all.push_back(grown("task/producers:" + std::to_string(producers), "producers", producers,
                        {.count = size.count(200'000), .producers = producers, .workers = size.workers}));
  }
  for (std::int64_t body_us : {0, 1, 10, 100}) {
    const std::size_t count = body_us == 0 ? 200'000 : 40'000 / static_cast<std::size_t>(body_us);
    all.push_back(grown("task/body_us:" + std::to_string(body_us), "microseconds of work in a task",
                        static_cast<double>(body_us),
                        {.count = size.count(count),
                         .body_ns = body_us * 1000,
                         .workers = size.workers,
                         .times = size.smoke ? 1u : 3u}));
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
