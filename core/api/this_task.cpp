// tg::this_task: the calling thread's group, if it runs a task.
#include "core/flow/stages.h"
#include "core/group/traced.h"
#include "core/task/this_thread.h"

#include <threadgroup/this_task.h>

namespace tg {

std::uint64_t group_ref::id() const noexcept { return slot_ == nullptr ? 0 : event::forest::id_of(*slot_); }
std::string_view group_ref::name() const noexcept {
  return slot_ == nullptr ? std::string_view{} : slot_->name();
}
event_view group_ref::event() const noexcept { return slot_ == nullptr ? event_view() : event_view(*slot_); }

group_ref current_group_ref() noexcept {
  group_ref here;
  here.slot_ = task::self.current;
  return here;
}

namespace this_task {

bool event_set() noexcept { return task::self.event->is_set(); }
event_view this_event() noexcept { return event_view(*task::self.event); }

bool set_event_for_siblings(event_cause cause) {
  detail::slot* here = task::self.current;
  if (here == nullptr) return false;
  here->owner->check_fork();
  return flow::set_event(*here->owner, *here, cause, flow::setter::thread);
}

void notify() {
  detail::slot* here = task::self.current;
  if (here == nullptr) return;
  here->owner->check_fork();
  flow::notify(*here);
}

}  // namespace this_task

namespace detail {

bool sleep_on(const event_flag& flag, deadline_ns until) { return flow::sleep(flag, until); }
bool sleep_here(deadline_ns until) { return flow::sleep(*task::self.event, until); }

condition wait_for_condition_here(bool (*look)(void*), void* pred, deadline_ns until, std::int64_t poll_ns) {
  if (slot* here = task::self.current) return flow::wait_for_condition(*here, look, pred, until, poll_ns);
  for (;;) {
    if (look(pred)) return condition::met;
    const deadline_ns now = now_ns();
    if (until != for_ever && now >= until) return look(pred) ? condition::met : condition::timed_out;
    flow::sleep(never_set, poll_ns > for_ever - now ? until : std::min(until, now + poll_ns));
  }
}

blocking_section::blocking_section() noexcept
    : began_(tracing::is_on() ? groups::traced_wait::begin(tracing::wait::blocking, nullptr, 0) : 0) {
  arena::crew::block();
}
blocking_section::~blocking_section() {
  arena::crew::unblock();
  if (began_ == 0) return;
  groups::traced_wait::finish(tracing::wait::blocking, tracing::wait_end::done, nullptr, began_);
}

}  // namespace detail
}  // namespace tg
