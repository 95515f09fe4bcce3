// Where runners come from: oneTBB's workers for the base, threads of the library's own for what blocks and
// for what oneTBB does not give. All of them run inside the one shared arena.
//
// call_one, turn_back, threads, workers_to_be_had: any thread, lock-free, no heap. The rest: the housekeeper only.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"
#include "core/os/thread.h"

#include <threadgroup/detail/time.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tg::arena {

struct muster_settings {
  std::uint32_t workers;
  std::uint32_t max_blocked;
  std::string thread_name;
  std::vector<int> cpus;
};

class muster {
 public:
  using run_fn = void (*)(void*) noexcept;

  // `call` has the housekeeper look.
  muster(const muster_settings& settings, run_fn runner, void* argument, void (*call)(void*),
         void* housekeeper);
  muster(const muster&) = delete;
  muster& operator=(const muster&) = delete;
  ~muster();

  // Has one more thread run. False: only the housekeeper can provide it; it has been noted.
  [[nodiscard]] bool call_one() noexcept;

  struct outcome {
    detail::deadline_ns next_look;  // when the housekeeper is wanted again
    std::uint32_t not_coming;       // called ones that could not be had
    bool try_again;                 // some could not be had a while ago
  };
  outcome tend(detail::deadline_ns now, bool work_waits);
  // By a thread that has come and cannot be a runner, for want of memory: it counts as not coming.
  void turn_back() noexcept;
  // Thread creation has not failed just now.
  bool may_try() const noexcept { return retry_at_ == 0; }

  // All threads of the library's own end; nobody runs.
  void disband() noexcept;
  std::uint32_t threads() const noexcept { return threads_.load(base::relaxed); }  // relaxed: a figure
  // Workers that there are, or will be when they are called: fewer than wished for while threads are refused.
  std::uint32_t workers_to_be_had() const noexcept;

 private:
  struct tbb_side;
  struct gate;
  enum order : std::uint32_t { wait, run, quit };
  enum class tbb_threads { untried, granted, refused };

  struct alignas(base::cache_line) spare {
    base::atomic<std::uint32_t> told{wait};  // futex; an order, by who has popped the spare
    base::atomic<std::uint32_t> below{0};    // index + 1 on the stack of parked spares
    muster* owner = nullptr;
    std::uint32_t index = 0;
    os::thread thread;
  };

  static gate* make_gate();
  static void run_spare(void* at);
  void live(spare& me);
  spare* pop_parked() noexcept;
  void push_parked(spare& idle) noexcept;
  static void tell(spare& whom, order what) noexcept;
  bool wake_spare() noexcept;
  bool start_spare(detail::deadline_ns now);
  bool tbb_has_threads(detail::deadline_ns now) noexcept;
  bool ask_tbb(detail::deadline_ns now) noexcept;
  void arrive_from_tbb() noexcept;
  bool take_request() noexcept;
  bool provide_one(detail::deadline_ns now);
  void replace_missing(detail::deadline_ns now, bool work_waits, outcome& out);
  void retire_idle(detail::deadline_ns now);
  void report_failure(int failure, detail::deadline_ns now) noexcept;

  const muster_settings settings_;
  const run_fn run_;
  void* const argument_;
  void (*const call_)(void*);
  void* const housekeeper_;
  const std::uint32_t max_spares_;
  std::unique_ptr<spare[]> spares_;
  std::unique_ptr<tbb_side> tbb_;
  gate* const gate_;  // between oneTBB's late functors and this object's end; outlives it

  alignas(base::cache_line) base::atomic<std::uint64_t> parked_{0};  // {tag 32 | index + 1}: stack
  base::atomic<std::uint32_t> threads_{0};                           // spares with a living thread
  base::atomic<std::uint32_t> wanted_{0};       // called, to be provided by the housekeeper
  base::atomic<std::uint32_t> requested_{0};    // asked of oneTBB, not arrived
  base::atomic<std::uint32_t> from_tbb_{0};     // of oneTBB, arrived or not
  base::atomic<std::uint32_t> handed_back_{0};  // picked up inside a task: a spare goes in its place
  base::atomic<std::uint32_t> refused_{0};      // 1: the last thread wanted could not be created
  base::atomic<std::uint32_t> turned_back_{0};

  tbb_threads tbb_threads_ = tbb_threads::untried;  // the housekeeper's, as the following
  bool reported_ = false;
  detail::deadline_ns asked_at_ = 0;   // last request to oneTBB
  detail::deadline_ns retire_at_ = 0;  // when the next idle spare may go
  detail::deadline_ns retry_at_ = 0;   // a worker could not be had; not before then again; 0: none failed
};

}  // namespace tg::arena
