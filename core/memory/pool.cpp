#include "core/memory/pool.h"

#include "core/os/backoff.h"

#include <algorithm>
#include <new>
#include <utility>

namespace tg::memory {
namespace {

constexpr std::size_t min_chunk = 1024;
constexpr std::size_t max_chunk = 65536;
// A pool keeps the fourth part of its records, at most, where they are taken again before all others.
constexpr std::size_t records_a_recent_magazine = 4 * magazine::capacity;

std::size_t chunk_records(std::size_t records) noexcept {
  return std::clamp(std::bit_ceil(records), min_chunk, max_chunk);
}

// Of the stack of free records.
constexpr std::uint32_t top_free(std::uint64_t stack) noexcept { return static_cast<std::uint32_t>(stack); }
constexpr std::uint64_t with_top_free(std::uint64_t stack, std::uint32_t top) noexcept {
  return ((stack >> 32) + 1) << 32 | top;
}

}  // namespace

pool::pool(std::size_t record_size, std::size_t records, std::size_t max_records, sharing how)
    : how_(how),
      record_size_(record_size),
      chunk_shift_(static_cast<unsigned>(std::countr_zero(chunk_records(records)))),
      chunk_mask_(static_cast<std::uint32_t>(chunk_records(records) - 1)),
      max_records_(std::min(max_records, chunk_records(records) * max_chunks)),
      table_(max_chunks * sizeof(base::atomic<std::byte*>)),
      chunks_(reinterpret_cast<base::atomic<std::byte*>*>(table_.data())),
      recent_(records / records_a_recent_magazine),
      depot_(records) {
  map_up_to(records);
  capacity_.store(records, base::relaxed);  // relaxed: nobody else knows the pool yet
}

// The records and, where free ones lie on a stack, behind them for each the one below it.
std::size_t pool::chunk_bytes() const noexcept {
  const std::size_t link = how_ == sharing::one_by_one ? sizeof(base::atomic<std::uint32_t>) : 0;
  return (record_size_ + link) << chunk_shift_;
}

void pool::map_up_to(std::size_t capacity) {
  const std::size_t chunk = std::size_t{1} << chunk_shift_;
  while (maps_.size() * chunk < capacity) {
    os::memory_map map(chunk_bytes());
    std::byte* data = map.data();
    maps_.push_back(std::move(map));
    // [M2] release: the chunk is mapped; pairs with [M1]. Weaker would do: [M4] comes before any number in it is given
    // out
    chunks_[maps_.size() - 1].store(data, base::release);
  }
}

bool pool::refill(cache& mine) noexcept {
  if (how_ == sharing::one_by_one) return pop_free(mine.loaded_) || take_fresh(mine.loaded_, 1);
  if (!mine.spare_.empty()) {
    std::swap(mine.loaded_, mine.spare_);
    return true;
  }
  if (!recent_.try_take(mine.loaded_) && !depot_.take(mine.loaded_) &&
      !take_fresh(mine.loaded_, magazine::capacity))
    return false;
  mine.loaded_.far = mine.loaded_.count;
  return true;
}

bool pool::fetch(cache& mine, std::uint32_t count, when_empty then) {
  if (count > mine.limit_) {
    if (then == when_empty::refuse) return false;
    throw std::bad_alloc();
  }
  const std::uint32_t first = then == when_empty::grow ? take_or_grow(mine) : take(mine);
  if (first == no_record) return false;
  struct give_first_back {
    pool& to;
    cache& mine;
    const std::uint32_t index;
    ~give_first_back() { to.give(mine, index); }
  } guard{*this, mine, first};
  return count == 1 || fetch(mine, count - 1, then);
}

bool pool::take_fresh(magazine& into, std::uint32_t most) noexcept {
  std::uint64_t first = fresh_.load(base::relaxed);  // relaxed: the exchange below decides
  std::uint64_t count = 0;
  do {
    // [M3] acquire: below the capacity everything is mapped; pairs with [M4]
    const std::uint64_t capacity = capacity_.load(base::acquire);
    if (first >= capacity) return false;
    count = std::min<std::uint64_t>(most, capacity - first);
    // relaxed: numbers are handed out, nothing is published
  } while (!fresh_.compare_exchange(first, first + count, base::relaxed, base::relaxed));
  for (std::uint64_t i = count; i-- > 0;) into.push(static_cast<std::uint32_t>(first + i));
  return true;
}

base::atomic<std::uint32_t>& pool::below(std::uint32_t index) const noexcept {
  // as [M1]; weaker would do, as there
  std::byte* const chunk = chunks_[index >> chunk_shift_].load(base::acquire);
  auto* const links = reinterpret_cast<base::atomic<std::uint32_t>*>(chunk + (record_size_ << chunk_shift_));
  return links[index & chunk_mask_];
}

bool pool::pop_free(magazine& into) noexcept {
  // [M9] acquire: the one below the top; pairs with [M11]
  std::uint64_t stack = free_.load(base::acquire);
  while (top_free(stack) != 0) {
    const std::uint32_t index = top_free(stack) - 1;
    const std::uint32_t next = below(index).load(base::relaxed);  // relaxed: the tag proves it was current
    // [M10] acquire: as [M9], and the record as it was given; pairs with [M11]. Weaker would do where it succeeds: the
    // tag says that the value is the one that was acquired before
    if (free_.compare_exchange(stack, with_top_free(stack, next), base::acquire, base::acquire)) {
      stacked_.fetch_sub(1, base::relaxed);  // relaxed: a figure
      into.push(index);
      return true;
    }
  }
  return false;
}

void pool::push_free(std::uint32_t index) noexcept {
  stacked_.fetch_add(1, base::relaxed);             // relaxed: a figure
  std::uint64_t stack = free_.load(base::relaxed);  // relaxed: the exchange decides
  do {
    below(index).store(top_free(stack), base::relaxed);  // relaxed: published by the exchange
    // [M11] release: the record as it is given, and the one below; pairs with [M9], [M10]
  } while (!free_.compare_exchange(stack, with_top_free(stack, index + 1), base::release, base::relaxed));
}

std::uint32_t pool::take_slow(cache& mine) {
  for (;;) {
    const std::uint64_t seen = capacity_.load(base::relaxed);  // relaxed: a stale value only asks again
    const std::uint32_t index = take(mine);
    if (index != no_record) return index;
    grow(seen);
  }
}

void pool::ensure(std::size_t records) {
  const std::size_t wanted = std::min(records, max_records_);
  for (std::size_t now; (now = capacity()) < wanted;) grow(now);
}

void pool::grow(std::size_t seen_capacity) {
  // [M5] acquire: what the grower before did; pairs with [M6]
  for (os::backoff wait; growing_.exchange(1, base::acquire) != 0;) wait.pause();
  struct unlock {
    base::atomic<std::uint32_t>& flag;
    // [M6] release: the vector of maps is as the next grower needs it; pairs with [M5]
    ~unlock() { flag.store(0, base::release); }
  } guard{growing_};
  const std::size_t capacity = capacity_.load(base::relaxed);  // relaxed: changes only under growing_
  if (capacity != seen_capacity) return;
  if (capacity >= max_records_) throw std::bad_alloc();
  const std::size_t larger = std::min(capacity + (std::size_t{1} << chunk_shift_), max_records_);
  map_up_to(larger);
  growths_.fetch_add(1, base::relaxed);  // relaxed: a figure
  // [M4] release: the new records are mapped; pairs with [M3]
  capacity_.store(larger, base::release);
}

void pool::give_slow(cache& mine, std::uint32_t index) noexcept {
  if (how_ == sharing::one_by_one) return push_free(index);
  make_room(mine);
  mine.loaded_.push(index);
  mine.tell_kept();
}

void pool::make_room(cache& mine) noexcept {
  if (mine.spare_.full()) {
    // Should memory be too short even for the note of it, the magazine's records stay unused.
    if (!recent_.try_put(mine.spare_) && !depot_.give(mine.port_, mine.spare_)) {
      unused_.fetch_add(magazine::capacity, base::relaxed);  // relaxed: a figure
    }
    mine.spare_.count = mine.spare_.far = 0;
  }
  std::swap(mine.loaded_, mine.spare_);
}

void pool::prefault() noexcept {
  // [M7] acquire: see who grows now; pairs with [M8]
  for (os::backoff wait; growing_.exchange(1, base::acquire) != 0;) wait.pause();
  for (os::memory_map& map : maps_) map.populate(map.size());
  // [M8] release: done with the vector of maps; pairs with [M7]
  growing_.store(0, base::release);
}

void pool::abandon() noexcept {
  for (os::memory_map& map : maps_) map.abandon();
  table_.abandon();
}

std::size_t pool::capacity() const noexcept { return capacity_.load(base::relaxed); }  // relaxed: a figure
std::size_t pool::growths() const noexcept { return growths_.load(base::relaxed); }    // relaxed: a figure

std::size_t pool::handed_out() const noexcept {
  return fresh_.load(base::relaxed);  // relaxed: a figure
}

std::size_t pool::out() const noexcept {
  const std::size_t handed = handed_out();
  const std::size_t waiting = (recent_.size() + depot_.size()) * magazine::capacity +
                              unused_.load(base::relaxed) +  // relaxed: a figure
                              stacked_.load(base::relaxed);  // relaxed: a figure
  return handed > waiting ? handed - waiting : 0;
}

std::size_t pool::kept(const cache& by) noexcept {
  // relaxed: a figure
  return by.kept_.load(base::relaxed);
}

}  // namespace tg::memory
