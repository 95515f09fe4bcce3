// A node of the tree of events. A place whose group has ended stays in its parent's list of children and is
// taken again by the next child of the same parent. Trimming takes such places out of a list that has become long; their
// memory and their own links stay as they were until no walker can be at them.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/event/event_word.h"

#include <threadgroup/detail/event_flag.h>

#include <cstdint>

namespace tg::event {

// The life of a place's tenants: {tenancy 62 | state 2}.
//
//            birth                  group ends                 last reference goes
//   free(n) -------> active(n + 1) ------------> zombie(n + 1) -------------------> free(n + 1)
//   free(n) <------> unlinked(n)      by the one who trims the parent's list
//   zombie(n + 1) -> free(n + 1)      of one that was merged away: when nobody walks there any more
enum class tenant { free, active, zombie, unlinked };

class life_word {
 public:
  constexpr explicit life_word(std::uint64_t bits) noexcept : bits_(bits) {}
  constexpr life_word(std::uint64_t tenancy, tenant state) noexcept
      : bits_(tenancy << 2 | static_cast<std::uint64_t>(state)) {}

  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr tenant state() const noexcept { return static_cast<tenant>(bits_ & 3); }
  constexpr std::uint64_t tenancy() const noexcept { return bits_ >> 2; }
  // A group, living or ended, holds the place.
  constexpr bool taken() const noexcept { return state() == tenant::active || state() == tenant::zombie; }

 private:
  std::uint64_t bits_;
};

// What a setter has to do in a place beyond setting the word. Hints: raised before the look at the word that they
// guard, lowered only by the setter who acts on them; some last longer than that, and than what they tell of.
enum attention : std::uint32_t {
  sleepers = 1,   // somebody may sleep on the event
  callbacks = 2,  // callbacks may be registered; until the next tenant
  waiters = 4,    // somebody may wait for the group: joiner, condition waiter, producer
  backlog = 8,    // tasks may be queued; as long as the place is its parent's
};

struct place : detail::event_flag {
  // First line: read by checkers and walkers, written at birth, set and death.
  base::atomic<std::uint32_t> attention_bits{0};
  base::atomic<std::uint32_t> sleep_seq{0};    // the futex of who sleeps on the event; only ever raised
  base::atomic<std::uint64_t> life{0};         // life_word
  base::atomic<place*> next_sibling{nullptr};  // written before the link, then by who holds `trimming`
  base::atomic<place*> first_child{nullptr};   // newest first
  base::atomic<place*> upcoming{nullptr};      // a hint: a sibling some steps on, to be prefetched by walkers
  base::atomic<place*> above{nullptr};         // parent(); changes only when that one is merged away
  std::uint32_t index = 0;                     // in the pool
  std::uint32_t depth = 0;                     // more than the parent's; fixed while linked

  // Second line: written by births and deaths of children. References are the tenant's, children's, timers' and deferred
  // work's.
  alignas(base::cache_line) base::atomic<std::uint32_t> refs{0};  // 0: free
  base::atomic<std::uint32_t> setters{0};                         // walks that began here and still go on
  base::atomic<std::uint64_t> free_children{0};  // {tag 32 | index + 1}: stack of free places
  base::atomic<std::uint32_t> next_free{0};      // index + 1 of the one below on the parent's stack
  base::atomic<std::uint32_t> listed{0};         // places in the list of children
  base::atomic<std::uint32_t> trimming{0};       // somebody shortens the list of children, or merges it
  base::atomic<std::uint32_t> pinned{0};         // a deadline that has not fired goes down from here
  place* next_retired = nullptr;  // of a place that has left its list: whoever took it out; then the forest's
  base::atomic<std::uint32_t> cells_listed{0};  // of callbacks, see core/group/cells.h: in the list
  base::atomic<std::uint32_t> cells_in_use{0};  // those of them that are not free

  // Who asks holds the place. Further up, only who counts as a walker may look.
  place* parent() const noexcept {
    // [F31] seq_cst: what was merged away before the walk is not met, and what it had handed down is seen; pairs with
    // [F32]. Weaker would do, as there
    return above.load(base::seq_cst);
  }
  std::uint64_t tenancy() const noexcept {
    return life_word(life.load(base::relaxed)).tenancy();  // relaxed: asked by who holds the place
  }
  origin_ref as_origin() const noexcept { return {index, static_cast<std::uint16_t>(tenancy())}; }
};
static_assert(sizeof(place) == 2 * base::cache_line);

}  // namespace tg::event
