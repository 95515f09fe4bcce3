// The workers of a runtime: who serves the ready groups, who waits for them, who is called and who leaves.
//
// A runner is a long-running function on a thread inside the shared oneTBB arena: a oneTBB worker, or a
// thread of the library's own that stands in for one. It serves ready groups, lingers without work, and then
// gives its thread back. Protocol: core/arena/README.md.
#pragma once

#include "core/arena/load.h"
#include "core/arena/mailbox.h"
#include "core/arena/muster.h"
#include "core/arena/ready_queue.h"
#include "core/base/atomic.h"
#include "core/memory/pool.h"

#include <threadgroup/detail/time.h>

#include <cstdint>

namespace tg::arena {

struct crew_settings {
  runner_cap cap;
  std::int64_t linger_ns;
  std::string thread_name;
  std::vector<int> cpus;
};

// What the layers above do for the crew; fixed at construction, because calls go upwards here.
struct crew_callbacks {
  void* context;
  void (*serve)(void* context, std::uint32_t group);     // the group of a popped ticket
  bool (*is_inner)(void* context, std::uint32_t group);  // of a ticket: has a parent; of a late one a hint
  memory::pool::cache& (*segments)(void* context);       // the calling thread's; may throw at its first call
  void (*call_housekeeper)(void* context);               // a look is wanted, soon
};

class crew {
 public:
  crew(const crew_settings& settings, memory::pool& segments, const crew_callbacks& above);
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() { dismiss(); }
  // Sends all runners home and waits for them. Nothing is announced any more.
  void dismiss() noexcept;

  // Puts a group with a fresh ticket into the ready queue and sees to it that somebody comes. Any thread but
  // a signal handler; lock-free.
  void announce(std::uint32_t group) noexcept;
  // The same by way of the calling thread's mailbox, as long as somebody is awake who will look there.
  void offer(std::uint32_t group, mailbox& mine) noexcept;
  // What still lies there, or in any mailbox, becomes everybody's.
  void announce_left(mailbox& mine) noexcept;
  void announce_all() noexcept;
  void list_mailbox(mailbox& of_thread) { mailboxes_.add(of_thread); }

  // Around a wait of the calling thread; nothing unless it is a runner of some crew.
  static void block() noexcept;
  static void unblock() noexcept;

  // True: other groups wait for a worker. A hint.
  bool others_wait() const noexcept {
    return load_word(load_.load(base::relaxed)).ready() != 0;  // relaxed: a hint
  }
  // True: somebody may want the processor of the calling runner, who has just ended a task: who was called for what
  // waits and has not come yet, or, after a while, who is back from a wait by its own clock, which calls nobody. The
  // kernel would have both wait to the end of its own slice, some milliseconds. A hint.
  bool should_yield() const noexcept {
    const load_word now = load();
    if (now.ready() != 0 && now.awake() != 0) return true;
    return now.blocked() != 0 && has_not_yielded_for_long();
  }
  void yield() const noexcept;
  // True: more runners than may be, since some have come back from a wait. Who has nothing to do leaves. A hint.
  bool has_too_many() const noexcept {
    const load_word now = load();
    return now.runners() > settings_.cap.at(now);
  }
  // Nothing new can start: all that may block is blocked, and no worker is left.
  bool stalled() const noexcept;
  // The housekeeper's part; answers when it wants to look again.
  detail::deadline_ns tend(detail::deadline_ns now);
  // Each ready group out of its queue and back, for the housekeeper to have a look at while stalled.
  template <class Look>
  void rotate(Look&& look) noexcept {
    for (const bool inner : {false, true}) {
      std::uint32_t group = 0;
      for (std::uint64_t left = ready_.size(inner); left != 0 && rotate_one(inner, group); --left)
        look(group);
    }
  }

  // Starts the workers and waits, for a while, until they are there and have all that they need.
  void prewarm() noexcept;

  load_word load() const noexcept { return load_word(load_.load(base::relaxed)); }  // relaxed: a figure
  std::uint32_t workers() const noexcept { return muster_.workers_to_be_had(); }
  std::uint32_t spare_threads() const noexcept { return muster_.threads(); }
  std::uint64_t cap_reached() const noexcept {
    // relaxed: a figure
    return cap_reached_.load(base::relaxed);
  }
  const crew_settings& settings() const noexcept { return settings_; }

 private:
  enum class next_step { serve, idle, leave };
  enum class call { nobody, sleeper, newcomer };

  static void run_runner(void* self) noexcept;
  void run() noexcept;
  bool has_not_yielded_for_long() const noexcept;
  void tell_arrival() noexcept;
  std::uint32_t pop_ready() noexcept;
  next_step after_work(std::uint32_t& group) noexcept;
  bool idle(std::uint32_t& group) noexcept;
  bool find_work(std::uint32_t& group) noexcept;
  bool spin_for_work(std::uint32_t& group) noexcept;
  bool take_ready() noexcept;
  bool take_from_mailbox(std::uint32_t found, std::uint32_t& group) noexcept;
  bool unpark() noexcept;
  bool somebody_will_look(load_word load) const noexcept;
  bool take_entry() noexcept;
  bool rotate_one(bool inner, std::uint32_t& group) noexcept;
  bool park() noexcept;
  bool sleep_until_called(detail::deadline_ns until) noexcept;
  bool use_permit() noexcept;
  call call_for(load_word& load) const noexcept;
  void carry_out(call whom) noexcept;
  load_word enqueue(std::uint32_t group, call& whom) noexcept;
  bool call_a_sleeper() noexcept;
  void start_again() noexcept;
  void block_runner() noexcept;
  void unblock_runner() noexcept;

  const crew_settings settings_;
  const crew_callbacks above_;
  ready_queue ready_;
  alignas(base::cache_line) base::atomic<std::uint64_t> load_{0};  // load_word
  alignas(base::cache_line) base::atomic<std::uint32_t> permits_{
      0};  // futex; calls that no sleeper has heard yet
  base::atomic<std::uint32_t> closing_{0};
  base::atomic<std::uint64_t> cap_reached_{0};
  // {runners that have arrived, ever 31 | somebody prewarms 1}: futex of who prewarms.
  static constexpr std::uint32_t somebody_prewarms = 1;
  static constexpr std::uint32_t one_arrival = 2;
  base::atomic<std::uint32_t> arrivals_{0};
  mailboxes mailboxes_;
  muster muster_;
};

}  // namespace tg::arena
