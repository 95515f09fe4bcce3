// What is done to a living group from outside its tasks: limit, close, clear, notify.
#include "core/flow/skipping.h"
#include "core/flow/stages.h"
#include "core/group/traced.h"
#include "core/os/futex.h"

namespace tg::flow {

using groups::closed_word;

void set_limit(engine& runtime, slot& group, std::uint32_t limit) noexcept {
  const std::uint32_t before = group.limits.limit();
  const limiter::duty duty = group.limits.set_limit(limit);
  if (tracing::is_on()) [[unlikely]]
    groups::trace_limit(group, before);
  if (duty != limiter::duty::look) return;
  if (group.tasks.has_items(runtime.segments)) {
    const groups::share_for_now here(runtime);
    send_for_workers(runtime, group);
  }
  // Producers wait for less than the limit and max_pending together.
  // [W6] seq_cst: after the limit was raised; pairs with [W3], [W5]
  if (group.waiting.load(base::seq_cst) != 0) wake_waiters(group);
}

void close(slot& group) noexcept {
  group.closed.fetch_or(closed_word::closed, base::release);  // as [D2]
  wake_waiters(group);
}

bool is_closed(const slot& group) noexcept {
  return group.closed.load(base::acquire) != 0;  // as [D1]
}

void notify(slot& group) noexcept {
  // Moved first: a waiter that has read the old number does not sleep, one that reads the new one sees the
  // cause.
  // as [W2], and before the look below; beyond the model: that this is seen later than the look is done
  group.wait_seq.fetch_add(1, base::seq_cst);
  if (group.waiting.load(base::seq_cst) != 0) os::futex_wake_all(group.wait_seq);  // as [W6]
}

std::size_t clear_pending(engine& runtime, slot& group) {
  static_cast<void>(runtime.mine());  // whatever that allocates is allocated before anything is done
  // Only what was there: producers that go on adding must not keep this thread busy for ever.
  const std::uint64_t bound = group.tasks.pushes(runtime.segments);
  if (skipping* const around = skipping::too_deep(group)) {
    around->reach(bound);
    return 0;
  }
  const limiter::seat as = group.limits.enter(true);
  if (as == limiter::seat::none) return 0;
  skipping here(group);
  here.reach(bound);
  const std::size_t count = drain(runtime, group, as, here.bound(), event_cause::cleared);
  leave(runtime, group, as);
  return count;
}

}  // namespace tg::flow
