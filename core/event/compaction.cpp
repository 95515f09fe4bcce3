// Of a line of groups, each made by a task of the one before, all but the last may have ended. Where of two zombies the
// upper one has no other child, the lower one's children go to the upper one, so that the places that are held follow what
// lives.
//
// Lock-free: who finds another one at work on a list leaves it to the next end in the line. Protocol: core/event/README.md, "A line of zombies".
#include "core/event/forest.h"

namespace tg::event {
namespace {

bool is_zombie(const place& at) noexcept {
  // as [F14]; weaker would do: where one reference is left, births and end have been counted
  return life_word(at.life.load(base::acquire)).state() == tenant::zombie;
}

// No more children come, and all others have gone.
bool has_one_child(const place& zombie) noexcept {
  // relaxed: of a zombie it falls, but for those who hold it for a while
  return zombie.refs.load(base::relaxed) == 1;
}

place* first_of(const place& parent) noexcept {
  return parent.first_child.load(base::acquire);  // as [F1]; weaker would do: births are over
}
place* next_of(const place& at) noexcept {
  return at.next_sibling.load(base::acquire);  // as [F3]; weaker would do: births are over
}

place* only_child(const place& zombie) noexcept {
  const auto is_taken = [](const place& at) {
    // relaxed: looked at again when a child of it is held
    return life_word(at.life.load(base::relaxed)).taken();
  };
  place* at = first_of(zombie);
  while (at != nullptr && !is_taken(*at)) at = next_of(*at);
  return at;
}

// The right to change a list of children.
class list_hold {
 public:
  explicit list_hold(place& of) noexcept
      : of_(of), held_(of.trimming.exchange(1, base::acquire) == 0) {}  // as [F21]
  list_hold(const list_hold&) = delete;
  list_hold& operator=(const list_hold&) = delete;
  ~list_hold() {
    if (held_) of_.trimming.store(0, base::release);  // as [F22]
  }
  bool held() const noexcept { return held_; }

 private:
  place& of_;
  const bool held_;
};

bool is_taken_by_refs(const place& child) noexcept {
  return child.refs.load(base::relaxed) != 0;  // relaxed: of a zombie's child; 0 is for ever
}

bool try_hold(place& child) noexcept {
  std::uint32_t seen = child.refs.load(base::relaxed);  // relaxed: the exchange decides
  do {
    if (seen == 0) return false;
    // as [F15]; weaker would do: only atomics are read of what is held
  } while (!child.refs.compare_exchange(seen, seen + 1, base::acquire, base::relaxed));
  return true;
}

place* hold_next(place* from) noexcept {
  while (from != nullptr && !try_hold(*from)) from = next_of(*from);
  return from;
}

bool is_pinned(const place& at) noexcept {
  // [F33] acquire: what the deadline has set; pairs with [F34]. Weaker would do, as there
  return at.pinned.load(base::acquire) != 0;
}

// `first` is held, which keeps all three where they are, with their tenants.
bool is_line(const place& upper, const place& lower, const place& first) noexcept {
  return first.parent() == &lower && lower.parent() == &upper && is_zombie(lower) && !is_pinned(lower) &&
         is_zombie(upper) && has_one_child(upper);
}

base::atomic<place*>& link_to(const place& child, place& parent) noexcept {
  base::atomic<place*>* link = &parent.first_child;
  // relaxed: nobody else changes them
  for (place* at; (at = link->load(base::relaxed)) != &child;) link = &at->next_sibling;
  return *link;
}

}  // namespace

void forest::compact_if_zombie(place& at, memory::pool::cache& mine) noexcept {
  if (is_zombie(at)) compact(at, mine);
}

// Nothing is held: by the time that a place is looked at it may have another tenant, and is judged as that.
void forest::compact(place& from, memory::pool::cache& mine) noexcept {
  chain gone;
  {
    const walk_guard looking(*this);
    for (place* at = &from; is_zombie(*at); at = at->parent()) {
      while (has_one_child(*at) && merge_only_child(*at, mine, gone)) {
      }
    }
  }
  dismiss(gone, mine);
}

bool forest::merge_only_child(place& upper, memory::pool::cache& mine, chain& gone) noexcept {
  place* const lower = only_child(upper);
  if (lower == nullptr || !is_zombie(*lower)) return false;
  place* first = nullptr;
  std::uint32_t children = 0;
  bool merged = false;
  {
    const list_hold of_upper(upper);
    const list_hold of_lower(*lower);
    if (!of_upper.held() || !of_lower.held()) return false;
    first = hold_next(first_of(*lower));
    if (first == nullptr) return false;
    children = 1;
    if (is_line(upper, *lower, *first)) {
      for (place* at = first; (at = hold_next(next_of(*at))) != nullptr;) ++children;
      std::uint32_t holders = children;
      // as [F16]: nobody else holds it, a setter for one, and nobody will. Weaker would do: who has held it changed
      // nothing of it but while it walked, and it serves elsewhere only after the walks
      merged = lower->refs.compare_exchange(holders, 0, base::acquire, base::relaxed);
      if (merged) adopt_children(upper, *lower, children);
    }
  }
  if (merged) {
    gone.push(*lower);
    trim_if_long(upper, mine);  // while the children are held, and it by them
  }
  give_up_held(*first, children, mine);
  return merged;
}

// They take their parent's place in the list above it: a walk meets what it met before, in the same order. What it stands
// on keeps its links, and stays a zombie.
void forest::adopt_children(place& upper, place& lower, std::uint32_t held) noexcept {
  upper.refs.fetch_add(held - 1, base::relaxed);  // relaxed: with that of the lower one, which has gone
  place* const first = first_of(lower);
  place* last = first;
  std::uint32_t listed = 1;
  for (place* at; (at = next_of(*last)) != nullptr; ++listed) last = at;
  // as [F4]; weaker would do, and it could be left out: what is behind is free
  last->next_sibling.store(next_of(lower), base::seq_cst);
  // as [F4]; weaker would do: both ways lead to the same children, and who comes when the lower one has gone is
  // counted after it, as in [F32]
  link_to(lower, upper).store(first, base::seq_cst);
  upper.listed.fetch_add(listed - 1, base::relaxed);  // relaxed: a figure
  for (place* at = first;; at = next_of(*at)) {
    // [F32] seq_cst: a walker that comes later does not get to the lower one; what was handed down there comes before;
    // pairs with [F9], [F31]. Weaker would do while the age stays: who merges is a walker, and the next one reads the
    // same counter after it
    at->above.store(&upper, base::seq_cst);
    if (!is_taken_by_refs(*at)) push_free(upper, *at);
    if (at == last) return;
  }
}

void forest::give_up_held(place& first, std::uint32_t count, memory::pool::cache& mine) noexcept {
  for (place* at = &first; count > 0;) {
    place& child = *at;
    at = next_of(child);
    if (!is_taken_by_refs(child)) continue;
    --count;
    give_up(child, mine);
  }
}

}  // namespace tg::event
