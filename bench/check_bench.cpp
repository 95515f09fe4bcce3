// What does a check of the event cost? A loop of checks, none of which ever finds it set.
#include "bench/support/contest.h"
#include "bench/support/timing.h"

#include <oneapi/tbb/task_group.h>
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <memory>
#include <stop_token>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t chunk = 500'000;

// The median of many short runs: one that a neighbour interrupts does not count.
template <class Check>
outcome ns_per_check(std::size_t count, Check&& check) {
  samples runs;
  for (std::size_t done = 0; done < count; done += chunk) {
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < chunk; ++i) keep(check());
    runs.add(static_cast<double>(now_ns() - start) / chunk);
  }
  return {runs.median()};
}

// Asks for one bit, as ours does: a look at the whole word compiles to other instructions.
outcome raw_load(std::size_t count) {
  const auto word = std::make_unique<std::atomic<std::uint64_t>>(0);
  return ns_per_check(count,
                      [flag = word.get()] { return (flag->load(std::memory_order_acquire) & 1) != 0; });
}

outcome std_stop_token(std::size_t count) {
  std::stop_source source;
  return ns_per_check(count, [token = source.get_token()] { return token.stop_requested(); });
}

outcome view(std::size_t count) {
  tg::group group;
  return ns_per_check(count, [event = group.event()] { return event.is_set(); });
}

// `run` has a body run in a task and waits for it.
template <class Run, class Check>
outcome within_a_task(std::size_t count, Run&& run, Check&& check) {
  outcome found;
  run([&] { found = ns_per_check(count, check); });
  return found;
}

outcome tbb_in_task(std::size_t count) {
  tbb::task_group tasks;
  return within_a_task(
      count, [&](auto body) { tasks.run_and_wait(body); }, &tbb::is_current_task_group_canceling);
}

outcome in_task(std::size_t count) {
  tg::group group;
  return within_a_task(
      count,
      [&](auto body) {
        group.add_task(body);
        group.join().throw_if_failed();
      },
      &tg::this_task::event_set);
}

outcome at_depth(std::size_t count, std::size_t depth) {
  std::vector<std::unique_ptr<tg::group>> chain;
  chain.push_back(std::make_unique<tg::group>());
  while (chain.size() < depth) chain.push_back(std::make_unique<tg::group>(*chain.back(), "deeper"));
  const outcome found = ns_per_check(count, [event = chain.back()->event()] { return event.is_set(); });
  while (!chain.empty()) chain.pop_back();
  return found;
}

std::vector<contest> contests(const scale& size) {
  const std::size_t count = size.count(20'000'000);
  std::vector<contest> all;
  all.push_back({"P1",
                 "check/by_view",
                 "ns a check",
                 {{ours, [=] { return view(count); }},
                  {"raw_acquire_load", [=] { return raw_load(count); }},
                  {"std_stop_token", [=] { return std_stop_token(count); }}},
                 {{{"raw_acquire_load"}, 1.1}}});
  all.push_back(
      {"P1",
       "check/in_task",
       "ns a check",
       {{ours, [=] { return in_task(count); }}, {"tbb_is_canceling", [=] { return tbb_in_task(count); }}},
       {{{"tbb_is_canceling"}, 0.3}}});
  if (!size.growth) return all;
  for (std::size_t depth : {1u, 10u, 100u, 1000u}) {
    all.push_back({"P1",
                   "check/depth:" + std::to_string(depth),
                   "ns a check",
                   {{ours, [=] { return at_depth(count, depth); }}},
                   {},
                   "groups above each other",
                   static_cast<double>(depth)});
  }
  return all;
}

const entry check_entry(&contests);

}  // namespace
}  // namespace bench
