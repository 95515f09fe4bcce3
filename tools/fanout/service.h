// The service: takes requests when they are due. Its groups are children of `top`.
#pragma once

#include <threadgroup/group.h>

#include <chrono>
#include <vector>

#include "options.h"
#include "request.h"

namespace fanout {

struct service_run {
  std::vector<request_result> results;  // of the requests that were begun, in the order of their times
  std::chrono::duration<double> taken{};
  bool interrupted = false;
};

// Requests a second that the machine completes when some are always waiting: the 100 % of --load.
double measure_capacity(tg::group& top, const options& wanted);
// Sends wanted.requests at random times, `rate` a second on average, and waits for all.
service_run run_service(tg::group& top, const options& wanted, double rate);

}  // namespace fanout
