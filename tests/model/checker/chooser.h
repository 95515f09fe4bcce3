// Who decides, wherever a run could go on in more than one way. Every decision is a number below a count, and 0 is
// always the plain one: the same thread goes on, a load reads the latest value, nothing unusual strikes.
//
// A schedule is what one sequence of decisions gives; its token names that sequence.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace model {

// At a scheduling point: the threads that may go on come first, then sleepers that a fault would wake.
struct crossroads {
  static constexpr unsigned most = 32;
  unsigned threads[most];
  unsigned runnable = 0;
  unsigned count = 0;
  bool first_is_plain = false;  // to go on with another than threads[0] counts as a preemption
};

class chooser {
 public:
  virtual ~chooser() = default;
  // False: there is no further schedule.
  virtual bool begin_schedule() = 0;
  virtual unsigned pick_thread(const crossroads& at) = 0;
  // Which of several values that a load may read, of places for a store; 0: the latest.
  virtual unsigned pick_value(unsigned count) = 0;
  // Whether something rare happens: a wake for no reason, a queue that denies what it has.
  virtual bool strikes() = 0;
  // The running thread waits for others by looking again and again.
  virtual void has_paused(unsigned thread) = 0;
  virtual std::string token() const = 0;
};

// How often a schedule of the exhaustive search may leave the plain way.
struct bounds {
  unsigned preemptions = 2;
  unsigned old_values = 1;
  unsigned faults = 1;
};

// All schedules within the bounds, one after the other.
std::unique_ptr<chooser> make_exhaustive(const bounds& within);
// Any schedule, with probabilities that change from one to the next.
std::unique_ptr<chooser> make_random(std::uint64_t seed);
// Threads by random priority, changed at depth - 1 random steps of `length`: a bug that needs d changes is found with
// probability 1 / (threads * length^(d-1)) at least (Burckhardt et al., ASPLOS 2010).
std::unique_ptr<chooser> make_pct(std::uint64_t seed, unsigned depth, std::uint64_t length);
// The one schedule that the token names. Throws std::invalid_argument.
std::unique_ptr<chooser> make_replay(const std::string& token);

}  // namespace model
