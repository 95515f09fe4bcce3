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
constexpr std::size_t magazines_a_cache = 2;
// Magazines of a small pool are small, and each giver begins a block of its own in the depot.
constexpr std::size_t more_in_depot = 8 * magazine::capacity;

std::size_t chunk_records(std::size_t records) noexcept {
  return std::clamp(std::bit_ceil(records), min_chunk, max_chunk);
}

}  // namespace

pool::pool(std::size_t record_size, std::size_t records, std::size_t max_records)
    : record_size_(record_size),
      chunk_shift_(static_cast<unsigned>(std::countr_zero(chunk_records(records)))),
      chunk_mask_(static_cast<std::uint32_t>(chunk_records(records) - 1)),
      max_records_(std::min(max_records, chunk_records(records) * max_chunks)),
      table_(max_chunks * sizeof(base::atomic<std::byte*>)),
      chunks_(reinterpret_cast<base::atomic<std::byte*>*>(table_.data())),
      recent_(records / records_a_recent_magazine),
      depot_(records + more_in_depot) {
  map_up_to(records);
  capacity_.store(records, base::relaxed);  // relaxed: nobody else knows the pool yet
}

void pool::map_up_to(std::size_t capacity) {
  const std::size_t chunk = std::size_t{1} << chunk_shift_;
  while (maps_.size() * chunk < capacity) {
    os::memory_map map(chunk * record_size_);
    std::byte* data = map.data();
    maps_.push_back(std::move(map));
    // [M2] release: the chunk is mapped; pairs with [M1]. Weaker would do: [M4] comes before any number in it is given
    // out
    chunks_[maps_.size() - 1].store(data, base::release);
  }
}

bool pool::refill(cache& mine) noexcept {
  if (!mine.spare_.empty()) {
    std::swap(mine.loaded_, mine.spare_);
    return true;
  }
  if (recent_.try_take(mine.loaded_) || depot_.take(mine.loaded_)) {
    stored_.fetch_sub(mine.loaded_.count, base::relaxed);  // relaxed: a figure
  } else if (!take_fresh(mine.loaded_)) {
    return false;
  }
  mine.loaded_.far = mine.loaded_.count;
  return true;
}

bool pool::fetch(cache& mine, std::uint32_t count, when_empty then) {
  if (count > magazine::capacity) {
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

bool pool::take_fresh(magazine& into) noexcept {
  const std::uint64_t part = std::max(fair_part(), 1u);
  std::uint64_t first = fresh_.load(base::relaxed);  // relaxed: the exchange below decides
  std::uint64_t count = 0;
  do {
    // [M3] acquire: below the capacity everything is mapped; pairs with [M4]
    const std::uint64_t capacity = capacity_.load(base::acquire);
    if (first >= capacity) return false;
    count = std::min(part, capacity - first);
    // relaxed: numbers are handed out, nothing is published
  } while (!fresh_.compare_exchange(first, first + count, base::relaxed, base::relaxed));
  for (std::uint64_t i = count; i-- > 0;) into.push(static_cast<std::uint32_t>(first + i));
  return true;
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

void pool::share_among(std::size_t threads) noexcept {
  // relaxed: a figure
  if (threads > sharers_.load(base::relaxed)) sharers_.store(threads, base::relaxed);
}

// Of one magazine of a cache.
std::uint32_t pool::fair_part() const noexcept {
  const std::size_t sharers = sharers_.load(base::relaxed);  // relaxed: a figure
  if (sharers == 0) return magazine::capacity;
  const std::size_t part = capacity() / (2 * magazines_a_cache * sharers);
  return static_cast<std::uint32_t>(std::min<std::size_t>(part, magazine::capacity));
}

void pool::give_slow(cache& mine, std::uint32_t index) noexcept {
  mine.limit_ = fair_part();  // the pool may have grown, threads may have come
  if (mine.loaded_.count >= mine.limit_) {
    if (mine.spare_.count >= mine.limit_) hand_out(mine, mine.spare_);
    std::swap(mine.loaded_, mine.spare_);
  }
  mine.loaded_.push(index);
  if (mine.limit_ == 0) hand_out(mine, mine.loaded_);
  mine.tell_kept();
}

void pool::hand_out(cache& mine, magazine& from) noexcept {
  if (from.empty()) return;
  stored_.fetch_add(from.count, base::relaxed);  // relaxed: a figure
  // Should memory be too short even for the note of it, the magazine's records stay unused.
  if (!recent_.try_put(from)) depot_.give(mine.port_, from);
  from.count = from.far = 0;
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
  const std::size_t stored = stored_.load(base::relaxed);  // relaxed: a figure
  return handed > stored ? handed - stored : 0;
}

std::size_t pool::kept(const cache& by) noexcept {
  // relaxed: a figure
  return by.kept_.load(base::relaxed);
}

}  // namespace tg::memory
