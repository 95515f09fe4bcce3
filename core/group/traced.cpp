#include "core/group/traced.h"

#include "core/event/propagate.h"
#include "core/group/engine.h"
#include "core/task/outcome.h"
#include "core/task/this_thread.h"

namespace tg::groups {
namespace {

using tracing::group_ref;
using tracing::kind;

// Ancestors that are not in the table are entered with their child; of a deeper line the rest is left out.
constexpr int max_entered_ancestors = 64;

// A hidden one apart; that is gone with its runtime.
bool has_parent(const slot& of) noexcept {
  return of.has_parent.load(base::relaxed);  // relaxed: fixed at birth
}

bool lives(const event::place& at) noexcept {
  return event::life_word(at.life.load(base::acquire)).state() == event::tenant::active;  // as [Y1]
}

// The library's own, which nobody has made.
bool is_internal(const slot& of) noexcept { return of.parent() == &of.owner->backstage; }

std::uint32_t flags_of(const slot& of, std::uint32_t more) noexcept {
  // relaxed: fixed at birth
  if (of.on_event.load(base::relaxed) == pending_policy::run) more |= tracing::runs_pending;
  if (of.fails_fast) more |= tracing::fails_fast;
  return more;
}

group_ref enter(slot& of, std::uint32_t flags, int depth_left) noexcept;

// Of the nearest ancestor that lives or that the table knows; 0: none.
group_ref parent_of(const slot& of, int depth_left) noexcept {
  const event::forest::walk_guard looking(of.owner->trees);
  for (const slot* at = &of; has_parent(*at);) {
    slot& above = slot_of(*at->parent());
    at = &above;
    const group_ref known = above.traced.load(base::relaxed);  // relaxed: a number
    if (known != 0) return known;
    if (lives(above)) return depth_left == 0 ? 0 : enter(above, tracing::born_before, depth_left - 1);
  }
  return 0;
}

group_ref enter(slot& of, std::uint32_t flags, int depth_left) noexcept {
  tracing::group_facts facts;
  facts.id = event::forest::id_of(of);
  facts.parent = parent_of(of, depth_left);
  facts.name = of.name();
  facts.limit = of.limits.limit();
  facts.flags = flags_of(of, flags);
  facts.deadline_ns = of.deadline.load(base::relaxed);  // relaxed: fixed at birth
  facts.max_pending = of.max_pending == unlimited ? UINT64_MAX : of.max_pending;
  const group_ref fresh = tracing::enter_group(facts);
  if (fresh == 0) return 0;
  group_ref seen = 0;
  // relaxed: a number
  if (of.traced.compare_exchange(seen, fresh, base::relaxed, base::relaxed)) return fresh;
  tracing::give_back_group(fresh);
  return seen;
}

group_ref ref_of(slot& of) noexcept {
  const group_ref known = of.traced.load(base::relaxed);  // relaxed: a number
  if (known != 0) return known;
  return lives(of) ? enter(of, tracing::born_before, max_entered_ancestors) : 0;
}

group_ref ref_or_none(slot* of) noexcept { return of == nullptr || is_internal(*of) ? 0 : ref_of(*of); }

struct origin_and_cause {
  std::uint64_t origin;
  event_cause cause;
};
// An event comes from the group itself or from above it. Asks places, which stay: a waiter may wake after its runtime's end.
// 0: it has been merged away.
std::uint64_t id_of_origin(const slot& of, event::origin_ref origin) noexcept {
  const slot* at = &of;
  while (at->index != origin.index) {
    event::place* const up = has_parent(*at) ? at->parent() : nullptr;
    // Of a place that is about to be a root has_parent may be that of the tenant before.
    if (up == nullptr || up->parent() == nullptr) return 0;
    at = &slot_of(*up);
  }
  return at->as_origin().tag == origin.tag ? event::forest::id_of(*at) : 0;
}

origin_and_cause event_of(const slot& of) noexcept {
  const event::event_word word(of.word.load(base::relaxed));  // relaxed: the caller has seen it set
  if (!word.is_set()) return {0, event_cause::none};
  return {id_of_origin(of, word.origin()), word.cause()};
}

}  // namespace

void emit_slow(slot& of, tracing::event what) noexcept {
  if (is_internal(of)) return;
  what.group = ref_of(of);
  tracing::write(what);
}

void trace_birth(slot& of) noexcept {
  if (is_internal(of)) return;
  const group_ref ref = enter(of, 0, max_entered_ancestors);
  const auto [origin, cause] = event_of(of);
  tracing::write({kind::group_born, ref, event::forest::id_of(of), origin, detail_of(cause)});
  if (!of.states_deadline) return;
  // relaxed: fixed at birth
  tracing::write({kind::deadline_armed, ref, static_cast<std::uint64_t>(of.deadline.load(base::relaxed))});
}

void leave_trace(slot& of) noexcept {
  if (of.traced.load(base::relaxed) == 0) return;              // relaxed: a number
  tracing::leave_group(of.traced.exchange(0, base::relaxed));  // relaxed: nobody else is left
}

void trace_limit(slot& of, std::uint32_t before) noexcept {
  if (is_internal(of)) return;
  const std::uint32_t now = of.limits.limit();
  const group_ref ref = ref_of(of);
  if (ref != 0) tracing::limit_group(ref, now);
  tracing::write({kind::limit_changed, ref, now, before});
}

traced_add::traced_add(slot& home, detail::task_record& record) noexcept : home_(home) {
  if (is_internal(home_)) return;
  stamp_ = tracing::stamp();
  has_future_ = task::is_submitted(record);
  if (!has_future_ && stamp_ != 0) task::mark_stamped(record, stamp_);
}

void traced_add::done(std::uint64_t id) noexcept {
  if (stamp_ == 0) return;
  const std::uint8_t detail = has_future_ ? 1 : 0;
  tracing::write_at(stamp_, {kind::task_added, ref_of(home_), id, 0, detail});
}

traced_run::traced_run(slot& of, const detail::task_record& record, std::uint64_t id) noexcept
    : of_(of), id_(id) {
  if (is_internal(of_)) return;
  began_ = tracing::stamp();
  if (began_ == 0) return;
  tracing::sample_cpu(began_);
  const std::uint64_t added = task::stamp_of(record);
  const std::uint64_t queued = added != 0 && added < began_ ? began_ - added : 0;
  const group_ref ref = ref_of(of_);
  tracing::write_at(began_, {kind::task_started, ref, id_, queued});
  tracing::watch(tracing::freeze_reason::long_wait, ref, id_, queued);
}

void traced_run::ended(tracing::outcome how) noexcept {
  if (began_ != 0) end(kind::task_ended, static_cast<std::uint8_t>(how));
}

void traced_run::gave_up(event_cause why) noexcept {
  if (began_ != 0) end(kind::task_skipped, detail_of(why));
}

void traced_run::end(kind how, std::uint8_t detail) noexcept {
  const std::uint64_t now = tracing::stamp();
  if (now == 0) return;
  tracing::sample_cpu(now);
  const group_ref ref = ref_of(of_);
  tracing::write_at(now, {how, ref, id_, now - began_, detail});
  tracing::watch(tracing::freeze_reason::long_run, ref, id_, now - began_);
}

std::uint64_t traced_wait::begin(tracing::wait what, slot* for_whom, std::uint64_t task) noexcept {
  const std::uint64_t now = tracing::stamp();
  if (now == 0) return 0;
  tracing::sample_cpu(now);
  const auto detail = static_cast<std::uint8_t>(what);
  const group_ref waiting = ref_or_none(task::self.current);
  tracing::write_at(now, {kind::wait_began, waiting, task, ref_or_none(for_whom), detail});
  return now;
}

void traced_wait::finish(tracing::wait what, tracing::wait_end how, slot* for_whom,
                         std::uint64_t began) noexcept {
  const std::uint64_t now = tracing::stamp();
  if (now == 0) return;
  const auto detail =
      static_cast<std::uint8_t>(static_cast<unsigned>(how) << 4 | static_cast<unsigned>(what));
  const group_ref waiting = ref_or_none(task::self.current);
  tracing::write_at(now, {kind::wait_ended, waiting, now - began, ref_or_none(for_whom), detail});
  if (waiting != 0) tracing::watch(tracing::freeze_reason::long_wait, waiting, 0, now - began);
}

void trace_set(slot& of, std::uint64_t began) noexcept {
  if (is_internal(of)) return;
  const auto [origin, cause] = event_of(of);
  tracing::write_at(began, {kind::event_set, ref_of(of), origin, 0, detail_of(cause)});
}

void trace_heard(slot& of, tracing::wait what) noexcept {
  if (is_internal(of)) return;
  const auto [origin, cause] = event_of(of);
  const auto by = static_cast<std::uint64_t>(what);
  tracing::write({kind::event_heard, ref_of(of), origin, by, detail_of(cause)});
}

}  // namespace tg::groups
