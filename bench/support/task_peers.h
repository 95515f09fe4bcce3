// Other libraries on "add many tasks, wait for all", each in the way that its documentation offers for it.
#pragma once

#include "bench/support/contest.h"

#include <thread>
#include <vector>

namespace bench {

struct task_work {
  std::size_t count = 0;
  std::int64_t body_ns = 0;
  unsigned producers = 1;
  unsigned workers = 2;
};

// The calling thread and `producers - 1` others call add() `count` times between them.
template <class Add>
void add_from(unsigned producers, std::size_t count, Add&& add) {
  std::vector<std::thread> others;
  const std::size_t share = count / producers;
  for (unsigned i = 1; i < producers; ++i) {
    others.emplace_back([&] {
      for (std::size_t k = 0; k < share; ++k) add();
    });
  }
  for (std::size_t k = share * (producers - 1); k < count; ++k) add();
  for (std::thread& other : others) other.join();
}

outcome tbb_enqueue(const task_work& work);
outcome tbb_task_group(const task_work& work);
outcome tbb_function_node(const task_work& work, unsigned limit);
outcome asio_post(const task_work& work);
outcome asio_strand(const task_work& work);
outcome std_async(const task_work& work);
outcome std_thread(const task_work& work);

// Libraries that Debian does not have take part where their headers are found.
bool has_taskflow();
bool has_bs_thread_pool();
bool has_concurrencpp();
outcome taskflow_async(const task_work& work);
outcome bs_detach(const task_work& work);
outcome concurrencpp_post(const task_work& work);

}  // namespace bench
