// The input of a fuzzer as a stream of small numbers. Past its end there are zeros, so that every input is a program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tg_fuzz {

class bytes {
 public:
  bytes(const std::uint8_t* data, std::size_t size) : next_(data), end_(data + size) {}

  bool is_empty() const { return next_ == end_; }
  std::uint8_t next() { return is_empty() ? std::uint8_t{0} : *next_++; }
  // 0 to bound - 1.
  unsigned below(unsigned bound) { return next() % bound; }

 private:
  const std::uint8_t* next_;
  const std::uint8_t* end_;
};

}  // namespace tg_fuzz
