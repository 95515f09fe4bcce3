#include "core/group/callbacks.h"

#include "core/event/propagate.h"
#include "core/group/engine.h"
#include "core/os/futex.h"
#include "core/os/thread.h"

namespace tg::groups {
namespace {

// Of a cell whose registrant waits: nobody calls any more.
void end_wait(callback_cell& cell) noexcept {
  cell.at.store(callback_cell::spent, base::release);  // as [K6]
  os::futex_wake_all(cell.at);
}

void call(callback_cell& cell) noexcept {
  cell.run(cell.object);
  std::uint32_t seen = callback_cell::running;
  // [K6] release: the call is over; pairs with [K7]
  // [K19] acquire if it fails: what the registrant did before it went; pairs with [K18]
  if (cell.at.compare_exchange(seen, callback_cell::spent, base::release, base::acquire)) return;
  if (seen == callback_cell::orphaned) return set_free(cell);
  end_wait(cell);
}

// The registrant goes: the cell is free, or whoever calls it, or was about to, gives it back. False: it has changed.
bool try_let_go(callback_cell& cell, std::uint32_t& seen) noexcept {
  const bool is_called = seen == callback_cell::running || callback_cell::is_claimed(seen);
  const std::uint32_t to = is_called ? callback_cell::orphaned : callback_cell::claimed;
  // [K18] acq_rel: whoever calls empties the cell, after all that was done with it here; pairs with [K10], [K19].
  // Weaker would do for the acquiring, as long as the looks before acquire: a cell that is spent stays so until then.
  // Of a failure weaker would do, as long as the exchange that succeeds acquires
  if (!cell.at.compare_exchange(seen, to, base::acq_rel, base::acquire)) return false;
  if (!is_called) set_free(cell);
  return true;
}

// Of a cell that is being called.
bool is_mine(const callback_cell& cell) noexcept {
  // relaxed: equal only if this thread wrote it
  return cell.runner.load(base::relaxed) == os::this_thread_mark();
}

// True: the event was set since the registration, and this thread calls.
bool takes_call(callback_cell& cell) noexcept {
  const bool is_set = was_set_since(*cell.of, epoch_of(cell));
  // relaxed: read only by the thread that wrote it, or told apart
  if (is_set) cell.runner.store(os::this_thread_mark(), base::relaxed);
  return is_set;
}

// Of a cell that this thread has claimed. True: it is running, or awaited, and this thread calls.
bool begin_call(callback_cell& cell) noexcept {
  for (std::uint32_t seen = callback_cell::claimed;;) {
    const bool calls = takes_call(cell);
    // [K10] acq_rel: who calls; acquire if it fails: what the registrant did before it went, or the set that has met the
    // cell; pairs with [K7], [K18], [K23]. Weaker would do for the acquiring where it succeeds: the claim has done it
    if (cell.at.compare_exchange(seen, calls ? callback_cell::running : callback_cell::armed, base::acq_rel,
                                 base::acquire))
      return calls;
    if (seen == callback_cell::orphaned) {
      set_free(cell);
      return false;
    }
    if (seen == callback_cell::awaited) {
      if (takes_call(cell)) return true;
      end_wait(cell);
      return false;
    }
  }
}

// After the event was set, or was found to be. Who has claimed the cell meanwhile looks again.
void call_if_set(callback_cell& cell) noexcept {
  for (;;) {
    // [K14] seq_cst: after the event was set; pairs with [K9]
    std::uint32_t seen = cell.at.load(base::seq_cst);
    if (seen == callback_cell::armed) {
      // [K8] acquire: the registration, with the epoch that the look at the event is for; pairs with [K9]
      if (!cell.at.compare_exchange(seen, callback_cell::claimed, base::acquire, base::relaxed)) continue;
      if (begin_call(cell)) call(cell);
      return;
    }
    if (!callback_cell::is_claimed(seen)) return;
    // [K23] release: the set, to who looks again; pairs with [K10]. Beyond the model: that it is counted before it can be seen
    if (cell.at.compare_exchange(seen, seen + callback_cell::one_set, base::release, base::relaxed)) return;
  }
}

// By the registrant of a claimed cell: nobody else takes the call.
void call_at_once(callback_cell& cell) noexcept {
  cell.runner.store(os::this_thread_mark(), base::relaxed);  // relaxed: as in takes_call
  cell.at.store(callback_cell::running, base::relaxed);      // relaxed: nobody else knows the cell yet
  call(cell);
}

}  // namespace

// A callback that was registered before a set must run even if the event is re-armed by now.
bool was_set_since(const slot& of, std::uint64_t epoch) noexcept {
  const event::event_word word = event::look(of);
  return word.is_set() || word.epoch() != epoch;
}

void arm(callback_cell& cell, void (*run)(void*), void* object) {
  slot& of = *cell.of;
  cell.run = run;
  cell.object = object;
  const event::event_word word = event::look(of);
  cell.epoch.store(word.epoch(), base::relaxed);  // relaxed: published below
  if (word.is_set()) return call_at_once(cell);
  // [K9] seq_cst: the registration; of this and a setter's look at the cell, and of the looks at the word on
  // both sides, one sees the other; pairs with [K8], [K14]
  cell.at.exchange(callback_cell::armed, base::seq_cst);
  event::raise(of, event::callbacks);
  // Also if it was set and re-armed meanwhile.
  if (was_set_since(of, word.epoch())) call_if_set(cell);
}

void disarm(callback_cell& cell) noexcept {
  if (cell.of->owner->forked()) return;  // whoever runs it has stayed behind
  for (;;) {
    // [K7] acquire: the end of a call, or who calls; pairs with [K6], [K10]
    std::uint32_t seen = cell.at.load(base::acquire);
    if (seen == callback_cell::awaited) {
      // The callback may wait for tasks itself.
      arena::crew::block();
      os::futex_wait(cell.at, callback_cell::awaited, detail::for_ever);
      arena::crew::unblock();
    } else if (callback_cell::is_due(seen) || (seen == callback_cell::running && !is_mine(cell))) {
      // relaxed: the futex above looks again
      cell.at.compare_exchange(seen, callback_cell::awaited, base::relaxed, base::relaxed);
    } else if (try_let_go(cell, seen)) {
      return;
    }
  }
}

void abandon(callback_cell& cell) noexcept {
  // as [K7]; weaker would do: [K18] acquires, and who calls is not asked here
  std::uint32_t seen = cell.at.load(base::acquire);
  while (!try_let_go(cell, seen)) {
  }
}

void run_callbacks(slot& of) noexcept {
  any_cell(of, [](callback_cell& cell) {
    call_if_set(cell);
    return false;
  });
}

bool has_callbacks(const slot& of) noexcept {
  return any_cell(of, [](const callback_cell& cell) {
    const std::uint32_t at = cell.at.load(base::seq_cst);  // as [K14]
    return at == callback_cell::armed || callback_cell::is_claimed(at);
  });
}

}  // namespace tg::groups
