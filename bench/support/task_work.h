// "Add many tasks, wait for all": how the work is shared among the threads that add, and how it is timed.
#pragma once

#include "bench/support/contest.h"
#include "bench/support/futex.h"
#include "bench/support/timing.h"

#include <algorithm>
#include <thread>
#include <vector>

namespace bench {

struct task_work {
  std::size_t count = 0;
  std::int64_t body_ns = 0;
  unsigned producers = 1;
  unsigned workers = 2;
  std::size_t times = 1;  // a short work is done several times: one of a few microseconds is a matter of luck
};

struct on_the_thread_itself {
  template <class Body>
  void operator()(Body&& body) const {
    body();
  }
};

// The calling thread and `producers - 1` others add, each inside `enter`; then the calling thread waits. The
// clock runs from when all stand ready until the wait is over: ns.
template <class Add, class Wait, class Enter = on_the_thread_itself>
double timed_run(const task_work& work, Add&& add, Wait&& wait, Enter&& enter = {}) {
  const std::size_t share = work.count / work.producers;
  countdown standing(work.producers - 1), added(work.producers - 1);
  gate go;
  std::vector<std::thread> others;
  for (unsigned i = 1; i < work.producers; ++i) {
    others.emplace_back([&] {
      enter([&] {
        standing.done();
        go.wait(1);
        for (std::size_t k = 0; k < share; ++k) add();
        added.done();
      });
    });
  }
  standing.wait();
  const std::int64_t start = now_ns();
  go.open(1);
  for (std::size_t k = share * (work.producers - 1); k < work.count; ++k) add();
  added.wait();
  wait();
  const auto spent = static_cast<double>(now_ns() - start);
  for (std::thread& other : others) other.join();
  return spent;
}

// `run(work)` does the work once and answers with its ns.
template <class Run>
outcome ns_per_task(const task_work& work, Run&& run) {
  constexpr std::size_t warm_up = 2000;
  run(task_work{.count = std::min(warm_up, work.count), .workers = work.workers});
  samples runs;
  for (std::size_t i = 0; i < work.times; ++i) runs.add(run(work) / static_cast<double>(work.count));
  return {runs.median()};
}

// On a pool with post(body), which has the body run elsewhere: tasks count down, the last wakes who waits.
template <class Pool>
outcome tasks_on(Pool& pool, const task_work& work) {
  return ns_per_task(work, [&pool](const task_work& now) {
    countdown left(now.count);
    const auto add = [&pool, &left, ns = now.body_ns] {
      pool.post([&left, ns] {
        burn_ns(ns);
        left.done();
      });
    };
    return timed_run(now, add, [&left] { left.wait(); });
  });
}

}  // namespace bench
