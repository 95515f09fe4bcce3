#include "bench/support/task_peers.h"

#include "bench/support/tbb_peer.h"

#include <oneapi/tbb/flow_graph.h>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include <future>

namespace bench {
namespace {

// Starts one after the other, then ends what was started one after the other.
template <class Started, class Start, class End>
outcome one_by_one(const task_work& work, Start&& start, End&& end) {
  return ns_per_task(work, [&](const task_work& now) {
    std::vector<Started> all;
    all.reserve(now.count);
    return timed_run(
        now, [&] { all.push_back(start(now.body_ns)); },
        [&] {
          for (Started& one : all) end(one);
        });
  });
}

struct arena_pool {
  tbb::task_arena& arena;
  template <class Body>
  void post(Body&& body) {
    arena.enqueue(std::forward<Body>(body));
  }
};

struct strand_pool {
  asio::strand<asio::thread_pool::executor_type> strand;
  template <class Body>
  void post(Body&& body) {
    asio::post(strand, std::forward<Body>(body));
  }
};

}  // namespace

outcome tbb_enqueue(const task_work& work) {
  arena_pool pool{worker_arena(work.workers)};
  return tasks_on(pool, work);
}

// Every thread that adds has a place in the arena, so that its tasks do not end up in one of its own.
outcome tbb_task_group(const task_work& work) {
  tbb::task_arena& arena = joined_arena(work.workers, work.producers);
  return arena.execute([&] {
    tbb::task_group tasks;
    return ns_per_task(work, [&](const task_work& now) {
      return timed_run(
          now, [&tasks, ns = now.body_ns] { tasks.run([ns] { burn_ns(ns); }); }, [&tasks] { tasks.wait(); },
          [&arena](auto&& body) { arena.execute(body); });
    });
  });
}

outcome tbb_function_node(const task_work& work, unsigned limit) {
  return joined_arena(work.workers).execute([&] {
    tbb::flow::graph graph;
    tbb::flow::function_node<std::int64_t, tbb::flow::continue_msg> node(graph, limit, &burn_ns);
    return ns_per_task(work, [&](const task_work& now) {
      return timed_run(
          now, [&] { node.try_put(now.body_ns); }, [&] { graph.wait_for_all(); });
    });
  });
}

outcome asio_strand(const task_work& work) {
  asio::thread_pool threads(work.workers);
  strand_pool pool{asio::make_strand(threads)};
  return tasks_on(pool, work);
}

outcome std_async(const task_work& work) {
  return one_by_one<std::future<void>>(
      work, [](std::int64_t ns) { return std::async(std::launch::async, &burn_ns, ns); },
      [](std::future<void>& one) { one.get(); });
}

outcome std_thread(const task_work& work) {
  return one_by_one<std::thread>(
      work, [](std::int64_t ns) { return std::thread(&burn_ns, ns); }, [](std::thread& one) { one.join(); });
}

}  // namespace bench
