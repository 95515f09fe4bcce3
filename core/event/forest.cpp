#include "core/event/forest.h"

#include "core/event/propagate.h"

#include <iterator>
#include <utility>

namespace tg::event {
namespace {

// A list is shortened when more than half of it is free, and this many more.
constexpr std::uint32_t trim_slack = 64;

constexpr std::uint32_t top_of(std::uint64_t stack) noexcept { return static_cast<std::uint32_t>(stack); }
constexpr std::uint64_t with_top(std::uint64_t stack, std::uint32_t top) noexcept {
  return ((stack >> 32) + 1) << 32 | top;
}

}  // namespace

forest::forest(memory::pool& places, place& (*at_index)(memory::pool&, std::uint32_t),
               std::uint64_t first_tenancy) noexcept
    : places_(places), at_(at_index), first_tenancy_(first_tenancy) {
  root_.index = static_cast<std::uint32_t>(max_places - 1);
  // relaxed: nobody else knows the forest yet
  root_.refs.store(1, base::relaxed);
  root_.life.store(life_word(1, tenant::active).bits(), base::relaxed);
}

// The age may have passed by the time the walker is counted: whoever waits for walkers waits for both counters.
forest::walk_guard::walk_guard(forest& of) noexcept
    : counter_(of.walkers_[of.age_.load(base::relaxed) % 2]) {  // relaxed: any answer will do
  // [F8] seq_cst: of this and the unlinking of a place, and of the looks that follow, one sees the other:
  // forbidden is a walker on a place that went to another parent; pairs with [F9], [F10]
  counter_.fetch_add(1, base::seq_cst);
}

forest::walk_guard::~walk_guard() {
  // [F11] release: the walker has left all places; pairs with [F9], [F10]
  counter_.fetch_sub(1, base::release);
}

// Places come out of the pool in any order, and a walker finds a line only by the one before it.
void forest::look_ahead(place& linked) noexcept {
  constexpr int steps = 4;
  place* ahead = &linked;
  for (int i = 0; i < steps && ahead != nullptr; ++i)
    ahead = ahead->next_sibling.load(base::relaxed);  // relaxed: a hint
  linked.upcoming.store(ahead, base::relaxed);        // relaxed: a hint
}

place& forest::take(place& parent, memory::pool::cache& mine) {
  place* found = pop_free(parent);
  const bool linked = found != nullptr;
  if (!linked) {
    const std::uint32_t index = places_.take_or_grow(mine);
    found = &at(index);
    set_up(*found, index, parent);
  }
  parent.refs.fetch_add(1, base::relaxed);  // relaxed: the caller keeps the parent
  begin_tenancy(*found);
  if (!linked) {
    parent.listed.fetch_add(1, base::relaxed);              // relaxed: a figure that says when to trim
    place* first = parent.first_child.load(base::relaxed);  // relaxed: the exchange decides
    do {
      found->next_sibling.store(first, base::relaxed);  // relaxed: published by the link
      // [F2] seq_cst: the place is linked before its tenant looks at the parent's word; pairs with [F1], [F3]
    } while (!parent.first_child.compare_exchange(first, found, base::seq_cst, base::relaxed));
    look_ahead(*found);
  }
  return *found;
}

// Out of the pool, and this thread's alone.
void forest::set_up(place& fresh, std::uint32_t index, place& parent) const noexcept {
  fresh.index = index;
  fresh.above.store(&parent, base::relaxed);  // relaxed: published by the link
  fresh.depth = parent.depth + 1;
  fresh.attention_bits.store(0, base::relaxed);  // relaxed: published by the link
  // relaxed: as above; one that was merged away has kept its list
  fresh.first_child.store(nullptr, base::relaxed);
  forget_free_children(fresh);
  // relaxed: published by the link
  if (fresh.tenancy() == 0) fresh.life.store(life_word(first_tenancy_, tenant::free).bits(), base::relaxed);
}

// It is still in the root's list, and counted there.
place& forest::take_kept(place& mine) noexcept {
  begin_tenancy(mine);
  return mine;
}

void forest::begin_tenancy(place& taken) noexcept {
  // Where there were tasks, there will be: who adds the first one need not raise the hint.
  const std::uint32_t kept = taken.attention_bits.load(base::relaxed) & backlog;  // relaxed: a hint
  // relaxed: published by what follows: the link, or the activation
  taken.attention_bits.store(kept, base::relaxed);
  // [F30] release: after the tenant before has ended; a snapshot looks at the tenancy again; pairs with [E3]
  taken.word.store(event_word(taken.word.load(base::relaxed)).to_fresh().bits(), base::release);
  taken.setters.store(0, base::relaxed);
  taken.pinned.store(0, base::relaxed);  // relaxed: as above
  // [F23] release: who holds the place from here on sees that the last tenant has gone, and does not take the new
  // one for it; pairs with [F15]
  taken.refs.store(1, base::release);
}

void forest::activate(place& born) noexcept {
  const std::uint64_t tenancy = life_word(born.life.load(base::relaxed)).tenancy() + 1;  // relaxed: own place
  // [F6] seq_cst: seen by walkers from here on, before the look below; pairs with [F5], [F7], [R3], [Y1]
  born.life.exchange(life_word(tenancy, tenant::active).bits(), base::seq_cst);
  inherit(born, *born.parent());
}

void forest::end(place& dying) noexcept {
  // [F13] release: what the group did comes before its end; pairs with [F14]. Weaker would do: who reads it knows the
  // slot already, walkers from before the birth, the timer from the arming
  dying.life.store(life_word(dying.tenancy(), tenant::zombie).bits(), base::release);
}

bool forest::try_hold(place& wanted, std::uint64_t tenancy, memory::pool::cache& mine) noexcept {
  std::uint32_t seen = wanted.refs.load(base::relaxed);  // relaxed: the exchange decides
  do {
    if (seen == 0) return false;
    // [F15] acquire: the tenant that is held is seen below; pairs with [F16], [F23]
  } while (!wanted.refs.compare_exchange(seen, seen + 1, base::acquire, base::relaxed));
  // [F14] acquire: whose place it is now; pairs with [F13]. Weaker would do, as there
  const life_word life(wanted.life.load(base::acquire));
  if (life.taken() && life.tenancy() == tenancy) return true;
  drop(wanted, mine);
  return false;
}

bool forest::may_live(const place& at, std::uint64_t tenancy) noexcept {
  const life_word life(at.life.load(base::relaxed));  // relaxed: a late answer is "yes" for longer
  return life.tenancy() < tenancy || (life.tenancy() == tenancy && life.taken());
}

void forest::drop(place& held, memory::pool::cache& mine) noexcept {
  compact_if_zombie(give_up(held, mine), mine);
}

// The first place on the way up that is not free.
place& forest::give_up(place& held, memory::pool::cache& mine) noexcept {
  place* at = &held;
  // [F16] acq_rel: all that the holders did comes before the place is free; pairs with [F15]
  while (at->refs.fetch_sub(1, base::acq_rel) == 1) {
    place& parent = *at->parent();
    set_free(*at);
    release_children(*at, mine);
    push_free(parent, *at);
    trim_if_long(parent, mine);
    at = &parent;
  }
  return *at;
}

void forest::drop(place& held, memory::pool::cache& mine, place*& kept) noexcept {
  if (held.parent() != &root_ || kept != nullptr) return drop(held, mine);
  if (held.refs.fetch_sub(1, base::acq_rel) != 1) return compact_if_zombie(held, mine);  // as [F16]
  set_free(held);
  release_children(held, mine);
  kept = &held;
}

void forest::set_free(place& ended) noexcept {
  const std::uint64_t bits = life_word(ended.tenancy(), tenant::free).bits();
  // relaxed: only tenants, all gone, link children
  if (ended.first_child.load(base::relaxed) == nullptr) {
    ended.life.store(bits,
                     base::relaxed);  // relaxed: without a list nobody goes below; the push publishes it
  } else {
    // [F17] seq_cst: walkers that come later do not go below; pairs with [F9]
    ended.life.store(bits, base::seq_cst);
  }
}

place* forest::pop_free(place& parent) noexcept {
  // [F18] acquire: the place below the top, and the freed place's state; pairs with [F19]
  std::uint64_t stack = parent.free_children.load(base::acquire);
  while (top_of(stack) != 0) {
    place& top = at(top_of(stack) - 1);
    const std::uint32_t below = top.next_free.load(base::relaxed);  // relaxed: the tag proves it was current
    // [F20] acquire: as [F18], and the place is this thread's alone; pairs with [F19]. Weaker would do where it
    // succeeds: the tag says that the value is the one that was acquired before
    if (parent.free_children.compare_exchange(stack, with_top(stack, below), base::acquire, base::acquire)) {
      return &top;
    }
  }
  return nullptr;
}

void forest::push_free(place& parent, place& freed) noexcept {
  std::uint64_t stack = parent.free_children.load(base::relaxed);  // relaxed: the exchange decides
  do {
    freed.next_free.store(top_of(stack), base::relaxed);  // relaxed: published by the exchange
    // [F19] release: the place is left as its next tenant may find it; pairs with [F18], [F20]
  } while (!parent.free_children.compare_exchange(stack, with_top(stack, freed.index + 1), base::release,
                                                  base::relaxed));
}

// The place is free and nobody's: so are all its children, and they leave it.
void forest::release_children(place& of, memory::pool::cache& mine) noexcept {
  // relaxed: only tenants, all gone, link children
  if (of.first_child.load(base::relaxed) == nullptr) return;
  dismiss(detach_children(of), mine);
}

void forest::chain::push(place& at) noexcept {
  if (first == nullptr) last = &at;
  at.next_retired = std::exchange(first, &at);
}

// Of a place that is nobody's.
void forest::forget_free_children(place& of) noexcept {
  // relaxed: nobody's
  of.free_children.store(with_top(of.free_children.load(base::relaxed), 0), base::relaxed);
  of.listed.store(0, base::relaxed);  // relaxed: as above
}

// The links that a walker follows are kept.
forest::chain forest::detach_children(place& of) noexcept {
  chain out;
  // relaxed: nobody's; walkers that come later find it free, those that are below do not look at it again
  place* at = of.first_child.exchange(nullptr, base::relaxed);
  while (at != nullptr) {
    out.push(*at);
    at = at->next_sibling.load(base::relaxed);  // relaxed: nobody's
  }
  forget_free_children(of);
  return out;
}

bool forest::nobody_walks() const noexcept {
  // [F9] seq_cst: after places were freed or unlinked; a walker that is not seen here does not get to them; pairs with
  // [F4], [F8], [F11], [F17], [F32]
  return walkers_[0].load(base::seq_cst) == 0 && walkers_[1].load(base::seq_cst) == 0;  // as [F9]
}

// What nobody finds any more goes back to the pool: now, or when all have gone who may stand on it.
void forest::dismiss(const chain& gone, memory::pool::cache& mine) noexcept {
  if (gone.first != nullptr) {
    if (nobody_walks()) {
      give_back(gone.first, mine);
    } else {
      retire(gone);
    }
  }
  grow_older(mine);
}

void forest::retire(const chain& gone) noexcept {
  // [F24] seq_cst: the age after the places were freed or unlinked; pairs with [F25]
  base::atomic<place*>& list = retired_[age_.load(base::seq_cst) % std::size(retired_)];
  place* seen = list.load(base::relaxed);  // relaxed: the exchange decides
  do {
    gone.last->next_retired = seen;
    // [F26] release: the chain; pairs with [F27]
  } while (!list.compare_exchange(seen, gone.first, base::release, base::relaxed));
}

bool forest::has_retired() const noexcept {
  for (const base::atomic<place*>& list : retired_) {
    if (list.load(base::relaxed) != nullptr) return true;  // relaxed: whoever retires next looks again
  }
  return false;
}

// The age is raised when the counter that new walkers will take is empty. So two raises, both begun after a place was
// retired, have seen both counters empty since: whoever may stand on it has gone. One more may have begun before: after
// the third the place is nobody's. Walks may overlap without end, as long as each of them ends.
bool forest::raise_age() noexcept {
  const std::uint64_t age = age_.load(base::relaxed);  // relaxed: as the one before left it, by [F28]
  // [F10] seq_cst: after the age was read; a walker that is not seen here does not get to what was retired before; pairs
  // with [F8], [F11]
  if (walkers_[(age + 1) % 2].load(base::seq_cst) != 0) return false;
  // [F25] seq_cst: what is retired in the age that ends was retired before; pairs with [F24]
  age_.store(age + 1, base::seq_cst);
  return true;
}

// One thread at a time, from the raise to the taking: a list that is due is soon used by another age. Who finds another
// one at work goes on.
void forest::grow_older(memory::pool::cache& mine) noexcept {
  constexpr std::uint64_t due_after = 3;
  if (!has_retired()) return;
  // [F28] acquire: the age and the lists as the one before left them; pairs with [F29]
  if (growing_older_.exchange(1, base::acquire) != 0) return;
  for (std::uint64_t raises = 0; raises < due_after && has_retired() && raise_age(); ++raises) {
    const std::uint64_t due = age_.load(base::relaxed) - due_after;  // relaxed: written by this thread
    // [F27] acquire: the chains; pairs with [F26]
    give_back(retired_[due % std::size(retired_)].exchange(nullptr, base::acquire), mine);
  }
  // [F29] release: the age and the lists; pairs with [F28]
  growing_older_.store(0, base::release);
}

void forest::give_back(place* retired, memory::pool::cache& mine) noexcept {
  while (retired != nullptr) {
    place& at = *std::exchange(retired, retired->next_retired);
    const life_word life(at.life.load(base::relaxed));  // relaxed: nobody's
    // One that was merged away has been a zombie to walkers until now.
    // relaxed: nobody's
    if (life.taken()) at.life.store(life_word(life.tenancy(), tenant::free).bits(), base::relaxed);
    places_.give(mine, at.index);
  }
}

void forest::trim_if_long(place& parent, memory::pool::cache& mine) noexcept {
  // relaxed: figures; whoever frees next looks again
  const std::uint32_t living = parent.refs.load(base::relaxed);
  if (parent.listed.load(base::relaxed) <= 2 * living + trim_slack) return;
  // [F21] acquire: what the trimmer before did to the list; pairs with [F22]
  if (parent.trimming.exchange(1, base::acquire) != 0) return;
  trim(parent, mine);
  // [F22] release: the list is as the next trimmer may find it; pairs with [F21]
  parent.trimming.store(0, base::release);
}

// Takes free places out of a living parent's list. A walker may stand on them and finds its way by links that are
// kept.
void forest::trim(place& parent, memory::pool::cache& mine) noexcept {
  std::uint32_t marked = 0;
  const std::uint32_t goal = parent.listed.load(base::relaxed) / 2;  // relaxed: a figure
  while (marked < goal) {
    place* freed = pop_free(parent);
    if (freed == nullptr) break;
    // relaxed: read again by this thread only; for walkers it is as free as before
    freed->life.store(life_word(freed->tenancy(), tenant::unlinked).bits(), base::relaxed);
    ++marked;
  }
  if (marked != 0) dismiss(unlink_marked(parent), mine);
}

forest::chain forest::unlink_marked(place& parent) noexcept {
  chain out;
  const auto is_marked = [](const place& at) {
    // relaxed: marked by this thread
    return life_word(at.life.load(base::relaxed)).state() == tenant::unlinked;
  };
  // The first of the list stays: births exchange it.
  place* kept =
      parent.first_child.load(base::acquire);  // as [F1]; what follows it changes by this thread only
  if (is_marked(*kept)) {
    // relaxed: published by the push
    kept->life.store(life_word(kept->tenancy(), tenant::free).bits(), base::relaxed);
    push_free(parent, *kept);
  }
  std::uint32_t gone = 0;
  for (place* at = kept->next_sibling.load(base::relaxed); at != nullptr;) {  // relaxed: as above
    place* next = at->next_sibling.load(base::relaxed);
    if (is_marked(*at)) {
      // [F4] seq_cst: a walker that comes later does not get here; pairs with [F3], [F9]
      kept->next_sibling.store(next, base::seq_cst);
      at->life.store(life_word(at->tenancy(), tenant::free).bits(), base::relaxed);  // relaxed: own place
      out.push(*at);
      ++gone;
    } else {
      kept = at;
    }
    at = next;
  }
  parent.listed.fetch_sub(gone, base::relaxed);  // relaxed: a figure
  return out;
}

std::uint64_t forest::id_of(origin_ref origin) const noexcept {
  // The last tenancy with these low bits; later tenants of the place count on from it.
  const place& where = origin.index == root_.index ? root_ : at(origin.index);
  const std::uint64_t now = where.tenancy();
  const std::uint64_t behind = static_cast<std::uint16_t>(static_cast<std::uint16_t>(now) - origin.tag);
  return (now - behind) << index_bits | origin.index;
}

}  // namespace tg::event
