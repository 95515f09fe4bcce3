#include "bench/support/pool_peers.h"

#include "bench/support/group_rounds.h"

#include <asio/post.hpp>
#include <asio/thread_pool.hpp>

#include <chrono>
#include <memory>

#ifdef BENCH_HAS_TASKFLOW
#include <taskflow/taskflow.hpp>
#endif
#ifdef BENCH_HAS_BS_THREAD_POOL
#include <BS_thread_pool.hpp>
#endif
#ifdef BENCH_HAS_CONCURRENCPP
#include <concurrencpp/concurrencpp.h>
#endif

namespace bench {
namespace {

class asio_pool {
 public:
  explicit asio_pool(unsigned workers) : threads_(workers) {}
  template <class Body>
  void post(Body&& body) {
    asio::post(threads_, std::forward<Body>(body));
  }

 private:
  asio::thread_pool threads_;
};

#ifdef BENCH_HAS_TASKFLOW
class taskflow_pool {
 public:
  explicit taskflow_pool(unsigned workers) : executor_(workers) {}
  template <class Body>
  void post(Body&& body) {
    executor_.silent_async(std::forward<Body>(body));
  }

 private:
  tf::Executor executor_;
};
#endif

#ifdef BENCH_HAS_BS_THREAD_POOL
class bs_pool {
 public:
  explicit bs_pool(unsigned workers) : threads_(workers) {}
  template <class Body>
  void post(Body&& body) {
    threads_.detach_task(std::forward<Body>(body));
  }

 private:
  // A class in one version of that library, a template with defaults in the next.
  decltype(BS::thread_pool(1u)) threads_;
};
#endif

#ifdef BENCH_HAS_CONCURRENCPP
class concurrencpp_pool {
 public:
  explicit concurrencpp_pool(unsigned workers)
      : executor_(std::make_shared<concurrencpp::thread_pool_executor>("bench", workers,
                                                                       std::chrono::minutes(1))) {}
  concurrencpp_pool(const concurrencpp_pool&) = delete;
  concurrencpp_pool& operator=(const concurrencpp_pool&) = delete;
  ~concurrencpp_pool() { executor_->shutdown(); }
  template <class Body>
  void post(Body&& body) {
    executor_->post(std::forward<Body>(body));
  }

 private:
  std::shared_ptr<concurrencpp::thread_pool_executor> executor_;
};
#endif

// A new pool for each repetition: no other contender runs beside its threads.
template <class Pool>
pool_peer peer(const char* name) {
  return {name,
          [](const task_work& work) {
            Pool pool(work.workers);
            return tasks_on(pool, work);
          },
          [](unsigned workers, std::size_t count) {
            Pool pool(workers);
            return short_groups_on(pool, count);
          },
          [](const start_work& work) {
            Pool pool(work.workers);
            return starts_on(pool, work);
          }};
}

}  // namespace

const std::vector<pool_peer>& pool_peers() {
  static const std::vector<pool_peer> all = {
      peer<asio_pool>("asio_post"),
#ifdef BENCH_HAS_TASKFLOW
      peer<taskflow_pool>("taskflow"),
#endif
#ifdef BENCH_HAS_BS_THREAD_POOL
      peer<bs_pool>("bs_thread_pool"),
#endif
#ifdef BENCH_HAS_CONCURRENCPP
      peer<concurrencpp_pool>(concurrencpp_name),
#endif
  };
  return all;
}

std::vector<std::string> absent_peers() {
  return {
#ifndef BENCH_HAS_TASKFLOW
      "Taskflow",
#endif
#ifndef BENCH_HAS_BS_THREAD_POOL
      "BS::thread_pool",
#endif
#ifndef BENCH_HAS_CONCURRENCPP
      "concurrencpp",
#endif
  };
}

}  // namespace bench
