// One run of a service: requests on their schedule beside a background, and what both have come to.
#pragma once

#include "bench/support/contest.h"
#include "bench/support/service_peers.h"

#include <vector>

namespace bench {

struct service_work {
  std::vector<request> requests;
  unsigned workers = 2;
  unsigned background_chains = 1;
  std::int64_t alone_ns = 0;  // for how long the background is watched without requests
};

// Latencies of all requests from when they were due, and
//   late_p50, ...        how late the generator came to its requests: the share of the latencies that is its own
//   unanswered           requests refused because too many were under way, or ended without an answer
//   request_load         what the requests really took of the processors, background left out
//   background_slowdown  the background's speed alone, divided by its speed beside the requests
outcome run_service(service& one, const service_work& work);
inline outcome run_service(service&& one, const service_work& work) { return run_service(one, work); }

}  // namespace bench
