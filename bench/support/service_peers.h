// The service of service_bench.cpp as one interface, and other libraries behind it.
#pragma once

#include "bench/support/service_load.h"
#include "bench/support/timing.h"

#include <atomic>
#include <chrono>
#include <memory>

namespace bench {

// When a request was due, when its first replica had answered, and that all of it is over.
class reply {
 public:
  void asked_at(std::int64_t when) { asked_ = when; }
  std::int64_t asked_at() const { return asked_; }
  std::chrono::steady_clock::time_point due() const {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(asked_));
  }
  void first_wins() {
    std::int64_t unanswered = 0;
    answered_.compare_exchange_strong(unanswered, now_ns());
  }
  void count_end_in(std::atomic<std::size_t>& ended) { ended_ = &ended; }
  // The handler's last act.
  void finished() { ended_->fetch_add(1); }
  bool is_answered() const { return answered_.load() != 0; }
  std::int64_t latency_ns() const { return answered_.load() - asked_; }

 private:
  std::int64_t asked_ = 0;
  std::atomic<std::int64_t> answered_{0};
  std::atomic<std::size_t>* ended_ = nullptr;
};

// Chains of small steps that go on until they are told to stop.
struct background_work {
  static constexpr std::int64_t step_ns = 50'000;

  unsigned chains = 1;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> steps{0};

  // False: no further step is wanted.
  bool one_step() {
    if (stop.load(std::memory_order_relaxed)) return false;
    burn_ns(step_ns);
    steps.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
};

class service {
 public:
  virtual ~service() = default;
  // Has the request handled elsewhere; returns at once.
  virtual void serve(const request& asked, reply& answer) = 0;
  virtual void finish_requests() = 0;
  virtual void start_background(background_work& work) = 0;
  virtual void finish_background() = 0;
};

// Works in slices of 10 us; false if told to stop before the end.
template <class Stopped>
bool burn_unless(std::int64_t work_ns, Stopped&& stopped) {
  constexpr std::int64_t slice = 10'000;
  for (std::int64_t left = work_ns; left > 0; left -= slice) {
    if (stopped()) return false;
    burn_ns(left < slice ? left : slice);
  }
  return true;
}

std::unique_ptr<service> tbb_service(unsigned workers);           // its replicas sleep in pieces
std::unique_ptr<service> tbb_notified_service(unsigned workers);  // ... on a condition variable
std::unique_ptr<service> async_service();

}  // namespace bench
