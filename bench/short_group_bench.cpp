// A short group: made by an outside thread, given one task or none, joined and destroyed.
#include "bench/support/group_rounds.h"
#include "bench/support/pool_peers.h"

#include <oneapi/tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace bench {
namespace {

// The task does one thing that has to be seen afterwards, so that no part of the way can be left out.
outcome our_one_task(std::size_t count) {
  std::uint64_t ran = 0;
  const outcome found = ns_per_group(count, [&] {
    tg::group group;
    group.add_task([&ran] { ++ran; });
    static_cast<void>(group.join());
  });
  keep(ran);
  return found;
}

outcome tbb_one_task(std::size_t count) {
  std::uint64_t ran = 0;
  const outcome found = ns_per_group(count, [&] {
    tbb::task_group group;
    group.run([&ran] { ++ran; });
    group.wait();
  });
  keep(ran);
  return found;
}

outcome async_one_task(std::size_t count) {
  std::uint64_t ran = 0;
  return ns_per_group(count, [&] { std::async(std::launch::async, [&ran] { ++ran; }).get(); });
}

outcome thread_one_task(std::size_t count) {
  std::uint64_t ran = 0;
  return ns_per_group(count, [&] { std::thread([&ran] { ++ran; }).join(); });
}

outcome our_empty(std::size_t count) {
  return ns_per_group(count, [] { tg::group group; });
}

outcome tbb_empty(std::size_t count) {
  return ns_per_group(count, [] { tbb::task_group group; });
}

// Shown beside: our destructor is allowed without a join and looks for tasks that run, which oneTBB's does not.
outcome tbb_empty_waited(std::size_t count) {
  return ns_per_group(count, [] {
    tbb::task_group group;
    group.wait();
  });
}

// Many at once: all made, then all destroyed.
template <class Group>
outcome alive_together(std::size_t groups, std::size_t times) {
  std::vector<std::unique_ptr<Group>> all(groups);
  outcome found = ns_per_group(times, [&] {
    for (auto& one : all) one = std::make_unique<Group>();
    for (auto& one : all) one.reset();
  });
  found.value /= static_cast<double>(groups);
  return found;
}

std::vector<contest> contests(const scale& size) {
  const std::size_t count = size.count(200'000);
  const std::size_t slow = size.count(2'000);
  std::vector<contest> all;
  all.push_back({"P4",
                 "short_group/one_task",
                 "ns a group",
                 {{ours, [=] { return our_one_task(count); }},
                  {"tbb_task_group", [=] { return tbb_one_task(count); }},
                  {"std_async", [=] { return async_one_task(slow); }},
                  {"std_thread", [=] { return thread_one_task(slow); }}},
                 {{{"tbb_task_group"}, 1.0}}});
  const std::size_t woken = size.count(20'000);
  for (const pool_peer& peer : pool_peers()) {
    all.back().contenders.push_back(
        {peer.name, [=, workers = size.workers] { return peer.short_groups(workers, woken); }});
  }
  all.push_back({"P4",
                 "short_group/empty",
                 "ns a group",
                 {{ours, [=] { return our_empty(count); }},
                  {"tbb_task_group", [=] { return tbb_empty(count); }},
                  {"tbb_task_group_waited", [=] { return tbb_empty_waited(count); }}},
                 {{{"tbb_task_group"}, 1.5}}});
  if (!size.growth) return all;
  for (std::size_t groups : {1u, 10u, 100u, 1'000u, 10'000u, 100'000u}) {
    const std::size_t times = size.count(200'000) / groups + 1;
    all.push_back({"P4",
                   "short_group/alive:" + std::to_string(groups),
                   "ns a group",
                   {{ours, [=] { return alive_together<tg::group>(groups, times); }},
                    {"tbb_task_group", [=] { return alive_together<tbb::task_group>(groups, times); }}},
                   {},
                   "groups alive at once",
                   static_cast<double>(groups)});
  }
  return all;
}

const entry short_group_entry(&contests);

}  // namespace
}  // namespace bench
