// Peers that take part only where somebody has installed them.
#include "bench/support/futex.h"
#include "bench/support/task_peers.h"
#include "bench/support/timing.h"

#include <stdexcept>

#if __has_include(<taskflow/taskflow.hpp>)
#include <taskflow/taskflow.hpp>
#define BENCH_HAS_TASKFLOW 1
#endif
#if __has_include(<BS_thread_pool.hpp>)
#include <BS_thread_pool.hpp>
#define BENCH_HAS_BS_THREAD_POOL 1
#endif
#if __has_include(<concurrencpp/concurrencpp.h>)
#include <concurrencpp/concurrencpp.h>
#define BENCH_HAS_CONCURRENCPP 1
#endif

namespace bench {
namespace {

template <class Add, class Wait>
[[maybe_unused]] outcome added_and_awaited(const task_work& work, Add&& add, Wait&& wait) {
  for (int i = 0; i < 2000; ++i) add();
  wait();
  const std::int64_t start = now_ns();
  add_from(work.producers, work.count, add);
  wait();
  return {static_cast<double>(now_ns() - start) / static_cast<double>(work.count)};
}

[[maybe_unused]] outcome not_here(const char* library) {
  throw std::logic_error(std::string(library) + " was not found when this was built");
}

}  // namespace

#ifdef BENCH_HAS_TASKFLOW
bool has_taskflow() { return true; }
outcome taskflow_async(const task_work& work) {
  tf::Executor executor(work.workers);
  return added_and_awaited(
      work, [&, ns = work.body_ns] { executor.silent_async([ns] { burn_ns(ns); }); },
      [&] { executor.wait_for_all(); });
}
#else
bool has_taskflow() { return false; }
outcome taskflow_async(const task_work&) { return not_here("Taskflow"); }
#endif

#ifdef BENCH_HAS_BS_THREAD_POOL
bool has_bs_thread_pool() { return true; }
outcome bs_detach(const task_work& work) {
  BS::thread_pool pool(work.workers);
  return added_and_awaited(
      work, [&, ns = work.body_ns] { pool.detach_task([ns] { burn_ns(ns); }); }, [&] { pool.wait(); });
}
#else
bool has_bs_thread_pool() { return false; }
outcome bs_detach(const task_work&) { return not_here("BS::thread_pool"); }
#endif

#ifdef BENCH_HAS_CONCURRENCPP
bool has_concurrencpp() { return true; }
outcome concurrencpp_post(const task_work& work) {
  const auto pool =
      std::make_shared<concurrencpp::thread_pool_executor>("bench", work.workers, std::chrono::minutes(1));
  const auto run = [&](std::size_t count, unsigned producers) {
    countdown left(count);
    add_from(producers, count, [&, ns = work.body_ns] {
      pool->post([&left, ns] {
        burn_ns(ns);
        left.done();
      });
    });
    left.wait();
  };
  run(2000, 1);
  const std::int64_t start = now_ns();
  run(work.count, work.producers);
  const auto spent = static_cast<double>(now_ns() - start);
  pool->shutdown();
  return {spent / static_cast<double>(work.count)};
}
#else
bool has_concurrencpp() { return false; }
outcome concurrencpp_post(const task_work&) { return not_here("concurrencpp"); }
#endif

}  // namespace bench
