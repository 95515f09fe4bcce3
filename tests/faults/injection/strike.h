// Which of the calls that come by fail: so many from a certain one on, counted from the moment of arming, of the
// threads that are meant.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <limits>

namespace tg_test {

enum class whose { this_thread, other_threads, all };

inline constexpr std::size_t for_good = std::numeric_limits<std::size_t>::max();

// One for each kind of call. Any thread asks; one thread at a time arms.
class strike_point {
 public:
  void arm(std::size_t first, std::size_t how_many, whose threads) noexcept {
    first_ = first;
    how_many_ = how_many;
    threads_ = threads;
    armed_by_ = ::pthread_self();
    met_ = 0;
    struck_ = 0;
    armed_ = true;
  }
  void disarm() noexcept { armed_ = false; }

  // By the call itself: true, it has to fail.
  bool strikes() noexcept {
    if (!armed_ || !is_meant()) return false;
    const std::size_t number = ++met_;
    if (number < first_ || number - first_ >= how_many_) return false;
    ++struck_;
    return true;
  }
  bool is_armed() const noexcept { return armed_; }
  std::size_t struck() const noexcept { return struck_; }

 private:
  bool is_meant() const noexcept {
    const bool own = ::pthread_equal(::pthread_self(), armed_by_) != 0;
    return threads_ == whose::all || own == (threads_ == whose::this_thread);
  }

  std::atomic<std::size_t> first_{0}, how_many_{0};
  std::atomic<whose> threads_{whose::all};
  std::atomic<pthread_t> armed_by_{};
  std::atomic<std::size_t> met_{0}, struck_{0};
  std::atomic<bool> armed_{false};
};

// As long as it lives, the n-th call and those after it, `how_many` in all, fail.
class failing {
 public:
  failing(strike_point& point, std::size_t n, whose threads, std::size_t how_many = 1) noexcept
      : point_(point) {
    point_.arm(n, how_many, threads);
  }
  failing(const failing&) = delete;
  failing& operator=(const failing&) = delete;
  ~failing() { point_.disarm(); }

  bool has_struck() const noexcept { return point_.struck() != 0; }

 private:
  strike_point& point_;
};

}  // namespace tg_test
