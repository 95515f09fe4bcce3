// The array behind a stretch of a FIFO, 512 bytes. Reused for any FIFO of the same runtime, so that
// all that a thread may meet late carries the segment's generation.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#include <cstddef>
#include <cstdint>

namespace tg::queue {

// {generation 32 | payload 32}: a slot's or a link's content, written once in each generation. A segment in
// generation g holds only {g - 1, x}: not yet written, and {g, x}: written.
class stamped {
 public:
  constexpr stamped() noexcept = default;
  constexpr explicit stamped(std::uint64_t bits) noexcept : bits_(bits) {}
  constexpr stamped(std::uint32_t generation, std::uint32_t payload) noexcept
      : bits_(std::uint64_t{generation} << 32 | payload) {}

  constexpr std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32); }
  constexpr std::uint32_t payload() const noexcept { return static_cast<std::uint32_t>(bits_); }
  constexpr std::uint64_t bits() const noexcept { return bits_; }

 private:
  std::uint64_t bits_ = 0;
};

// What a cell of generation-stamped content says to somebody who was sent there in `generation`.
enum class cell { unwritten, written, stale };

constexpr cell state_of(stamped content, std::uint32_t generation) noexcept {
  if (content.generation() == generation) return cell::written;
  if (content.generation() == generation - 1) return cell::unwritten;
  return cell::stale;
}

// {generation 32 | segment 26 | slot 6}: an end of a FIFO.
class position {
 public:
  constexpr explicit position(std::uint64_t bits) noexcept : bits_(bits) {}
  constexpr position(std::uint32_t generation, std::uint32_t segment, std::uint32_t slot) noexcept
      : bits_(std::uint64_t{generation} << 32 | std::uint64_t{segment} << 6 | slot) {}

  constexpr std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(bits_ >> 32); }
  constexpr std::uint32_t segment() const noexcept { return static_cast<std::uint32_t>(bits_) >> 6; }
  constexpr std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(bits_) & 63u; }
  constexpr position next() const noexcept { return position(bits_ + 1); }
  constexpr position at(std::uint32_t slot) const noexcept {
    return position((bits_ & ~std::uint64_t{63}) | slot);
  }
  constexpr position first() const noexcept { return at(0); }
  constexpr bool operator==(const position&) const noexcept = default;
  constexpr std::uint64_t bits() const noexcept { return bits_; }

 private:
  std::uint64_t bits_;
};

struct alignas(base::cache_line) segment {
  static constexpr std::uint32_t capacity = 61;
  static constexpr std::size_t max_segments = std::size_t{1} << 26;

  base::atomic<std::uint64_t> slots[capacity];  // stamped{generation, item}; adders write
  base::atomic<std::uint64_t> next{0};          // stamped{generation, segment}; whoever links first
  base::atomic<std::uint64_t> base{0};          // how many items came before slot 0; before it is linked
  base::atomic<std::uint32_t> generation{0};    // raised by who owns the segment alone
};
static_assert(sizeof(segment) == 512 && segment::capacity < 64);

}  // namespace tg::queue
