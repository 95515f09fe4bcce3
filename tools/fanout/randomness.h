// Random numbers that depend on the seed and the request alone, not on which thread draws them.
#pragma once

#include <cstdint>
#include <limits>

namespace fanout {

// The splitmix64 generator (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): eight
// bytes of state, so that every request can have its own.
class random_stream {
 public:
  using result_type = std::uint64_t;

  random_stream(std::uint64_t seed, std::uint64_t stream) : state_(seed) {
    state_ = (*this)() + stream * golden;
  }

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    std::uint64_t mixed = (state_ += golden);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
  std::uint64_t state_;
};

}  // namespace fanout
