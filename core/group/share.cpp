#include "core/group/share.h"

#include "core/group/engine.h"
#include "core/os/backoff.h"
#include "core/trace/recorder.h"

#include <memory>
#include <new>
#include <utility>

namespace tg::groups {
namespace {

// Gives the thread's shares back when it ends.
struct exit_guard {
  bool armed = false;
  ~exit_guard() {
    for (local* at = task::self.locals; at != nullptr;) {
      local* next = at->next_of_thread;
      auto expected = local::use::taken;
      // [N1] acq_rel: the share goes on as this thread leaves it, or has lost its runtime; pairs with [N2],
      // [N3]. Weaker would do for the acquiring where it succeeds: the share is not touched afterwards
      if (!at->state.compare_exchange(expected, local::use::idle, base::acq_rel, base::acquire)) delete at;
      at = next;
    }
    task::self.locals = nullptr;
    tracing::thread_ends();
  }
};

thread_local exit_guard guard;

void link_to_thread(local& at) noexcept { at.next_of_thread = std::exchange(task::self.locals, &at); }

void unlink_from_thread(const local& at) noexcept {
  local** from = &task::self.locals;
  while (*from != &at) from = &(*from)->next_of_thread;
  *from = at.next_of_thread;
}

}  // namespace

local::share::share(engine& of)
    : tasks(of.tasks),
      segments(of.segments),
      ready_segments(of.ready_segments),
      slots(of.slots),
      deadlines(of.deadlines.inbox()) {}

share_list::~share_list() {
  // as [N4]; weaker would do: who destroys a runtime comes after all who have used it
  for (local* at = newest_.load(base::acquire); at != nullptr;) {
    local* next = at->next_of_engine;
    at->mine.reset();
    at->owner.store(nullptr, base::relaxed);  // relaxed: published below
    auto expected = local::use::taken;
    // [N3] acq_rel: its thread deletes it when it ends, or has ended already; pairs with [N1]. Weaker would do for the
    // acquiring where it succeeds: the share is not touched afterwards
    if (!at->state.compare_exchange(expected, local::use::orphan, base::acq_rel, base::acquire)) delete at;
    at = next;
  }
}

local* share_list::take_idle() noexcept {
  // [N4] acquire: the listed shares; pairs with [N5]
  for (local* at = newest_.load(base::acquire); at != nullptr; at = at->next_of_engine) {
    auto expected = local::use::idle;
    // [N2] acquire: the share as its last thread left it; pairs with [N1]
    if (at->state.compare_exchange(expected, local::use::taken, base::acquire, base::relaxed)) return at;
  }
  return nullptr;
}

local& share_list::make(engine& of) {
  struct counted {
    base::atomic<std::size_t>& count;
    bool holds = false;
    explicit counted(base::atomic<std::size_t>& of_list) noexcept : count(of_list) {
      count.fetch_add(1, base::relaxed);  // relaxed: a count
    }
    ~counted() {
      if (!holds) count.fetch_sub(1, base::relaxed);  // relaxed: a count
    }
  } one(count_);
  of.provide_for_threads();
  auto fresh = std::make_unique<local>();
  fresh->owner.store(&of, base::relaxed);  // relaxed: published by the list
  fresh->mine.emplace(of);
  of.crew.list_mailbox(fresh->mine->offers);
  one.holds = true;
  local& made = *fresh.release();
  made.next_of_engine = newest_.load(base::relaxed);  // relaxed: the exchange decides
  // [N5] release: the share is complete; pairs with [N4]
  while (!newest_.compare_exchange(made.next_of_engine, &made, base::release, base::relaxed)) {
  }
  return made;
}

local::share& share_list::first_use(engine& of) {
  guard.armed = true;
  local* found = take_idle();
  if (found == nullptr) found = &make(of);
  link_to_thread(*found);
  return *found->mine;
}

void share_list::make_spare(engine& of) {
  spare_ = &make(of);
  spare_->state.store(local::use::lent,
                      base::relaxed);  // relaxed: nobody else looks at a share that is not idle
}

std::size_t share_list::kept(memory::pool::cache local::share::*cache) const noexcept {
  std::size_t kept = 0;
  for (local* at = newest_.load(base::acquire); at != nullptr; at = at->next_of_engine) {  // as [N4]
    if (at->mine) kept += memory::pool::kept((*at->mine).*cache);
  }
  return kept;
}

void share_for_now::get_one(engine& of) noexcept {
  try {
    of.shares.first_use(of);
  } catch (const std::bad_alloc&) {
    lender_ = &of.shares;
    // [N6] acquire: the share as the one before left it; pairs with [N7]. Not in the model, where there is always memory
    for (os::backoff wait; lender_->lent_.exchange(1, base::acquire) != 0;) wait.pause();
    link_to_thread(*lender_->spare_);
  }
}

void share_for_now::give_back() noexcept {
  unlink_from_thread(*lender_->spare_);
  // [N7] release: the share; pairs with [N6]. Not in the model, as there
  lender_->lent_.store(0, base::release);
}

}  // namespace tg::groups
