// Pools of threads that other libraries offer, each asked the questions that a plain pool can be asked.
#pragma once

#include "bench/support/start_rounds.h"
#include "bench/support/task_work.h"

#include <string>
#include <vector>

namespace bench {

struct pool_peer {
  std::string name;
  outcome (*tasks)(const task_work&);                            // P2
  outcome (*short_groups)(unsigned workers, std::size_t count);  // P4
  outcome (*starts)(const start_work&);                          // P7
};

// Asio's, and those of the optional libraries that were found when this was built.
const std::vector<pool_peer>& pool_peers();

// Libraries that would take part if they were installed.
std::vector<std::string> absent_peers();

inline constexpr const char* concurrencpp_name = "concurrencpp";

}  // namespace bench
