// The load of the service benchmark: who comes when, and what each simulated replica takes. Drawn once from a
// seed, so that every contender serves the same requests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

inline constexpr std::size_t replicas = 10;

struct replica_cost {
  std::int64_t wait_ns = 0;  // somewhere else: the network, a disk
  std::int64_t work_ns = 0;  // here, on a processor
};

struct request {
  std::int64_t gap_ns = 0;  // after the one before
  std::array<replica_cost, replicas> costs{};
};

// Requests for about `span_ns` that ask for `load` (0 to 1) of `processors`. What a request costs is taken to be
// the work that has begun before the first replica answers, and for each replica the kernel's price of going to
// sleep and being woken: what a library without any cost of its own would spend.
std::vector<request> draw_requests(double load, unsigned processors, std::int64_t span_ns);

}  // namespace bench
