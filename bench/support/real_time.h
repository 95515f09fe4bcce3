// A thread that runs as soon as it is due, whoever else wants the processor.
#pragma once

#include <pthread.h>
#include <sched.h>

namespace bench {

// As long as this lives, the thread that made it goes before all threads of ordinary priority, if the kernel allows it
// (root, or a limit of real-time priority; if not, nothing changes). The threads that it starts meanwhile are ordinary ones.
class real_time {
 public:
  real_time() {
    pthread_getschedparam(pthread_self(), &policy_, &before_);
    sched_param first{};
    first.sched_priority = sched_get_priority_min(SCHED_FIFO);
    is_granted_ = pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0;
  }
  ~real_time() {
    // With the flag: not everybody who may set it may take it away.
    if (is_granted_) pthread_setschedparam(pthread_self(), policy_ | SCHED_RESET_ON_FORK, &before_);
  }
  real_time(const real_time&) = delete;
  real_time& operator=(const real_time&) = delete;

 private:
  int policy_ = SCHED_OTHER;
  sched_param before_{};
  bool is_granted_ = false;
};

}  // namespace bench
