// The machinery that groups share: workers, pools of records, the timer.
#pragma once

#include <threadgroup/detail/export.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tg {

namespace detail {
struct engine;
}

struct runtime_options {
  std::uint32_t workers = 0;        // threads that run tasks; 0: as many as the hardware has; at most 1023
  std::uint32_t max_blocked = 256;  // tasks that may block while another worker takes over; at most 1023
  // Tasks queued or running before the pool has to grow; at least 1. Each thread keeps up to 64 free ones at hand, which
  // try_add_task on others misses; with fewer than 128 for each of workers + 4 none does, and a task costs a little more.
  std::size_t task_records = 65536;
  std::size_t group_records = 4096;  // groups alive before the pool has to grow; at least 1, at most 2^20
  std::chrono::microseconds linger{
      20'000};                     // how long an idle worker stays before oneTBB gets its thread back
  std::string thread_name = "tg";  // of the library's own threads, at most 15 bytes
  std::vector<int> cpus{};         // processors that the workers may use; empty: all
};

// What was really obtained, now.
struct runtime_stats {
  std::uint32_t workers = 0;        // workers for tasks that do not block
  std::uint32_t spare_workers = 0;  // library threads that exist beside oneTBB's
  std::uint32_t blocked = 0;        // tasks blocked in a wait of the library or in blocking()
  std::uint32_t blocked_cap = 0;    // max_blocked
  std::uint64_t cap_reached = 0;    // how often a task blocked beyond it
  std::size_t task_records = 0;
  std::size_t task_records_in_use = 0;  // those that threads keep at hand are not among them
  std::size_t task_records_grown = 0;   // cold growth steps
  std::size_t group_records = 0;
  std::size_t group_records_in_use = 0;
  std::size_t group_records_grown = 0;
};

// One oneTBB task arena and what belongs to it. Most programs use the default one and never name it.
class THREADGROUP_API runtime {
 public:
  // The default runtime; made at the first call, with the options of configure() and the environment
  // (THREADGROUP_WORKERS, THREADGROUP_MAX_BLOCKED, THREADGROUP_TRACE), and never destroyed. The first call
  // allocates and starts the service thread, others wait for it; later ones are wait-free. Throws bad_options,
  // forked_runtime; the first also tg::error if the thread cannot be made, and std::bad_alloc.
  static runtime& instance();
  // The options of the default runtime, before its first use: the last ones count, the environment overrides them. Any
  // thread; lock-free, but for another thread that is in the call. Starts nothing; allocates a copy. Throws bad_options,
  // naming field and value, for what cannot be used and when another use has come first; forked_runtime, std::bad_alloc;
  // then nothing has changed. A first use that threw has been none.
  static void configure(const runtime_options& options);

  // Any thread. Maps the pools and starts the service thread; waits for a snapshot that is being taken. Allocates. Throws
  // bad_options naming field and value, tg::error if the service thread cannot be made, and std::bad_alloc.
  explicit runtime(const runtime_options& options);
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  // Waits for the workers to leave. With living groups it prints their number and terminates.
  ~runtime();

  // Starts the workers and touches the pools' memory, so that nothing is cold later. Waits for the workers, for
  // about a second at most. Throws forked_runtime.
  void prewarm();
  // Any thread. Lock-free, O(living groups), no heap, does not throw.
  runtime_stats stats() const;

 private:
  friend class group;
  detail::engine* engine_;
};

}  // namespace tg
