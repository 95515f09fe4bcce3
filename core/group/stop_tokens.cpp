#include "core/group/stop_tokens.h"

#include "core/event/propagate.h"
#include "core/group/callbacks.h"

#include <optional>
#include <utility>

namespace tg::groups {
namespace {

constexpr std::uint32_t open = 1;
constexpr std::uint32_t one_holder = 2;

// A user's stop callback may re-arm the event and ask for a token, which ends this bridge: the source is kept until
// the callback returns.
void request_stop(void* bridge) {
  std::stop_source source = static_cast<callback_cell*>(bridge)->source;
  source.request_stop();
}

bool enter(callback_cell& cell) noexcept {
  // [K11] acquire: the source, or why the cell is closed; pairs with [K12], [K13]. Weaker would do: the exchange
  // acquires the source, and who finds the cell closed looks until it sees another one
  std::uint32_t seen = cell.holders.load(base::acquire);
  while ((seen & open) != 0) {
    // as [K11]; of a failure weaker would do: the exchange that succeeds acquires
    if (cell.holders.compare_exchange(seen, seen + one_holder, base::acquire, base::acquire)) return true;
  }
  return false;
}

// Nobody enters any more. Of a holder.
void close(callback_cell& bridge) noexcept {
  // [K13] release: what was put in its place; pairs with [K11]. Weaker would do: who finds the cell closed looks until
  // it sees another one, and what a holder did is released by [K17]
  bridge.holders.fetch_and(~open, base::release);
}

// Closed, and held by nobody: the setter that stops its tokens may still be on the way.
void give_back(callback_cell& bridge) noexcept {
  const slot& of = *bridge.of;
  const std::uint64_t epoch = epoch_of(bridge);
  std::stop_source source = bridge.source;
  abandon(bridge);
  if (was_set_since(of, epoch)) source.request_stop();
}

void leave(callback_cell& bridge) noexcept {
  // [K16] acquire: what other holders did; pairs with [K17]
  std::uint32_t seen = bridge.holders.load(base::acquire);
  while (seen != one_holder) {
    // [K17] release: the use of the source; pairs with [K16], [K22]
    // [K22] acquire if it fails: as [K16]; pairs with [K17]
    if (bridge.holders.compare_exchange(seen, seen - one_holder, base::release, base::acquire)) return;
  }
  bridge.holders.store(0, base::relaxed);  // relaxed: nobody else knows the bridge but whoever calls it
  give_back(bridge);
}

class held {
 public:
  explicit held(callback_cell* bridge) noexcept : bridge_(bridge) {}
  held(held&& other) noexcept : bridge_(std::exchange(other.bridge_, nullptr)) {}
  held(const held&) = delete;
  held& operator=(const held&) = delete;
  ~held() {
    if (bridge_ != nullptr) leave(*bridge_);
  }

  callback_cell* get() const noexcept { return bridge_; }
  bool is_current(const slot& of) const noexcept {
    return bridge_ != nullptr && epoch_of(*bridge_) == event::look(of).epoch();
  }
  std::stop_token token() const { return bridge_->source.get_token(); }

 private:
  callback_cell* bridge_;
};

// A cell that is entered may have been given to another epoch meanwhile, and lost to a quicker one: only what is
// published counts.
held hold(slot& of) noexcept {
  for (;;) {
    // [K20] acquire: the open bridge; pairs with [K21]
    callback_cell* const bridge = of.bridge.load(base::acquire);
    if (bridge == nullptr) return held(nullptr);
    if (!enter(*bridge)) continue;
    held found(bridge);
    // as [K20]; weaker would do: the source was acquired by [K11], and with it what replaced the cell in earlier use
    if (of.bridge.load(base::acquire) == bridge) return found;
  }
}

held build(slot& of) {
  std::stop_source source;
  callback_cell& cell = claim_cell(of);
  cell.source = std::move(source);
  arm(cell, &request_stop, &cell);
  // [K12] release: the source; pairs with [K11]
  cell.holders.store(open | one_holder, base::release);
  return held(&cell);
}

// Nothing: somebody else has put another one in its place.
std::optional<std::stop_token> replace(slot& of, const held& old) {
  const held fresh = build(of);
  callback_cell* expected = old.get();
  // [K21] release: the open bridge; pairs with [K20]
  if (!of.bridge.compare_exchange(expected, fresh.get(), base::release, base::relaxed)) {
    close(*fresh.get());
    return std::nullopt;
  }
  if (expected != nullptr) close(*expected);
  return fresh.token();
}

}  // namespace

std::stop_token stop_token_of(slot& of) {
  for (;;) {
    const held found = hold(of);
    if (found.is_current(of)) return found.token();
    if (auto token = replace(of, found)) return *token;
  }
}

void end_stop_tokens(slot& of) noexcept {
  const held last = hold(of);
  if (last.get() == nullptr) return;
  of.bridge.store(nullptr,
                  base::relaxed);  // relaxed: the group has ended, the next is published by its birth
  close(*last.get());
}

}  // namespace tg::groups
