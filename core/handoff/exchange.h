// Values that threads pass to each other in any order: a moodycamel queue behind a counted ticket, because
// its try_dequeue may answer "empty" while an item is there.
//
// Any thread. give and take are lock-free as far as the queue is. Calls the heap when a port is made and when
// more is stored than was expected.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/os/backoff.h"

#if __has_include(<concurrentqueue/concurrentqueue.h>)
#include <concurrentqueue/concurrentqueue.h>
#else
#include <moodycamel/concurrentqueue.h>
#endif

#include <cstddef>
#include <cstdint>
#include <new>

namespace tg::handoff {

template <class T>
class exchange {
  struct traits : moodycamel::ConcurrentQueueDefaultTraits {
    // A producer keeps this many blocks in its index before it has to allocate a larger one.
    static const std::size_t EXPLICIT_INITIAL_INDEX_SIZE = 128;
  };
  using queue = moodycamel::ConcurrentQueue<T, traits>;

 public:
  explicit exchange(std::size_t expected) : queue_(expected) {}

  // A giver's own entrance; one thread at a time uses it.
  class port {
   public:
    // Throws std::bad_alloc.
    explicit port(exchange& to) : token_(to.queue_) {
      if (!token_.valid()) throw std::bad_alloc();
    }

   private:
    friend class exchange;
    moodycamel::ProducerToken token_;
  };

  // Without memory for one more block the item is lost: false.
  bool give(port& from, const T& item) {
    if (!queue_.try_enqueue(from.token_, item) && !queue_.enqueue(from.token_, item)) return false;
    // [X1] seq_cst: the item is in the queue before it can be counted on; in one order with a taker's last
    // look before it sleeps; pairs with [X2], [X3]
    count_.fetch_add(1, base::seq_cst);
    return true;
  }

  bool take(T& item) {
    std::int64_t seen = count_.load(base::relaxed);  // relaxed: the exchange below decides
    do {
      if (seen <= 0) return false;
      // [X2] acquire: a counted item is in the queue; pairs with [X1]. Weaker would do: the queue is asked until it has
      // one, and it publishes its items
    } while (!count_.compare_exchange(seen, seen - 1, base::acquire, base::relaxed));
    for (os::backoff wait; !queue_.try_dequeue(item);) wait.pause();
    return true;
  }

  // False: nothing had been counted at some moment during the call.
  bool has_items() const noexcept {
    // [X3] seq_cst: the last look of a taker that has said that it will sleep; pairs with [X1]
    return count_.load(base::seq_cst) > 0;
  }

  // Items that can be taken now, about.
  std::size_t size() const noexcept {
    const std::int64_t seen = count_.load(base::relaxed);  // relaxed: a figure for statistics
    return seen > 0 ? static_cast<std::size_t>(seen) : 0;
  }

 private:
  queue queue_;
  alignas(base::cache_line) base::atomic<std::int64_t> count_{0};
};

}  // namespace tg::handoff
