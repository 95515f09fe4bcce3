// For code that runs in a task and does not know its group. Outside any task the event is never set.
#pragma once

#include <threadgroup/condition.h>
#include <threadgroup/event.h>
#include <threadgroup/group.h>

#include <functional>

namespace tg {

// What is known of a group without owning it; empty outside a task. Any thread; members are wait-free, call no heap and
// throw nothing. Valid while the group lives, inside a task always.
class THREADGROUP_API group_ref {
 public:
  group_ref() noexcept = default;
  std::uint64_t id() const noexcept;  // 0 if empty
  std::string_view name() const noexcept;
  event_view event() const noexcept;
  explicit operator bool() const noexcept { return slot_ != nullptr; }

 private:
  friend THREADGROUP_API group_ref current_group_ref() noexcept;
  detail::slot* slot_ = nullptr;
};

namespace detail {
THREADGROUP_API condition wait_for_condition_here(bool (*look)(void*), void* pred, deadline_ns until,
                                                  std::int64_t poll_ns);
THREADGROUP_API bool sleep_here(deadline_ns until);

// Lets another worker run while the calling task blocks its thread.
class THREADGROUP_API blocking_section {
 public:
  blocking_section() noexcept;
  blocking_section(const blocking_section&) = delete;
  blocking_section& operator=(const blocking_section&) = delete;
  ~blocking_section();

 private:
  const std::uint64_t began_;  // for the trace; 0: nobody records
};
}  // namespace detail

THREADGROUP_API group_ref current_group_ref() noexcept;

namespace this_task {

// The event of the group whose task runs here. Wait-free.
THREADGROUP_API bool event_set() noexcept;

// The same as a view, to be captured for code that runs elsewhere: the body of a parallel_for is on its own.
THREADGROUP_API event_view this_event() noexcept;

// True: slept it all; false: the event was set. Outside a task a plain sleep. Calls no heap. Throws forked_runtime.
template <class Rep, class Period>
bool event_aware_sleep(std::chrono::duration<Rep, Period> span) {
  return detail::sleep_here(detail::deadline_after(span));
}
template <class Duration>
bool event_aware_sleep_until(std::chrono::time_point<std::chrono::steady_clock, Duration> when) {
  return detail::sleep_here(detail::deadline_at(when));
}

// group::wait_for_condition on the own group; the calling task counts as running. Outside a task nothing can
// end or set the event: the predicate is polled. Waits, counts as blocking, runs no tasks, and calls no heap until the
// predicate holds; then as set_event. Throws forked_runtime and what the predicate throws.
template <class Pred, class Rep, class Period, class PollRep = std::int64_t, class PollPeriod = std::milli>
condition wait_for_condition(
    Pred pred, std::chrono::duration<Rep, Period> timeout,
    std::chrono::duration<PollRep, PollPeriod> poll = std::chrono::milliseconds(10)) {
  return detail::wait_for_condition_here(&detail::look_at<Pred>, std::addressof(pred),
                                         detail::deadline_after(timeout), detail::saturated_ns(poll));
}

// set_event() of the own group, with all that is said there; false outside a task.
THREADGROUP_API bool set_event_for_siblings(event_cause cause = event_cause::requested);

// Wakes a wait_for_condition on the own group. Lock-free; nothing outside a task.
THREADGROUP_API void notify();

// Empty outside a task.
inline group_ref current_group() noexcept { return current_group_ref(); }

// Calls f, which may block the thread: another worker takes over meanwhile. Lock-free around f.
template <class F>
decltype(auto) blocking(F&& callable) {
  detail::blocking_section section;
  return std::invoke(std::forward<F>(callable));
}

}  // namespace this_task
}  // namespace tg
