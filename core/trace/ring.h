// One thread's ring: the newest records overwrite the oldest. One writer; signal handlers that interrupt it;
// readers in this process and in others, who never get a torn record.
//
// The writer makes `written` odd, writes the record, and makes it even and greater by two: a lock that nobody
// waits for. A handler that meets it odd has interrupted a write on its own thread, and gives its record up.
// Wait-free but for handlers that strike between the look and the exchange.
#pragma once

#include "core/base/atomic.h"
#include "core/trace/format.h"

#include <vector>

namespace tg::tracing {

// The file has plain integers; while it is live they are atomic ones.
template <class T>
base::atomic<T>& live(T& field) noexcept {
  static_assert(sizeof(base::atomic<T>) == sizeof(T) && alignof(base::atomic<T>) == alignof(T));
  return reinterpret_cast<base::atomic<T>&>(field);
}
template <class T>
const base::atomic<T>& live(const T& field) noexcept {
  return reinterpret_cast<const base::atomic<T>&>(field);
}

// Eight bytes of it, whatever stands there.
inline base::atomic<std::uint64_t>& live_word(void* where) noexcept {
  return *static_cast<base::atomic<std::uint64_t>*>(where);
}

struct ring {
  static constexpr std::uint64_t writing = 1;
  static constexpr std::uint64_t one_record = 2;

  ring_header* header = nullptr;
  record* records = nullptr;
  std::uint64_t mask = 0;  // size - 1; the size is a power of two

  // Answers with the number of the record, or `struck`. `make()` gives the record, and is called inside.
  static constexpr std::uint64_t struck = UINT64_MAX;
  template <class Make>
  std::uint64_t write(Make&& make) noexcept {
    auto& written = live(header->written);
    std::uint64_t seen = written.load(base::relaxed);  // relaxed: this thread's, or its handlers'
    do {
      if ((seen & writing) != 0) {
        live(header->struck).fetch_add(1, base::relaxed);  // relaxed: a count
        return struck;
      }
      // [TR1] acquire: the words below are written after the mark; pairs with [TR2]. Weaker would do: [TR4] keeps them
      // there; what the ring's last thread did is acquired by [TR18], or was over when the kernel had ended that thread
    } while (!written.compare_exchange(seen, seen | writing, base::acquire, base::relaxed));
    put(records[seen / one_record & mask], make());
    // [TR2] release: the record is whole; pairs with [TR1], [TR3]
    written.store(seen + one_record, base::release);
    return seen / one_record;
  }

  struct copy {
    std::uint64_t first = 0;  // number of the first record
    std::uint64_t end = 0;    // number after the last one
  };
  // Copies into `to`, which is as large as the ring, each record to its place; those below `from` are left out.
  copy copy_to(record* to, std::uint64_t from = 0) const noexcept {
    const std::uint64_t size = mask + 1;
    // [TR3] acquire: the records below are whole; pairs with [TR2]
    const std::uint64_t end = live(header->written).load(base::acquire) / one_record;
    std::uint64_t first = end > size ? end - size : 0;
    if (first < from) first = from;
    for (std::uint64_t number = first; number < end; ++number)
      to[number & mask] = get(records[number & mask]);
    // relaxed: after the words of the records, which [TR5] orders
    const std::uint64_t now = live(header->written).load(base::relaxed);
    const std::uint64_t reached = now / one_record + (now & writing);
    const std::uint64_t whole = reached > size ? reached - size : 0;
    if (first < whole) first = whole < end ? whole : end;
    return {first, end};
  }

  static void put(record& at, const record& what) noexcept {
    // [TR4] release: after the mark in `written`: who reads one of these words sees the mark; pairs with [TR5]
    live(at.stamp).store(what.stamp, base::release);
    live(at.what).store(what.what, base::release);  // as [TR4]
    live(at.a).store(what.a, base::release);        // as [TR4]
    live(at.b).store(what.b, base::release);        // as [TR4]
  }
  static record get(const record& at) noexcept {
    // [TR5] acquire: the mark of who overwrites the record is seen at the second look; pairs with [TR4]
    return {live(at.stamp).load(base::acquire), live(at.what).load(base::acquire),
            live(at.a).load(base::acquire), live(at.b).load(base::acquire)};
  }
};

}  // namespace tg::tracing
