// All places of a runtime under one hidden root: birth and death of places, and walks over them.
//
// Every member may be called from any thread; births and deaths are lock-free and call no heap while the pool
// of places is large enough; walks are safe in signal handlers. Protocol: core/event/README.md.
#pragma once

#include "core/event/place.h"
#include "core/memory/pool.h"

namespace tg::event {

class forest {
 public:
  // `places` holds records that begin with a place. The tenancies of each are counted from `first_tenancy`.
  explicit forest(memory::pool& places, place& (*at_index)(memory::pool&, std::uint32_t),
                  std::uint64_t first_tenancy = 0) noexcept;

  place& root() noexcept { return root_; }
  const place& root() const noexcept { return root_; }
  place& at(std::uint32_t index) const noexcept { return at_(places_, index); }

  // A place under `parent`, which the caller keeps alive: it is held, but walkers do not see it yet.
  // Throws std::bad_alloc.
  place& take(place& parent, memory::pool::cache& mine);
  // The same of a root's place that a thread has kept; nobody else knows of it.
  static place& take_kept(place& mine) noexcept;
  // The tenant lives from here on, set if its parent is.
  void activate(place& born) noexcept;
  // The tenant has ended; its place stays while children live.
  void end(place& dying) noexcept;
  // Gives a reference back; the place is free with the last one, and so on upwards. Of a line of zombies that is left,
  // one stays.
  void drop(place& held, memory::pool::cache& mine) noexcept;
  // The same; a root's place that is free is kept in `kept` if that is empty, for this thread's next root.
  void drop(place& held, memory::pool::cache& mine, place*& kept) noexcept;
  // Holds the place if that tenant, living or ended, still has it.
  bool try_hold(place& wanted, std::uint64_t tenancy, memory::pool::cache& mine) noexcept;
  // A deadline that goes down from the place has done so: nothing more keeps a zombie where it is.
  static void unpin(place& at) noexcept {
    // [F34] release: what the deadline has set; pairs with [F33]. Weaker would do: who merges has seen its setter's
    // reference go
    at.pinned.store(0, base::release);
  }
  // False: that tenant is gone for good. True also before its activation. A figure.
  static bool may_live(const place& at, std::uint64_t tenancy) noexcept;

  // While one of these exists, no place that it can reach serves elsewhere.
  class walk_guard {
   public:
    explicit walk_guard(forest& of) noexcept;
    walk_guard(const walk_guard&) = delete;
    walk_guard& operator=(const walk_guard&) = delete;
    ~walk_guard();

   private:
    base::atomic<std::uint32_t>& counter_;
  };

  // Pre-order over what hangs under `top`, itself left out; free places are skipped with all below them.
  // visit(place&): zombies and living groups alike.
  template <class Visit>
  static void walk(place& top, Visit&& visit);

  std::uint64_t id_of(origin_ref origin) const noexcept;
  static std::uint64_t id_of(const place& of) noexcept { return of.tenancy() << index_bits | of.index; }

  static constexpr unsigned index_bits = 20;
  static constexpr std::size_t max_places = std::size_t{1} << index_bits;

 private:
  // Places that nobody finds any more, linked by next_retired.
  struct chain {
    place* first = nullptr;
    place* last = nullptr;
    void push(place& at) noexcept;
  };

  void set_up(place& fresh, std::uint32_t index, place& parent) const noexcept;
  static void look_ahead(place& linked) noexcept;
  static void begin_tenancy(place& taken) noexcept;
  static void set_free(place& ended) noexcept;
  place* pop_free(place& parent) noexcept;
  void push_free(place& parent, place& freed) noexcept;
  void release_children(place& of, memory::pool::cache& mine) noexcept;
  static void forget_free_children(place& of) noexcept;
  static chain detach_children(place& of) noexcept;
  place& give_up(place& held, memory::pool::cache& mine) noexcept;
  void trim_if_long(place& parent, memory::pool::cache& mine) noexcept;
  void trim(place& parent, memory::pool::cache& mine) noexcept;
  chain unlink_marked(place& parent) noexcept;
  void compact_if_zombie(place& at, memory::pool::cache& mine) noexcept;
  void compact(place& from, memory::pool::cache& mine) noexcept;
  bool merge_only_child(place& upper, memory::pool::cache& mine, chain& gone) noexcept;
  void adopt_children(place& upper, place& lower, std::uint32_t held) noexcept;
  void give_up_held(place& first, std::uint32_t count, memory::pool::cache& mine) noexcept;
  bool nobody_walks() const noexcept;
  void dismiss(const chain& gone, memory::pool::cache& mine) noexcept;
  void retire(const chain& gone) noexcept;
  bool has_retired() const noexcept;
  bool raise_age() noexcept;
  void grow_older(memory::pool::cache& mine) noexcept;
  void give_back(place* retired, memory::pool::cache& mine) noexcept;

  memory::pool& places_;
  place& (*at_)(memory::pool&, std::uint32_t);
  const std::uint64_t first_tenancy_;
  place root_;
  // Walks that go on, counted by the parity of the age that was read at their beginning.
  alignas(base::cache_line) base::atomic<std::uint32_t> walkers_[2]{};
  base::atomic<std::uint64_t> age_{0};            // only ever raised; see grow_older
  base::atomic<place*> retired_[4]{};             // chains, by the age in which they were retired
  base::atomic<std::uint32_t> growing_older_{0};  // somebody is in grow_older
};

// The next place in pre-order; nullptr: the walk is over. `into`: the children of `from` come first.
inline place* next_in_walk(place& top, place& from, bool into) noexcept {
  if (into) {
    // [F1] seq_cst: a child that is linked after this look reads its parent's word afterwards; pairs with
    // [F2]
    if (place* child = from.first_child.load(base::seq_cst)) return child;
  }
  for (place* at = &from; at != &top; at = at->parent()) {
    // [F3] seq_cst: the sibling was linked as a whole; what was unlinked before the walk is not met; pairs with [F2], [F4]
    if (place* sibling = at->next_sibling.load(base::seq_cst)) return sibling;
  }
  return nullptr;
}

template <class Visit>
void forest::walk(place& top, Visit&& visit) {
  bool into = true;
  for (place* at = &top; (at = next_in_walk(top, *at, into)) != nullptr;) {
    // [F5] seq_cst: a tenant that is activated after this look reads its parent's word afterwards; forbidden
    // is a child that neither the walker nor its own look has set; pairs with [F6]
    into = life_word(at->life.load(base::seq_cst)).taken();
    // relaxed: a hint
    if (place* upcoming = at->upcoming.load(base::relaxed)) base::prefetch_to_write(upcoming);
    if (into) visit(*at);
  }
}

}  // namespace tg::event
