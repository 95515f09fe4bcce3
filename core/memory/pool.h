// A pool of numbered records of one size. Memory is type-stable: a record is reused for another of its kind,
// never unmapped while the pool lives, so a late look at it is harmless.
//
// Any thread, each with a cache of its own. take and give are lock-free and call no heap while the pool is
// large enough; growing is a cold step for which other growers wait.
//
// One by one: of a pool that is small for its threads the caches would hold so much that one who must not let it grow
// finds nothing, though nothing is in use. There nothing is kept: free records lie on a stack, {tag 32 | index + 1 of the
// top}, and each knows the one below. Who takes reads the top ([M9]) and the one below, and moves the top down
// ([M10]); who gives moves it up ([M11]). Forbidden is that it moves down to what is no longer below: the top was taken
// meanwhile, and came back on something else. Every move raises the tag, so that the exchange fails then.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/handoff/exchange.h"
#include "core/handoff/rack.h"
#include "core/memory/magazine.h"
#include "core/os/memory_map.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tg::memory {

inline constexpr std::uint32_t no_record = UINT32_MAX;

// What threads keep of what they give back: two magazines each, or nothing.
enum class sharing { by_magazines, one_by_one };

class pool {
 public:
  // One thread's share: two magazines, so that a take after a give never travels.
  class cache {
   public:
    explicit cache(pool& of)
        : limit_(of.how_ == sharing::by_magazines ? magazine::capacity : 0), port_(of.depot_) {}

   private:
    friend class pool;
    std::uint32_t pop() noexcept {
      const std::uint32_t index = loaded_.pop();
      tell_kept();
      return index;
    }
    void tell_kept() noexcept {
      // relaxed: a figure
      kept_.store(loaded_.count + spare_.count, base::relaxed);
    }

    const std::uint32_t limit_;  // of what is given a magazine keeps so many
    magazine loaded_;
    magazine spare_;
    handoff::exchange<magazine>::port port_;
    base::atomic<std::uint32_t> kept_{0};  // written by the owner, read by statistics
  };

  pool(std::size_t record_size, std::size_t records, std::size_t max_records,
       sharing how = sharing::by_magazines);

  template <class T>
  T& at(std::uint32_t index) const noexcept {
    return *reinterpret_cast<T*>(address(index, sizeof(T)));
  }

  // no_record: exhausted; of a pool that is shared one by one, all records are in use, or are being taken or given.
  std::uint32_t take(cache& mine) noexcept {
    if (mine.loaded_.empty() && !refill(mine)) return no_record;
    return mine.pop();
  }
  // Grows when exhausted; throws std::bad_alloc at the maximum or when the kernel has no more.
  std::uint32_t take_or_grow(cache& mine) { return mine.loaded_.empty() ? take_slow(mine) : mine.pop(); }
  void give(cache& mine, std::uint32_t index) noexcept {
    if (mine.loaded_.count == mine.limit_) [[unlikely]]
      return give_slow(mine, index);
    mine.loaded_.push(index);
    mine.tell_kept();
  }
  // At least so many records, or the maximum. Throws as take_or_grow.
  void ensure(std::size_t records);

  enum class when_empty { refuse, grow };
  // True: the next `count` takes succeed without the depot, whatever is given meanwhile. More than a magazine holds
  // cannot be kept, and nothing in a pool that is shared one by one. Throws as take_or_grow.
  bool keep_at_hand(cache& mine, std::uint32_t count, when_empty then) {
    return mine.loaded_.count >= count || fetch(mine, count, then);
  }

  // The record that take will answer so many takes later, if it is known and has come from elsewhere: to be
  // prefetched.
  std::uint32_t upcoming(const cache& mine, std::uint32_t takes) const noexcept {
    const bool within = takes < mine.loaded_.count;
    const magazine& from = within ? mine.loaded_ : mine.spare_;
    const std::uint32_t left = within ? from.count - takes : from.count + mine.loaded_.count - takes;
    return left - 1 < from.far ? from.items[left - 1] : no_record;
  }

  void prefault() noexcept;
  void abandon() noexcept;

  std::size_t capacity() const noexcept;
  // Records below this number have been handed out at least once.
  std::size_t handed_out() const noexcept;
  std::size_t growths() const noexcept;
  // Records that are neither fresh nor in the depot or on the stack; the caches hold some of them.
  std::size_t out() const noexcept;
  static std::size_t kept(const cache& by) noexcept;

 private:
  static constexpr std::size_t max_chunks = 1u << 16;

  std::byte* address(std::uint32_t index, std::size_t size) const noexcept {
    // [M1] acquire: the chunk is mapped; pairs with [M2]. Weaker would do: who uses a record has its number, at first
    // or second hand, by [M3]
    return chunks_[index >> chunk_shift_].load(base::acquire) + (index & chunk_mask_) * size;
  }
  bool refill(cache& mine) noexcept;
  std::uint32_t take_slow(cache& mine);
  void give_slow(cache& mine, std::uint32_t index) noexcept;
  void make_room(cache& mine) noexcept;
  bool fetch(cache& mine, std::uint32_t count, when_empty then);
  bool take_fresh(magazine& into, std::uint32_t most) noexcept;
  bool pop_free(magazine& into) noexcept;
  void push_free(std::uint32_t index) noexcept;
  base::atomic<std::uint32_t>& below(std::uint32_t index) const noexcept;
  std::size_t chunk_bytes() const noexcept;
  void grow(std::size_t seen_capacity);
  void map_up_to(std::size_t capacity);

  const sharing how_;
  const std::size_t record_size_;
  const unsigned chunk_shift_;
  const std::uint32_t chunk_mask_;
  const std::size_t max_records_;
  os::memory_map table_;
  base::atomic<std::byte*>* const chunks_;
  std::vector<os::memory_map> maps_;   // touched under growing_
  handoff::rack<magazine> recent_;     // full ones that were given last
  handoff::exchange<magazine> depot_;  // the others

  alignas(base::cache_line) base::atomic<std::uint64_t> fresh_{0};  // records below were handed out once
  base::atomic<std::uint64_t> capacity_{0};
  base::atomic<std::uint64_t> growths_{0};
  base::atomic<std::uint64_t> unused_{0};  // records that are lost for want of memory
  base::atomic<std::uint32_t> growing_{0};

  // Of a pool that is shared one by one.
  alignas(base::cache_line) base::atomic<std::uint64_t> free_{0};  // the stack: {tag 32 | index + 1}
  base::atomic<std::uint64_t> stacked_{0};  // records on it, being put there or being taken from there
};

}  // namespace tg::memory
