// What each thread has of a runtime for itself: records at hand, and a mailbox for tickets.
//
// A thread gets its share at its first use of the runtime, which calls the heap; after the thread's end it is handed
// on to another. Lock-free, but for the share that is lent: one thread at a time has it.
#pragma once

#include "core/arena/mailbox.h"
#include "core/deadline/timer.h"
#include "core/event/place.h"
#include "core/memory/pool.h"
#include "core/task/this_thread.h"

#include <cstddef>
#include <optional>

namespace tg::detail {
struct engine;
}

namespace tg::groups {

using detail::engine;

struct local {
  struct share {
    explicit share(engine& of);
    memory::pool::cache tasks;
    std::uint32_t pledged =
        0;  // segments at hand for tasks of this thread that are admitted and not committed
    memory::pool::cache segments;
    memory::pool::cache ready_segments;
    memory::pool::cache slots;
    event::place* kept_root = nullptr;  // free, and this thread's for its next root group
    deadline::timer::port deadlines;
    arena::mailbox offers;
  };

  // So many segments at most are neither in a queue nor to be had by others.
  static constexpr std::size_t kept_segments = 2 * memory::magazine::capacity + 1;

  enum class use : std::uint32_t { taken, idle, orphan, lent };

  base::atomic<engine*> owner{nullptr};  // nullptr: the runtime was destroyed
  base::atomic<use> state{use::taken};
  std::optional<share> mine;
  local* next_of_thread = nullptr;  // the thread's
  local* next_of_engine = nullptr;  // fixed once listed
};

// All of a runtime's.
class share_list {
 public:
  share_list() = default;
  share_list(const share_list&) = delete;
  share_list& operator=(const share_list&) = delete;
  // Shares of living threads are emptied here and deleted by those threads.
  ~share_list();

  // The calling thread's; nullptr: it has none yet.
  static local::share* find(const engine& of) noexcept {
    for (local* at = task::self.locals; at != nullptr; at = at->next_of_thread) {
      // relaxed: written by this thread, or to nullptr
      if (at->owner.load(base::relaxed) == &of) return &*at->mine;
    }
    return nullptr;
  }
  // The calling thread gets one. Throws std::bad_alloc.
  local::share& first_use(engine& of);
  // Makes the one that is lent. Once; throws std::bad_alloc.
  void make_spare(engine& of);

  std::size_t count() const noexcept { return count_.load(base::relaxed); }  // relaxed: a count
  // Records that threads keep at hand.
  std::size_t kept(memory::pool::cache local::share::*cache) const noexcept;

 private:
  friend class share_for_now;
  local* take_idle() noexcept;
  local& make(engine& of);

  base::atomic<local*> newest_{nullptr};
  base::atomic<std::size_t> count_{0};  // that there are, or are being made
  local* spare_ = nullptr;
  base::atomic<std::uint32_t> lent_{0};
};

// For what must not fail: as long as one lives, the calling thread has a share. If there is no memory for one of its
// own, it has the spare one, and others for whom there is none wait. So no user's function should be called meanwhile; the
// destructor of a group does, when it skips what is queued.
class share_for_now {
 public:
  explicit share_for_now(engine& of) noexcept {
    if (share_list::find(of) == nullptr) [[unlikely]]
      get_one(of);
  }
  share_for_now(const share_for_now&) = delete;
  share_for_now& operator=(const share_for_now&) = delete;
  ~share_for_now() {
    if (lender_ != nullptr) [[unlikely]]
      give_back();
  }

 private:
  void get_one(engine& of) noexcept;
  void give_back() noexcept;

  share_list* lender_ = nullptr;
};

}  // namespace tg::groups
