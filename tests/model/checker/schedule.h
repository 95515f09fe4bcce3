// One run of a test's body: its threads, who of them goes on, who sleeps on what, and the time.
//
// All of it belongs to the one thread of the system that explores; the functions are called from the model's threads,
// those of the last part from outside.
#pragma once

#include "tests/model/checker/chooser.h"
#include "tests/model/checker/memory.h"

#include <cstdint>
#include <string>

namespace model {

using time_ns = std::int64_t;
inline constexpr time_ns no_end = INT64_MAX;

struct settings {
  std::uint64_t most_steps = 20'000;  // more than that is taken for a loop without end
  // False: if nothing but a time-out could go on, a wake-up was lost.
  bool time_rescues = true;
  time_ns tick = 1'000;  // that a look at the clock takes
};

// True while a schedule runs and the code that asks belongs to it.
inline constinit bool observed = false;

// A stand-in for a library runs: its accesses are not looked at, its memory is the schedule's.
inline constinit bool in_library = false;

// Code of the model's own: what it does in memory is not looked at.
class unobserved {
 public:
  unobserved() noexcept : before_(observed) { observed = false; }
  unobserved(const unobserved&) = delete;
  unobserved& operator=(const unobserved&) = delete;
  ~unobserved() { observed = before_; }

 private:
  const bool before_;
};

// As long as one of these lives, whatever runs goes its plain way: nothing is explored.
class calm {
 public:
  calm() noexcept;
  calm(const calm&) = delete;
  calm& operator=(const calm&) = delete;
  ~calm();

 private:
  const bool before_;
};
// As the settings say.
bool time_rescues();
// Until nobody but the caller could run.
void settle();

// Another thread may run before what follows.
void scheduling_point();
// Nothing goes on here until somebody else did something.
void pause();
bool strikes();
unsigned pick(unsigned count);

using body_fn = void (*)(void*);
// Detached threads may be left over at the end.
unsigned spawn(body_fn body, void* argument, bool detached);
void join(unsigned thread);

enum class wake { called, timed_out, nothing };
// While the word is as expected.
wake sleep_on(const void* word, std::uint32_t expected, time_ns until);
void wake_sleepers(const void* word, unsigned most);
time_ns now();

// What one thread does before publish(at) is known to who observes it. Neither is a scheduling point.
void publish(vector_clock& at);
void observe(const vector_clock& at);

[[noreturn]] void fail(const std::string& why);
void fail_at(const char* what, const void* where);

// At the end of this thread.
void at_thread_end(void (*destroy)(void*), void* object);

memory& shared_memory();
observer& self();
// An operation for the trace, if one is wanted; `at` may be nullptr.
void note(const char* what, const void* at, std::uint64_t value, unsigned behind = 0);
// Where the program is; noted by the hooks.
void here(const void* where) noexcept;

struct verdict {
  bool failed = false;
  std::string why;
  std::uint64_t steps = 0;
  std::uint64_t decisions = 0;  // between threads
  std::string trace;
};
// One schedule. `trace`: every step is written down.
verdict run_schedule(chooser& by, const settings& with, body_fn body, void* argument, bool trace);

}  // namespace model
