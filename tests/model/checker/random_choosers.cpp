// Schedules by chance: a seed gives all decisions of one schedule.
#include "tests/model/checker/chooser.h"

#include "tests/model/checker/vector_clock.h"

#include <algorithm>
#include <array>
#include <vector>

namespace model {
namespace {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}
  // splitmix64, from Steele, Lea and Flood (OOPSLA 2014).
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  unsigned below(unsigned count) { return static_cast<unsigned>((next() >> 32) * count >> 32); }
  bool one_in(unsigned count) { return below(count) == 0; }

 private:
  std::uint64_t state_;
};

class by_chance : public chooser {
 public:
  bool begin_schedule() override {
    random_ = random_source(seed_);
    constexpr std::array<unsigned, 4> rarities{2, 4, 8, 1000};
    old_value_one_in_ = rarities[random_.below(4)];
    fault_one_in_ = 8 * rarities[random_.below(4)];
    return true;
  }
  unsigned pick_value(unsigned count) override {
    return random_.one_in(old_value_one_in_) ? random_.below(count) : 0;
  }
  bool strikes() override { return random_.one_in(fault_one_in_); }
  void has_paused(unsigned) override {}

 protected:
  explicit by_chance(std::uint64_t seed) : random_(seed), seed_(seed) {}

  // A sleeper that is woken for no reason, or 0.
  unsigned pick_fault(const crossroads& at) {
    if (at.count == at.runnable || !random_.one_in(fault_one_in_)) return 0;
    return at.runnable + random_.below(at.count - at.runnable);
  }

  random_source random_;
  const std::uint64_t seed_;

 private:
  unsigned old_value_one_in_ = 2;
  unsigned fault_one_in_ = 16;
};

class random_walk final : public by_chance {
 public:
  explicit random_walk(std::uint64_t seed) : by_chance(seed) {}

  bool begin_schedule() override {
    by_chance::begin_schedule();
    constexpr std::array<unsigned, 4> rarities{1, 3, 10, 40};
    switch_one_in_ = rarities[random_.below(4)];
    return true;
  }
  unsigned pick_thread(const crossroads& at) override {
    if (const unsigned fault = pick_fault(at)) return fault;
    if (at.first_is_plain && !random_.one_in(switch_one_in_)) return 0;
    return random_.below(at.runnable);
  }
  std::string token() const override { return "random:" + std::to_string(seed_); }

 private:
  unsigned switch_one_in_ = 1;
};

class by_priority final : public by_chance {
 public:
  by_priority(std::uint64_t seed, unsigned depth, std::uint64_t length)
      : by_chance(seed), depth_(depth), length_(std::max<std::uint64_t>(length, 1)) {}

  bool begin_schedule() override {
    by_chance::begin_schedule();
    step_ = 0;
    lowest_ = 0;
    for (std::int64_t& priority : priorities_) priority = 1 + static_cast<std::int64_t>(random_.next() >> 2);
    changes_.clear();
    for (unsigned i = 1; i < depth_; ++i) changes_.push_back(random_.next() % length_);
    return true;
  }
  unsigned pick_thread(const crossroads& at) override {
    if (const unsigned fault = pick_fault(at)) return fault;
    if (std::count(changes_.begin(), changes_.end(), step_++) != 0) priorities_[at.threads[0]] = --lowest_;
    unsigned best = 0;
    for (unsigned i = 1; i < at.runnable; ++i) {
      if (priorities_[at.threads[i]] > priorities_[at.threads[best]]) best = i;
    }
    return best;
  }
  void has_paused(unsigned thread) override { priorities_[thread] = --lowest_; }
  std::string token() const override {
    return "pct:" + std::to_string(seed_) + ":" + std::to_string(depth_) + ":" + std::to_string(length_);
  }

 private:
  const unsigned depth_;
  const std::uint64_t length_;
  std::uint64_t step_ = 0;
  std::int64_t lowest_ = 0;
  std::array<std::int64_t, max_threads> priorities_{};
  std::vector<std::uint64_t> changes_;
};

}  // namespace

std::unique_ptr<chooser> make_random(std::uint64_t seed) { return std::make_unique<random_walk>(seed); }

std::unique_ptr<chooser> make_pct(std::uint64_t seed, unsigned depth, std::uint64_t length) {
  return std::make_unique<by_priority>(seed, depth, length);
}

}  // namespace model
