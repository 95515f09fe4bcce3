// Groups of tasks: a limit on what runs at once, an event that stops a whole subtree, a join that tells.
#pragma once

#include <threadgroup/condition.h>
#include <threadgroup/detail/admission.h>
#include <threadgroup/detail/time.h>
#include <threadgroup/error.h>
#include <threadgroup/event.h>
#include <threadgroup/future.h>
#include <threadgroup/join_report.h>
#include <threadgroup/task.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <stop_token>
#include <string_view>

namespace tg {

class runtime;

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

enum class parent_policy { inherit, detached };    // detached: the root of a new tree, even inside a task
enum class pending_policy { skip, run };           // what becomes of queued tasks when the event is set
enum class failure_policy { collect, set_event };  // set_event: the first exception sets the group's event

struct group_options {
  std::uint32_t max_concurrent = 32;  // tasks that may run at once; 0 pauses; saturates at group::max_limit
  // Queued tasks beyond which add_task waits, unless the event is set, and try_add_task refuses. Under pending_policy::run
  // a set group takes all that add_task brings.
  std::size_t max_pending = unlimited;
  parent_policy parent = parent_policy::inherit;
  pending_policy on_event = pending_policy::skip;
  failure_policy on_failure = failure_policy::collect;
  std::optional<std::chrono::steady_clock::time_point>
      deadline{};                        // the earliest of this and all ancestors' counts
  std::size_t max_kept_exceptions = 16;  // further ones are counted, not kept
  runtime* on = nullptr;                 // nullptr: the parent's; of a root, detached or not, the default one
};

// Weakly consistent while tasks run, exact when the group is at rest. Counts are of the group's whole life, of tasks that
// have ended, and never fall. A callable that is being destroyed unrun is neither running nor pending, nor skipped yet.
struct group_stats {
  std::size_t running = 0;  // callables being executed
  std::size_t pending = 0;  // added and not yet started
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::uint32_t limit = 0;
};

namespace detail {

struct slot;

THREADGROUP_API condition wait_for_condition(slot& group, bool (*look)(void*), void* pred, deadline_ns until,
                                             std::int64_t poll_ns);
THREADGROUP_API join_report join_until(slot& group, deadline_ns until);

template <class Pred>
bool look_at(void* pred) {
  return static_cast<bool>((*static_cast<Pred*>(pred))());
}

}  // namespace detail

// Every member but the destructor may be called from several threads at once and from tasks, callbacks and
// predicates. After fork(), calls in the child throw forked_runtime where they may throw. Where nothing else is
// said a member is lock-free and calls no heap, but for a pool that has to grow and a thread's first use of the
// runtime; then it may throw std::bad_alloc. core/PROMISES.md has all of it in tables.
class THREADGROUP_API group {
 public:
  // Larger limits are taken as this one.
  static constexpr std::uint32_t max_limit = (1u << 20) - 1;

  // A child of the group whose task runs on the calling thread; elsewhere, or detached, a root. The name is
  // copied and cut at 47 bytes; any bytes will do. Lock-free; allocates only when a pool has to grow. Without
  // a runtime it makes the default one, as runtime::instance() does.
  // Throws bad_options, forked_runtime, std::bad_alloc.
  explicit group(std::string_view name = {}, const group_options& options = {});
  // A child of `parent`, from any thread. Throws as above, bad_options also for detached or a runtime other than
  // the parent's.
  group(group& parent, std::string_view name, const group_options& options = {});
  group(const group&) = delete;
  group& operator=(const group&) = delete;
  // Closes; if anything is left, skips what is queued, sets the event (abandoned) and waits for what runs.
  // Never throws. Called from a task of the group or of a descendant it would wait for ever: it terminates.
  ~group();

  // Queues a call of `callable` with `args`, both decayed and moved into the task. Waits while max_pending
  // tasks are queued, except in tasks of this group or of a descendant. Lock-free apart from that wait; calls
  // no heap unless the pool of records has to grow. In a group that skips what is added nothing stays queued: callables
  // are destroyed here, or by another thread that skips meanwhile. Throws group_closed, forked_runtime, std::bad_alloc, and
  // whatever copying or moving the arguments throws; then nothing was added and no argument was moved from. Only of several
  // rvalues whose construction may throw those before the one that does are lost.
  template <class F, class... Args>
  task_id add_task(F&& callable, Args&&... args) {
    using call = detail::bound<F, Args...>;
    detail::check_fits<call>();
    detail::task_record& record = detail::admit(*slot_);
    build<call>(record, &detail::added_body<call>, std::forward<F>(callable), std::forward<Args>(args)...);
    return detail::commit(*slot_, record);
  }

  // The same without any wait and without growth: false when the group is closed, full, or no record is free;
  // then no argument was moved from. A group that skips what is added is never full. Throws forked_runtime, and what
  // copying or moving the arguments throws, as add_task does.
  template <class F, class... Args>
  [[nodiscard]] bool try_add_task(F&& callable, Args&&... args) {
    using call = detail::bound<F, Args...>;
    detail::check_fits<call>();
    detail::task_record* record = detail::try_admit(*slot_);
    if (record == nullptr) return false;
    build<call>(*record, &detail::added_body<call>, std::forward<F>(callable), std::forward<Args>(args)...);
    detail::commit(*slot_, *record);
    return true;
  }

  // As add_task; the result, or what was thrown, or why it was skipped, comes through the future.
  template <class F, class... Args>
  future<detail::task_result<F, Args...>> submit(F&& callable, Args&&... args) {
    using call = detail::bound<F, Args...>;
    using result = detail::task_result<F, Args...>;
    detail::check_fits<call>();
    detail::check_result<result>();
    detail::task_record& record = detail::admit(*slot_);
    build<call>(record, &detail::submitted_body<result, call>, std::forward<F>(callable),
                std::forward<Args>(args)...);
    detail::share_with_future(*slot_, record);
    const task_id id = detail::commit(*slot_, record);
    return future<result>(record, id);
  }

  // Waits for the group's own tasks, not for child groups, and may run queued ones meanwhile. Throws
  // would_deadlock in a task of the group or of a descendant. Allocates only if failures are to be told, and at the
  // thread's first use of the runtime; if that throws std::bad_alloc, nothing was consumed.
  [[nodiscard]] join_report join();
  // The same with an end: then `complete` is false and nothing was consumed. Runs no tasks; skips as future::wait_for.
  template <class Rep, class Period>
  [[nodiscard]] join_report join_for(std::chrono::duration<Rep, Period> timeout) {
    return detail::join_until(*slot_, detail::deadline_after(timeout));
  }
  template <class Duration>
  [[nodiscard]] join_report join_until(std::chrono::time_point<std::chrono::steady_clock, Duration> when) {
    return detail::join_until(*slot_, detail::deadline_at(when));
  }

  // Looks at `pred` on this thread: now, when a task of the group ends, on notify(), and every `poll`.
  // met: the predicate held, and the event is now set; else event_set, drained or timed_out, in this order.
  // What the predicate throws leaves the call and changes nothing. Waits, runs no tasks, calls no heap.
  template <class Pred, class Rep, class Period, class PollRep = std::int64_t, class PollPeriod = std::milli>
  condition wait_for_condition(
      Pred pred, std::chrono::duration<Rep, Period> timeout,
      std::chrono::duration<PollRep, PollPeriod> poll = std::chrono::milliseconds(10)) {
    return detail::wait_for_condition(*slot_, &detail::look_at<Pred>, std::addressof(pred),
                                      detail::deadline_after(timeout), detail::saturated_ns(poll));
  }
  // Has a waiting wait_for_condition look again at once. Lock-free.
  void notify();

  // Sets the event of this group and of all its descendants; true if this call set it here. When it returns, also with
  // false, every living descendant reads set, and of those that skip nothing that was added before is queued; another
  // thread may still be ending some. Runs callbacks, and then destroys skipped callables, on this thread, after all flags
  // and wake-ups: hold no lock that they take.
  // While it is destroyed a callable is a task of its group, though not one that runs: it may not join the group, nor waits
  // for room there, and the group has not drained. O(living subtree + skipped tasks), lock-free but for these. On a thread
  // without memory for its first use, and when called from many callables that are destroyed one in the other, skipping is
  // left to others.
  bool set_event(event_cause cause = event_cause::requested);
  bool set_event_for_child_tasks() { return set_event(); }
  // The same for signal handlers: async-signal-safe, errno kept, no heap; callbacks, stop_tokens and skipping follow on
  // a library thread, as they do for deadlines. False in a forked child.
  bool set_event_from_signal(event_cause cause = event_cause::requested) noexcept;
  // Re-arms: true if the event is unset afterwards. Refuses, changing nothing, while a task of the group is
  // queued, running or being added, a descendant lives, an ancestor is set, or the deadline has passed. Where max_pending
  // does not bound the group, a task whose callable another thread is still constructing is not added yet: it comes after
  // the reset, into an unset group; and it is refused to who constructs one, for whichever group. Lock-free, calls no heap. Throws forked_runtime.
  bool reset_event();

  event_view event() const noexcept;
  event_state state() const noexcept;
  // The event as a std::stop_token; one allocation an epoch. Lock-free, but it runs the stop callbacks of an earlier
  // epoch if the thread that set the event has not come to them yet.
  std::stop_token stop_token();

  // Ends all that is queued as skipped(cleared); how many it has ended itself. Destroys the callables on this thread, as
  // set_event does. Called from many callables that are destroyed one in the other it ends none: the call around it goes on
  // with them, and counts them; a callable that is destroyed must not wait for one that is queued.
  std::size_t clear_pending_tasks();
  // Live. 0 pauses, raising resumes at once; lowering lets running tasks end.
  void set_max_concurrent(std::uint32_t limit);
  // For ever, for this group alone: add_task throws group_closed from now on.
  void close();
  bool closed() const noexcept;

  // These and the views above are wait-free, and stats() lock-free.
  group_stats stats() const noexcept;
  std::uint64_t id() const noexcept;  // unique among the living groups of the process, never 0
  std::string_view name() const noexcept;

 private:
  friend class detail::callback_registration;

  template <class Call, class... Parts>
  void build(detail::task_record& record, detail::task_body* body, Parts&&... parts) {
    if constexpr (std::is_nothrow_constructible_v<Call, Parts...>) {
      ::new (static_cast<void*>(record.storage)) Call(std::forward<Parts>(parts)...);
    } else {
      detail::pending_admission admission{*slot_, record};
      ::new (static_cast<void*>(record.storage)) Call(std::forward<Parts>(parts)...);
      admission.built = true;
    }
    record.body = body;
  }

  detail::slot* slot_;
};

}  // namespace tg
