// What a model test is written with.
//
// The body of a test runs once in every schedule: it makes what it needs, starts threads, joins them and checks. It
// must do the same each time but for what the schedule decides: no clock, no chance, no addresses as numbers.
#pragma once

#include "tests/model/checker/schedule.h"

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace model {

// How much of what is explored, and what must have been met on the way.
struct plan {
  std::uint64_t schedules = 10'000;  // in all; half of them, or as many as there are, exhaustively
  bounds within{};
  unsigned depth = 3;  // of priority changes
  settings with{};
  std::vector<std::string> reaches{};
};

struct finding {
  bool failed = false;
  std::string why;
  std::string token;
  std::string trace;
  std::uint64_t schedules = 0;
  std::uint64_t steps = 0;
  bool complete = false;  // all within the bounds were explored
};

using body = std::function<void()>;

// Until a schedule fails or all is explored; counts what is reached.
finding search(const plan& what, const body& test);
// One schedule, with its trace.
finding replay(const std::string& token, const plan& what, const body& test);
// A GoogleTest assertion: no schedule fails, and all that must be reached was. Heeds the TG_MODEL_ variables.
void explore(const plan& what, const body& test);

// In a body: something worth to be met happened. The text has to be a literal.
void reached(const char* what);
// In a body: a promise of the code under test.
void check(bool kept, const char* promise);
// In a body: one of `count` ways to go on, all of which are explored.
unsigned any_of(unsigned count);

// In a body: the thread's number; the test's own is 0.
unsigned this_thread();

// One more thread of the schedule; joined at the latest by the destructor.
class thread {
 public:
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, thread>) explicit thread(F&& work)
      : work_(std::forward<F>(work)), number_(start(&work_)) {}
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;
  ~thread() { join(); }
  void join();

 private:
  static unsigned start(std::function<void()>* work);

  std::function<void()> work_;
  unsigned number_;
  bool joined_ = false;
};

// One operation of a library that has a stand-in: it happens at once.
class library_call {
 public:
  library_call();
  library_call(const library_call&) = delete;
  library_call& operator=(const library_call&) = delete;
  ~library_call();

 private:
  const bool before_;
};

}  // namespace model
