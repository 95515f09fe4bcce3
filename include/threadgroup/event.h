// The event of a group, as others see it: check it, sleep on it, be called by it.
#pragma once

#include <threadgroup/detail/event_flag.h>
#include <threadgroup/detail/time.h>
#include <threadgroup/event_cause.h>

#include <chrono>
#include <type_traits>
#include <utility>

namespace tg {

class group;
class event_view;
namespace this_task {
event_view this_event() noexcept;
}

namespace detail {
struct slot;
// True: slept until the deadline; false: the event was set. Throws forked_runtime.
THREADGROUP_API bool sleep_on(const event_flag& flag, deadline_ns until);
}  // namespace detail

// A group's event for hot loops: trivially copyable, one pointer wide. Valid while its group lives, inside a
// task always; used later it touches no freed memory but may show another group's event. From the end of its runtime on it
// reads set, and waits on it are over: nobody is left who could end them.
class event_view {
 public:
  // Of no group: never set.
  event_view() noexcept : flag_(&detail::never_set) {}

  // One acquire load. Wait-free, also in signal handlers.
  bool is_set() const noexcept { return flag_->is_set(); }
  // Until the event is set. This and the next two call no heap, count as blocking inside a task, and throw
  // forked_runtime.
  void wait() const { static_cast<void>(detail::sleep_on(*flag_, detail::for_ever)); }
  // True: slept it all; false: the event was set. A set event beats an elapsed sleep.
  template <class Rep, class Period>
  bool sleep_for(std::chrono::duration<Rep, Period> span) const {
    return detail::sleep_on(*flag_, detail::deadline_after(span));
  }
  template <class Duration>
  bool sleep_until(std::chrono::time_point<std::chrono::steady_clock, Duration> when) const {
    return detail::sleep_on(*flag_, detail::deadline_at(when));
  }

 private:
  friend class group;
  friend class group_ref;
  friend event_view this_task::this_event() noexcept;
  explicit event_view(const detail::event_flag& flag) noexcept : flag_(&flag) {}

  const detail::event_flag* flag_;
};

namespace detail {

struct callback_cell;

// The registration behind an event_callback.
class THREADGROUP_API callback_registration {
 public:
  // Calls `run(object)` once when the event is set, at once on this thread if it is set already. Lock-free.
  // Allocates when what earlier ones have left does not suffice. Throws forked_runtime, std::bad_alloc.
  callback_registration(group& of, void (*run)(void*), void* object);
  callback_registration(const callback_registration&) = delete;
  callback_registration& operator=(const callback_registration&) = delete;
  // Afterwards nothing runs: waits for a run on another thread, not for one on its own.
  ~callback_registration();

 private:
  callback_cell* cell_;
};

}  // namespace detail

// Calls f() once when the group's event is set: on the setter's thread, after all flags, outside all locks of
// the library; for deadlines and signals on a thread of the library, be all workers busy or not. At once, on this
// thread, if the event is set already.
// The constructor is lock-free and may be called by any thread. It allocates only when what earlier ones have left does
// not suffice. Throws forked_runtime, std::bad_alloc, and what moving f throws; then nothing is registered. The destructor
// waits for a run on another thread, and not for one on its own; it calls no heap.
// f may call anything but a join or the destruction of its group; an exception from it terminates. Ends
// before its group. Two callbacks on two threads that each destroy the other's event_callback wait for each
// other: the destructor's promise leaves no way out.
template <class F>
class event_callback {
 public:
  event_callback(group& of, F callable)
      : callable_(std::move(callable)), registration_(of, &event_callback::run, this) {}
  event_callback(const event_callback&) = delete;
  event_callback& operator=(const event_callback&) = delete;
  ~event_callback() = default;

 private:
  static void run(void* self) { static_cast<void>(static_cast<event_callback*>(self)->callable_()); }

  F callable_;
  detail::callback_registration registration_;
};

// Sets the event of every group of the default runtime that is alive at the call, as group::set_event. Throws
// forked_runtime.
THREADGROUP_API void set_all_events(event_cause cause = event_cause::shutdown);
// The same for signal handlers, as group::set_event_from_signal; nothing happens while there is no runtime.
THREADGROUP_API void set_all_events_from_signal(event_cause cause = event_cause::shutdown) noexcept;

}  // namespace tg
