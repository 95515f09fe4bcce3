// Cold start: from handing a task to an idle runtime to the task's first instruction; who asked sleeps
// meanwhile.
#include "bench/support/pool_peers.h"
#include "bench/support/tbb_peer.h"

#include <oneapi/tbb/global_control.h>
#include <threadgroup/threadgroup.h>

#include <future>
#include <thread>

namespace bench {
namespace {

outcome our_start(const start_work& work) {
  tg::group group;
  const outcome found = start_rounds(work, [&](auto first) { group.add_task(first); });
  group.join().throw_if_failed();
  return found;
}

// One thread on one futex, with the task in a variable: less is not possible.
outcome bare_futex(const start_work& work) {
  gate handed;
  std::uint32_t round = 0;
  std::function<void()> task;
  std::thread worker([&] {
    for (std::uint32_t next = 1;; ++next) {
      handed.wait(next);
      if (!task) return;
      task();
    }
  });
  const outcome found = start_rounds(work, [&](auto first) {
    task = first;
    handed.open(++round, 1);
  });
  task = nullptr;
  handed.open(++round, 1);
  worker.join();
  return found;
}

outcome enqueue(const start_work& work) {
  tbb::task_arena& arena = worker_arena(work.workers);
  return start_rounds(work, [&](auto first) { arena.enqueue(first); });
}

outcome thread(const start_work& work) {
  std::thread last;
  const outcome found = start_rounds(work, [&](auto first) {
    if (last.joinable()) last.join();
    last = std::thread(first);
  });
  last.join();
  return found;
}

outcome async(const start_work& work) {
  std::future<void> last;
  return start_rounds(work, [&](auto first) { last = std::async(std::launch::async, first); });
}

// The price of a quick start must not be a spinning process: what all threads spend in a second without work, the
// time in which workers linger included.
template <class Post>
outcome idle_second(const scale& size, Post&& post) {
  constexpr std::size_t before = 1000;
  const std::int64_t span = size.smoke ? 20'000'000 : 1'000'000'000;
  countdown left(before);
  for (std::size_t i = 0; i < before; ++i) post([&left] { left.done(); });
  left.wait();
  const std::int64_t start = processor_ns();
  sleep_for_ns(span);
  return {static_cast<double>(processor_ns() - start) * 1e9 / static_cast<double>(span)};
}

outcome our_idle_second(const scale& size) {
  tg::group group;
  const outcome found = idle_second(size, [&](auto body) { group.add_task(body); });
  group.join().throw_if_failed();
  return found;
}

outcome tbb_idle_second(const scale& size) {
  // Alone in its process oneTBB gives one worker less than there are processors.
  const tbb::global_control enough(tbb::global_control::max_allowed_parallelism, size.workers + 1);
  tbb::task_arena& arena = worker_arena(size.workers);
  return idle_second(size, [&](auto body) { arena.enqueue(body); });
}

// Each in a process of its own: of another contender's threads nothing is to be seen.
contest idling(const scale& size) {
  return {"P7",
          "cold_start/idle_second",
          "ns of processor time",
          {{ours, [=] { return our_idle_second(size); }, true},
           {"tbb_enqueue", [=] { return tbb_idle_second(size); }, true}},
          {{{}, 10'000'000}}};
}

contest starting(const std::string& name, const start_work& work) {
  contest one{"P7",
              name,
              "ns to the first instruction",
              {{ours, [=] { return our_start(work); }},
               {"bare_futex", [=] { return bare_futex(work); }},
               {"tbb_enqueue", [=] { return enqueue(work); }},
               {"std_thread", [=] { return thread(work); }},
               {"std_async", [=] { return async(work); }}}};
  for (const pool_peer& peer : pool_peers()) {
    one.contenders.push_back({peer.name, [=] { return peer.starts(work); }});
  }
  return one;
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  all.push_back(starting("cold_start/idle_ms:1", {size.rounds(500), 1'000'000, size.workers}));
  all.back().targets = {{{"bare_futex"}, 1.3}, {{"tbb_enqueue"}, 1.0}};
  all.push_back(starting("cold_start/idle_ms:50", {size.rounds(30), 50'000'000, size.workers}));
  all.back().targets = {{{"tbb_enqueue"}, 1.0}};
  all.push_back(idling(size));
  if (!size.growth) return all;
  all.push_back(starting("cold_start/idle_ms:10", {size.rounds(100), 10'000'000, size.workers}));
  for (contest& one : all) {
    if (one.name.find("idle_ms") == std::string::npos) continue;
    one.axis = "milliseconds idle before";
    one.at = last_number(one.name);
  }
  return all;
}

const entry cold_start_entry(&contests);

}  // namespace
}  // namespace bench
