// Cold start: from handing a task to an idle runtime to the task's first instruction; who asked sleeps
// meanwhile.
#include "bench/support/contest.h"
#include "bench/support/futex.h"
#include "bench/support/task_peers.h"
#include "bench/support/tbb_peer.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

#include <future>
#include <thread>

namespace bench {
namespace {

struct start_work {
  std::size_t rounds = 0;
  std::int64_t gap_ns = 0;  // how long the runtime has been idle
  unsigned workers = 2;
};

// `hand_over(first)` has first() called elsewhere.
template <class HandOver>
outcome rounds_of(const start_work& work, HandOver&& hand_over) {
  samples spans;
  gate started;
  std::atomic<std::int64_t> at{0};
  pacer pace;
  for (std::uint32_t round = 1; round <= work.rounds + 1; ++round) {
    const std::int64_t start = pace.next(work.gap_ns);
    hand_over([&at, &started, round] {
      at.store(now_ns());
      started.open(round, 1);
    });
    started.wait(round);
    if (round > 1) spans.add(at.load() - start);
  }
  return percentiles(spans);
}

outcome our_start(const start_work& work) {
  tg::group group;
  const outcome found = rounds_of(work, [&](auto first) { group.add_task(first); });
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
  const outcome found = rounds_of(work, [&](auto first) {
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
  return rounds_of(work, [&](auto first) { arena.enqueue(first); });
}

outcome asio_pool(const start_work& work) {
  asio::thread_pool pool(work.workers);
  return rounds_of(work, [&](auto first) { asio::post(pool, first); });
}

outcome thread(const start_work& work) {
  std::thread last;
  const outcome found = rounds_of(work, [&](auto first) {
    if (last.joinable()) last.join();
    last = std::thread(first);
  });
  last.join();
  return found;
}

outcome async(const start_work& work) {
  std::future<void> last;
  return rounds_of(work, [&](auto first) { last = std::async(std::launch::async, first); });
}

contest starting(const std::string& name, const start_work& work) {
  return {"P7",
          name,
          "ns to the first instruction",
          {{ours, [=] { return our_start(work); }},
           {"bare_futex", [=] { return bare_futex(work); }},
           {"tbb_enqueue", [=] { return enqueue(work); }},
           {"asio_post", [=] { return asio_pool(work); }},
           {"std_thread", [=] { return thread(work); }},
           {"std_async", [=] { return async(work); }}}};
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  all.push_back(starting("cold_start/idle_ms:1", {size.rounds(300), 1'000'000, size.workers}));
  all.back().targets = {{{"bare_futex"}, 1.3}, {{"tbb_enqueue"}, 1.0}};
  all.push_back(starting("cold_start/idle_ms:50", {size.rounds(20), 50'000'000, size.workers}));
  all.back().targets = {{{"tbb_enqueue"}, 1.0}};
  return all;
}

const entry cold_start_entry(&contests);

}  // namespace
}  // namespace bench
