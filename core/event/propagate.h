// Setting an event, handing it down the tree, and taking it back.
//
// Any thread and, but for rearm, any signal handler: nothing here waits for anybody. Lock-free.
#pragma once

#include "core/event/forest.h"

namespace tg::event {

// Sets the word of one place; false if it was set already. A reset in progress is called off.
bool set_word(place& at, event_cause why, origin_ref where) noexcept;

// A newborn takes over its parent's event.
void inherit(place& born, const place& parent) noexcept;

// Held around the flag pass and the wake pass of one set: no place leaves the tree, and neither `source` nor,
// for the hidden root, any place can be re-armed.
class setting {
 public:
  setting(forest& trees, place& source) noexcept;
  setting(const setting&) = delete;
  setting& operator=(const setting&) = delete;
  ~setting();

 private:
  forest::walk_guard walking_;
  place& source_;
};

// Sets `source` and all below it; the attention bits found anywhere on the way are added to `found`. When it
// returns, every place whose tenant lived at the call reads set, whoever set it.
bool set_subtree(place& source, event_cause why, std::uint32_t& found) noexcept;

// Sets everything below the hidden root, each tree with its own root as origin.
void set_all(forest& trees, event_cause why, std::uint32_t& found) noexcept;

// Of a runtime that ends, when no group of it lives: who still looks at the event or sleeps on it finds it set.
void set_for_good(place& at) noexcept;

// Wakes who sleeps on the event of `at`, and answers which of the other hints were raised there.
std::uint32_t wake_sleepers(place& at) noexcept;

// Raises a hint before the look at the word that it guards.
inline void raise(place& at, attention hint) noexcept {
  // [E2] seq_cst: of this and a setter's look for hints, and of the looks at the word on both sides, one sees
  // the other; pairs with [E1], [E5]. Beyond the model: that the look at the word is done before this one
  if ((at.attention_bits.load(base::seq_cst) & hint) == 0)
    at.attention_bits.fetch_or(hint, base::seq_cst);  // as [E2]
}

// By who acts on a set word that somebody is about to reset: that reset fails. False: the word has changed.
bool cancel_reset(place& at, event_word seen) noexcept;

// The word, after one's own hint or task was made visible.
inline event_word look(const place& at) noexcept {
  // [E3] seq_cst: after the hint; pairs with [V2], [R8], [F30]
  return event_word(at.word.load(base::seq_cst));
}

// In two steps, so that the caller can look, between them, whether anything speaks against it.
class rearm {
 public:
  explicit rearm(place& of) noexcept;  // begins, if the event is set and nobody else is re-arming it
  bool begun() const noexcept { return begun_; }
  bool was_unset() const noexcept { return was_unset_; }
  // What the tree has to say: no descendant, no walk from here or from above, no living ancestor set.
  bool tree_allows(forest& trees) noexcept;
  bool finish() noexcept;  // false: a setter or a birth called it off
  void undo() noexcept;

 private:
  place& of_;
  event_word mine_{0};
  bool begun_ = false;
  bool was_unset_ = false;
};

}  // namespace tg::event
