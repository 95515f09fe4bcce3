#include "bench/support/task_peers.h"

#include "bench/support/futex.h"
#include "bench/support/tbb_peer.h"
#include "bench/support/timing.h"

#include <oneapi/tbb/flow_graph.h>
#include <asio/post.hpp>
#include <asio/strand.hpp>
#include <asio/thread_pool.hpp>

#include <future>

namespace bench {
namespace {

constexpr std::size_t warm_up = 2000;

double per_task(std::int64_t start, const task_work& work) {
  return static_cast<double>(now_ns() - start) / static_cast<double>(work.count);
}

// Adds with `add(countdown&)`, where each task ends with countdown::done().
template <class Add>
outcome counted(const task_work& work, Add&& add) {
  countdown warm(warm_up);
  for (std::size_t i = 0; i < warm_up; ++i) add(warm);
  warm.wait();
  countdown left(work.count);
  const std::int64_t start = now_ns();
  add_from(work.producers, work.count, [&] { add(left); });
  left.wait();
  return {per_task(start, work)};
}

asio::thread_pool& asio_pool(unsigned workers) {
  static asio::thread_pool pool(workers);
  return pool;
}

}  // namespace

outcome tbb_enqueue(const task_work& work) {
  tbb::task_arena& arena = worker_arena(work.workers);
  return counted(work, [&arena, ns = work.body_ns](countdown& left) {
    arena.enqueue([&left, ns] {
      burn_ns(ns);
      left.done();
    });
  });
}

outcome tbb_task_group(const task_work& work) {
  outcome found;
  joined_arena(work.workers).execute([&] {
    tbb::task_group tasks;
    const auto body = [ns = work.body_ns] { burn_ns(ns); };
    for (std::size_t i = 0; i < warm_up; ++i) tasks.run(body);
    tasks.wait();
    const std::int64_t start = now_ns();
    add_from(work.producers, work.count, [&] { tasks.run(body); });
    tasks.wait();
    found = {per_task(start, work)};
  });
  return found;
}

outcome tbb_function_node(const task_work& work, unsigned limit) {
  outcome found;
  joined_arena(work.workers).execute([&] {
    tbb::flow::graph graph;
    tbb::flow::function_node<int, tbb::flow::continue_msg> node(graph, limit,
                                                                [ns = work.body_ns](int) { burn_ns(ns); });
    for (std::size_t i = 0; i < warm_up; ++i) node.try_put(0);
    graph.wait_for_all();
    const std::int64_t start = now_ns();
    add_from(work.producers, work.count, [&] { node.try_put(0); });
    graph.wait_for_all();
    found = {per_task(start, work)};
  });
  return found;
}

outcome asio_post(const task_work& work) {
  asio::thread_pool& pool = asio_pool(work.workers);
  return counted(work, [&pool, ns = work.body_ns](countdown& left) {
    asio::post(pool, [&left, ns] {
      burn_ns(ns);
      left.done();
    });
  });
}

outcome asio_strand(const task_work& work) {
  const auto strand = asio::make_strand(asio_pool(work.workers));
  return counted(work, [&strand, ns = work.body_ns](countdown& left) {
    asio::post(strand, [&left, ns] {
      burn_ns(ns);
      left.done();
    });
  });
}

outcome std_async(const task_work& work) {
  std::vector<std::future<void>> all;
  all.reserve(work.count);
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < work.count; ++i) {
    all.push_back(std::async(std::launch::async, &burn_ns, work.body_ns));
  }
  for (std::future<void>& one : all) one.get();
  return {per_task(start, work)};
}

outcome std_thread(const task_work& work) {
  std::vector<std::thread> all;
  all.reserve(work.count);
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < work.count; ++i) all.emplace_back(&burn_ns, work.body_ns);
  for (std::thread& one : all) one.join();
  return {per_task(start, work)};
}

}  // namespace bench
