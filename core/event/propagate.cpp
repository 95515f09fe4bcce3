#include "core/event/propagate.h"

#include "core/os/futex.h"

namespace tg::event {
namespace {

std::uint32_t attention_of(const place& at) noexcept {
  // [E1] seq_cst: after the word was set; of this pair and a waiter's, which raises its hint and then looks
  // at the word, one sees the other: forbidden is a sleeper whom nobody wakes; pairs with [E2]
  return at.attention_bits.load(base::seq_cst);
}

// A child that has ended may hold its place for a while yet: only living ones count.
bool has_descendant(place& top) noexcept {
  bool found = false;
  forest::walk(top, [&](const place& at) {
    // [R3] seq_cst: children born before the mark; one that is born later meets it; pairs with [F6]. Weaker would do:
    // the walk has looked by [F5], and who is born after that look meets the mark
    found |= life_word(at.life.load(base::seq_cst)).state() == tenant::active;
  });
  return found;
}

}  // namespace

setting::setting(forest& trees, place& source) noexcept : walking_(trees), source_(source) {
  // [R1] seq_cst: of this and a reset's beginning one sees the other; pairs with [R4]
  source_.setters.fetch_add(1, base::seq_cst);
}

setting::~setting() {
  // [R2] release: the walk is over; pairs with [R4]. Beyond the model: a write of the walk that comes later than this
  source_.setters.fetch_sub(1, base::release);
}

namespace {

// What to set it to is asked after the word was read unset.
template <class SetTo>
bool set_word_to(place& at, SetTo&& set_to) noexcept {
  // [F7] seq_cst: it may answer that all is set, and is ordered with births as the exchange is; pairs with [F6]
  std::uint64_t seen = at.word.load(base::seq_cst);
  for (;;) {
    const event_word word(seen);
    if (word.is_set() && !word.is_resetting()) return false;
    const event_word wanted = word.is_set() ? word.to_cancelled() : set_to(word);
    // [V2] seq_cst: publishes what happened before the set, to checkers and, in one order with births and
    // waiters, to those who look after they have made themselves known; pairs with [V1], [E3], [E4], [R5],
    // [R6], [R7], [R8]. Of a failure, beyond the model: that another's set is found, and a birth not
    if (at.word.compare_exchange(seen, wanted.bits(), base::seq_cst, base::seq_cst)) return !word.is_set();
  }
}

}  // namespace

bool set_word(place& at, event_cause why, origin_ref where) noexcept {
  return set_word_to(at, [&](event_word unset) { return unset.to_set(why, where); });
}

bool cancel_reset(place& at, event_word seen) noexcept {
  std::uint64_t marked = seen.bits();
  // as [V2]; weaker would do: of this and the end of a reset only one finds the mark
  return at.word.compare_exchange(marked, seen.to_cancelled().bits(), base::seq_cst, base::relaxed);
}

namespace {

// Nobody can see the newborn yet, so its parent's cause replaces whatever a walk has written meanwhile.
void set_newborn(place& born, event_word of_parent) noexcept {
  std::uint64_t seen = born.word.load(base::relaxed);  // relaxed: the exchange decides
  const auto wanted = [&] { return event_word(seen).to_set(of_parent.cause(), of_parent.origin()).bits(); };
  // as [V2]; weaker would do: who asks the newborn comes after its birth
  while (!born.word.compare_exchange(seen, wanted(), base::seq_cst, base::relaxed)) {
  }
}

}  // namespace

void inherit(place& born, const place& parent) noexcept {
  for (;;) {
    // [E4] seq_cst: after the birth was made visible; of this pair and a walker's, which sets the parent and
    // then looks for children, one sees the other; pairs with [V2]
    std::uint64_t seen = parent.word.load(base::seq_cst);
    const event_word word(seen);
    if (!word.is_set()) return;
    if (!word.is_resetting()) return set_newborn(born, word);
    // The parent has a living child now, so its reset must not succeed.
    const std::uint64_t cancelled = word.to_cancelled().bits();
    // as [V2]; weaker would do: one exchange of the mark succeeds, and the loop looks again
    const_cast<place&>(parent).word.compare_exchange(seen, cancelled, base::seq_cst, base::relaxed);
  }
}

namespace {

// The word of the nearest living ancestor that is set; unset: there is none.
event_word set_above(const place& zombie) noexcept {
  for (const place* at = zombie.parent(); at != nullptr; at = at->parent()) {
    // relaxed: who has set the zombie from above has done it there before, and set_word has seen that; else a later set
    const event_word word(at->word.load(base::relaxed));
    // relaxed: one that ends meanwhile may count as living
    const life_word life(at->life.load(base::relaxed));
    if (word.is_set() && life.state() == tenant::active) return word;
  }
  return event_word(0);
}

}  // namespace

bool set_subtree(place& source, event_cause why, std::uint32_t& found) noexcept {
  const bool first = set_word(source, why, source.as_origin());
  found |= attention_of(source);
  // What was set before with another cause or origin hands on its own: the first cause wins.
  const event_word own(source.word.load(base::relaxed));  // relaxed: set_word has seen or written it
  const auto handed_down = [&](event_word unset) {
    // relaxed: a reset below has seen a source that is set as ended, and this comes after the look at the word that it left
    const life_word life(source.life.load(base::relaxed));
    if (life.state() != tenant::zombie) return unset.to_set(own.cause(), own.origin());
    const event_word from_above = set_above(source);
    if (from_above.is_set()) return unset.to_set(from_above.cause(), from_above.origin());
    return unset.to_set(why, source.as_origin());
  };
  forest::walk(source, [&](place& at) {
    set_word_to(at, handed_down);
    found |= attention_of(at);
  });
  return first;
}

void set_all(forest& trees, event_cause why, std::uint32_t& found) noexcept {
  origin_ref origin{};
  forest::walk(trees.root(), [&](place& at) {
    if (at.parent() == &trees.root()) origin = at.as_origin();
    set_word(at, why, origin);
    found |= attention_of(at);
  });
}

std::uint32_t wake_sleepers(place& at) noexcept {
  // Each setter has to see to it, before it returns, that callbacks are called and tasks skipped.
  constexpr std::uint32_t lasting = callbacks | backlog;
  // relaxed: raised before the walk that found it
  const std::uint32_t seen = at.attention_bits.load(base::relaxed);
  if ((seen & ~lasting) == 0) return seen;
  // [E5] seq_cst: the hints are lowered before the futex word moves: who raises one later sees the event set;
  // pairs with [E2]. Weaker would do: [E6] releases this to sleepers, and others wait in a later epoch, whose beginning [R8]
  // comes after the walk. Could be left out: every later set would look here in vain
  const std::uint32_t hints = at.attention_bits.fetch_and(lasting, base::seq_cst);
  if ((hints & sleepers) != 0) {
    // [E6] release: who reads the new number sees the event set; pairs with [E7]. Beyond the model: a number that is
    // read before the word that was set earlier
    at.sleep_seq.fetch_add(1, base::release);
    os::futex_wake_all(at.sleep_seq);
  }
  return hints;
}

void set_for_good(place& at) noexcept {
  set_word(at, event_cause::shutdown, at.as_origin());
  if ((attention_of(at) & sleepers) != 0) wake_sleepers(at);
}

rearm::rearm(place& of) noexcept : of_(of) {
  // [R6] acquire: the word as it was set; pairs with [V2]. Weaker would do: [R5] reads it again
  std::uint64_t seen = of_.word.load(base::acquire);
  const event_word word(seen);
  was_unset_ = !word.is_set();
  if (was_unset_ || word.is_resetting()) return;
  mine_ = word.to_resetting();
  // [R5] seq_cst: births, walks and workers that come later meet the mark; those that came before are seen by
  // the looks that follow; forbidden is a reset beside any of them; pairs with [V2]
  begun_ = of_.word.compare_exchange(seen, mine_.bits(), base::seq_cst, base::relaxed);
}

bool rearm::tree_allows(forest& trees) noexcept {
  const forest::walk_guard walking(trees);
  for (const place* at = &of_; at != nullptr; at = at->parent()) {
    // [R4] seq_cst: walks that began before the mark, whoever's they are, and before the look at descendants: what a
    // walk that is over has found is seen there; forbidden is a child that an old walk has set under a place that
    // is unset; pairs with [R1], [R2]
    if (at->setters.load(base::seq_cst) != 0) return false;
  }
  for (const place* at = of_.parent(); at != nullptr; at = at->parent()) {
    // [R7] seq_cst: an ancestor's set before the mark; pairs with [V2]. Weaker would do: of a walk that is over [R4]
    // has acquired the set, and one that [R4] has not seen meets the mark or sets anew
    const event_word word(at->word.load(base::seq_cst));
    // relaxed: an ancestor that ends meanwhile may count as living
    const life_word life(at->life.load(base::relaxed));
    if (word.is_set() && life.state() == tenant::active) return false;
  }
  return !has_descendant(of_);
}

bool rearm::finish() noexcept {
  std::uint64_t seen = mine_.bits();
  // [R8] release: who reads unset sees what was looked at: the ends of tasks and of walks. It succeeds only if nobody has
  // met the mark, which is there once; pairs with [V1], [V2], [E3]
  return of_.word.compare_exchange(seen, mine_.to_unset().bits(), base::release, base::relaxed);
}

void rearm::undo() noexcept {
  std::uint64_t seen = mine_.bits();
  // relaxed: the word reads set before and after
  of_.word.compare_exchange(seen, mine_.to_cancelled().bits(), base::relaxed, base::relaxed);
}

}  // namespace tg::event
