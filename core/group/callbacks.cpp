#include "core/group/callbacks.h"

#include "core/event/propagate.h"
#include "core/group/engine.h"
#include "core/os/futex.h"
#include "core/os/thread.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

namespace tg::groups {
namespace {

callback_cell* claim_free(slot& of) noexcept {
  // [K1] acquire: the linked cells; pairs with [K2]
  for (callback_cell* cell = of.cells.load(base::acquire); cell != nullptr; cell = cell->next) {
    std::uint32_t expected = callback_cell::free;
    // [K3] acquire: the cell as its last registrant left it; pairs with [K4], [K5]
    if (cell->at.compare_exchange(expected, callback_cell::claimed, base::acquire, base::relaxed))
      return cell;
  }
  return nullptr;
}

// The runtime's own list of all cells: slots are no place where a leak checker looks for pointers.
void list_cell(engine& in, callback_cell& cell) noexcept {
  cell.next_of_engine = in.cells.load(base::relaxed);  // relaxed: the exchange decides
  // relaxed: read at the runtime's end
  while (!in.cells.compare_exchange(cell.next_of_engine, &cell, base::relaxed, base::relaxed)) {
  }
}

callback_cell& claim(slot& of) {
  if (callback_cell* cell = claim_free(of)) return *cell;
  auto fresh = std::make_unique<callback_cell>();
  fresh->of = &of;
  fresh->at.store(callback_cell::claimed, base::relaxed);  // relaxed: published by the link
  fresh->next = of.cells.load(base::relaxed);              // relaxed: the exchange decides
  // [K2] seq_cst: the cell is complete, and listed before its registrant looks at the event; pairs with [K1], [K15]
  while (!of.cells.compare_exchange(fresh->next, fresh.get(), base::seq_cst, base::relaxed)) {
  }
  list_cell(*of.owner, *fresh);
  return *fresh.release();
}

void call(callback_cell& cell) noexcept {
  cell.run(cell.object);
  std::uint32_t seen = callback_cell::running;
  // [K6] release: the call is over; pairs with [K7]
  if (cell.at.compare_exchange(seen, callback_cell::spent, base::release, base::relaxed)) return;
  if (seen == callback_cell::orphaned) {
    // [K4] release: nobody else knows the cell any more; pairs with [K3]
    cell.at.store(callback_cell::free, base::release);
    return;
  }
  cell.at.store(callback_cell::spent, base::release);  // as [K6]
  os::futex_wake_all(cell.at);
}

// A callback that was registered before a set must run even if the event is re-armed by now.
bool was_set_since(const slot& of, const callback_cell& cell) noexcept {
  const event::event_word word = event::look(of);
  return word.is_set() || word.epoch() != cell.epoch.load(base::relaxed);  // relaxed: written before armed
}

// True: the cell is running, and this thread calls. The look at the event comes after the claim: between them the
// registration may have changed.
bool begin_call(callback_cell& cell) noexcept {
  std::uint32_t expected = callback_cell::armed;
  // [K8] seq_cst: the registration, before the look at the event; pairs with [K9]
  while (cell.at.compare_exchange(expected, callback_cell::claimed, base::seq_cst, base::relaxed)) {
    if (was_set_since(*cell.of, cell)) {
      // relaxed: read only by the thread that wrote it, or told apart
      cell.runner.store(os::this_thread_mark(), base::relaxed);
      // [K10] release: who calls; pairs with [K7]
      cell.at.store(callback_cell::running, base::release);
      return true;
    }
    cell.at.exchange(callback_cell::armed, base::seq_cst);  // as [K9]
    // A setter may have passed by meanwhile.
    if (!was_set_since(*cell.of, cell)) return false;
    expected = callback_cell::armed;
  }
  return false;
}

}  // namespace

callback_cell& register_callback(slot& of, void (*run)(void*), void* object) {
  callback_cell& cell = claim(of);
  cell.run = run;
  cell.object = object;
  cell.epoch.store(event::look(of).epoch(), base::relaxed);  // relaxed: published below
  // [K9] seq_cst: the registration; of this and a setter's look at the cell, and of the looks at the word on
  // both sides, one sees the other; pairs with [K8], [K14]
  cell.at.exchange(callback_cell::armed, base::seq_cst);
  event::raise(of, event::callbacks);
  if (event::look(of).is_set() && begin_call(cell)) call(cell);
  return cell;
}

void unregister_callback(callback_cell& cell) noexcept {
  if (cell.of->owner->forked()) return;  // whoever runs it has stayed behind
  for (;;) {
    // [K7] acquire: the end of a call; pairs with [K6], [K10]
    std::uint32_t seen = cell.at.load(base::acquire);
    switch (seen) {
      case callback_cell::armed:
      case callback_cell::spent:
        // [K5] release: the registrant has gone; pairs with [K3]
        if (cell.at.compare_exchange(seen, callback_cell::free, base::release, base::relaxed)) return;
        break;
      case callback_cell::running:
        // relaxed: equal only if this thread wrote it
        if (cell.runner.load(base::relaxed) == os::this_thread_mark()) {
          cell.at.store(callback_cell::orphaned, base::relaxed);  // relaxed: read by this thread
          return;
        }
        // relaxed: the futex below looks again
        cell.at.compare_exchange(seen, callback_cell::awaited, base::relaxed, base::relaxed);
        break;
      case callback_cell::awaited:
        os::futex_wait(cell.at, callback_cell::awaited, detail::for_ever);
        break;
      default:
        base::pause();
        break;  // claimed: a caller is about to begin
    }
  }
}

void run_callbacks(slot& of) noexcept {
  // [K15] seq_cst: after the event was set; a cell that is listed later is looked after by its registrant; pairs with
  // [K2]
  for (callback_cell* cell = of.cells.load(base::seq_cst); cell != nullptr; cell = cell->next) {
    // [K14] seq_cst: after the event was set; pairs with [K9]
    if (cell->at.load(base::seq_cst) != callback_cell::armed) continue;
    if (begin_call(*cell)) call(*cell);
  }
}

bool has_armed_callbacks(const slot& of) noexcept {
  for (callback_cell* cell = of.cells.load(base::seq_cst); cell != nullptr; cell = cell->next) {  // as [K15]
    if (cell->at.load(base::seq_cst) == callback_cell::armed) return true;                        // as [K14]
  }
  return false;
}

// The registration outlives every use of the bridge by others: it is undone before the bridge goes.
struct stop_bridge {
  std::stop_source source;
  callback_cell* cell = nullptr;
};

namespace {

// Around every look at a slot's bridge: a re-arming thread takes it away. Short, never in a signal handler.
class bridge_lock {
 public:
  explicit bridge_lock(slot& of) noexcept : of_(of) {
    // [K11] acquire: the bridge as its last user left it; pairs with [K12]
    while (of_.bridge_busy.exchange(1, base::acquire) != 0) base::pause();
  }
  ~bridge_lock() {
    // [K12] release: the bridge; pairs with [K11]
    of_.bridge_busy.store(0, base::release);
  }
  bridge_lock(const bridge_lock&) = delete;
  bridge_lock& operator=(const bridge_lock&) = delete;

 private:
  slot& of_;
};

// A user's stop callback may re-arm the event, and with it end the bridge: the source is kept until it returns.
void request_stop(void* bridge) {
  std::stop_source source = static_cast<stop_bridge*>(bridge)->source;
  source.request_stop();
}

std::optional<std::stop_token> existing_token(slot& of) {
  const bridge_lock locked(of);
  if (of.bridge == nullptr) return std::nullopt;
  return of.bridge->source.get_token();
}

}  // namespace

std::stop_token stop_token_of(slot& of) {
  if (auto token = existing_token(of)) return *token;
  auto fresh = std::make_unique<stop_bridge>();
  fresh->cell = &register_callback(of, &request_stop, fresh.get());
  {
    const bridge_lock locked(of);
    if (of.bridge == nullptr) {
      of.bridge = fresh.release();
      return of.bridge->source.get_token();
    }
  }
  unregister_callback(*fresh->cell);
  return stop_token_of(of);
}

void discard_stop_bridge(slot& of) noexcept {
  std::unique_ptr<stop_bridge> bridge;
  {
    const bridge_lock locked(of);
    bridge.reset(std::exchange(of.bridge, nullptr));
  }
  if (bridge != nullptr) unregister_callback(*bridge->cell);
}

void end_stop_bridge(slot& of) noexcept {
  if (of.bridge != nullptr) discard_stop_bridge(of);
}

void delete_cells(engine& of) noexcept {
  // relaxed: the runtime has ended
  for (callback_cell* cell = of.cells.load(base::relaxed); cell != nullptr;) {
    delete std::exchange(cell, cell->next_of_engine);
  }
}

}  // namespace tg::groups
