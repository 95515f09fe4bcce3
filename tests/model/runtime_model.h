// A runtime with few of everything, for schedules that run all of it. What is explored is what a test does with it:
// it begins when the runtime's threads have come to rest, and ends when the test's groups have.
#pragma once

#include "tests/model/checker/explore.h"
#include "tests/model/checker/spin.h"

#include <threadgroup/threadgroup.h>

#include <cstdint>
#include <optional>

namespace model_test {

namespace base = tg::base;

class runtime_model {
 public:
  static tg::runtime_options few(std::uint32_t workers, std::uint32_t max_blocked) {
    tg::runtime_options options;
    options.workers = workers;
    options.max_blocked = max_blocked;
    options.task_records = 64;
    options.group_records = 16;
    options.linger = std::chrono::microseconds(100);
    return options;
  }

  explicit runtime_model(std::uint32_t workers = 1, std::uint32_t max_blocked = 1) {
    const model::calm beginning;
    runtime_.emplace(few(workers, max_blocked));
    model::settle();
  }
  ~runtime_model() {
    const model::calm end;
    model::settle();
    runtime_.reset();
  }

  tg::group_options in() { return {.on = &*runtime_}; }
  tg::group_options limited(std::uint32_t limit) { return {.max_concurrent = limit, .on = &*runtime_}; }
  tg::runtime& operator*() { return *runtime_; }

 private:
  std::optional<tg::runtime> runtime_;
};

// Nothing may need a time-out to go on; spinning by the clock is soon over.
inline constexpr model::settings without_time{.most_steps = 100'000, .time_rescues = false, .tick = 20'000};
inline constexpr model::settings with_time{.most_steps = 100'000, .tick = 20'000};

inline model::plan of_runtime(std::vector<std::string> reaches = {}, std::uint64_t schedules = 7'000,
                              model::settings with = without_time) {
  return {
      .schedules = schedules, .within = {1, 1, 1}, .depth = 4, .with = with, .reaches = std::move(reaches)};
}

// A word that a test's threads wait for.
class flag {
 public:
  void give() { word_.store(1, base::release); }
  bool given() const { return word_.load(base::acquire) != 0; }
  void await() const {
    while (!given()) model::spin();
  }

 private:
  base::atomic<std::uint32_t> word_{0};
};

}  // namespace model_test
