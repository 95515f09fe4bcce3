#include "tests/model/checker/explore.h"

#include "tests/model/checker/mutation.h"
#include "tests/model/checker/spin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>
#include <map>

namespace model {
namespace {

struct counter {
  const char* what;
  std::uint64_t count;
};
std::vector<counter> counters;

void run_body(void* at) { (*static_cast<const body*>(at))(); }

verdict run_one(chooser& by, const plan& what, const body& test, bool traced) {
  return run_schedule(by, what.with, &run_body, const_cast<body*>(&test), traced);
}

double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Nothing where it is empty.
const char* given(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == 0 ? nullptr : text;
}

double number_of(const char* variable, double otherwise) {
  const char* text = given(variable);
  if (text == nullptr) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (*end != 0 || !(value > 0)) {
    std::cerr << variable << " is '" << text << "', which is not a positive number\n";
    std::exit(2);
  }
  return value;
}

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

// Runs schedules until one fails.
class explorer {
 public:
  explorer(const plan& what, const body& test, std::uint64_t most_steps = any_number)
      : what_(what), test_(test), most_steps_(most_steps) {}

  void all_within_bounds(std::uint64_t most) {
    const auto by = make_exhaustive(what_.within);
    while (!out_.failed && out_.schedules < most && out_.steps < most_steps_ / 2) {
      if (!by->begin_schedule()) {
        out_.complete = true;
        return;
      }
      run(*by);
    }
  }
  // Alternately random walks and random priorities.
  template <class GoesOn>
  void by_chance(std::uint64_t seed, GoesOn&& goes_on) {
    for (; !out_.failed && out_.steps < most_steps_ && goes_on(out_.schedules); ++seed) {
      const auto by = seed % 2 == 0
                          ? make_random(seed)
                          : make_pct(seed, 1 + static_cast<unsigned>(seed / 2 % what_.depth), longest_);
      by->begin_schedule();
      run(*by);
    }
  }
  void one(const std::string& token) {
    const auto by = make_replay(token);
    by->begin_schedule();
    run(*by, true);
  }
  finding done() {
    if (out_.failed && out_.trace.empty()) add_trace();
    return std::move(out_);
  }

 private:
  void run(chooser& by, bool traced = false) {
    verdict result = run_one(by, what_, test_, traced);
    ++out_.schedules;
    out_.steps += result.steps;
    longest_ = std::max(longest_, result.decisions);
    out_.trace = std::move(result.trace);
    if (!result.failed) return;
    out_.failed = true;
    out_.why = result.why;
    out_.token = by.token();
  }
  void add_trace() {
    const auto by = make_replay(out_.token);
    by->begin_schedule();
    const verdict again = run_one(*by, what_, test_, true);
    out_.trace = again.trace;
    if (!again.failed) out_.why += "; but not again in the same schedule: the test does not repeat itself";
    if (again.failed) out_.why = again.why;  // with the names of the trace
  }

  const plan& what_;
  const body& test_;
  const std::uint64_t most_steps_;
  finding out_;
  std::uint64_t longest_ = 1;
};

constexpr std::uint64_t first_seed = 20'000;

void print(const finding& found, const plan& what) {
  std::cout << "[ explored ] " << found.schedules << " schedules, " << found.steps << " steps"
            << (found.complete ? ", all within the bounds" : "") << '\n';
  if (mutation::is_wanted()) {
    std::cout << "[ mutated  ] " << mutation::times() << " operations\n";
    std::cout << "[ explores ]" << mutation::places_met(true) << '\n';
    std::cout << "[ comes by ]" << mutation::places_met(false) << '\n';
  }
  for (const counter& one : counters) std::cout << "[ reached  ] " << one.what << ": " << one.count << '\n';
  if (mutation::is_wanted()) return;  // what is reached then is of no interest
  for (const std::string& wanted : what.reaches) {
    const bool met =
        std::any_of(counters.begin(), counters.end(), [&](const counter& one) { return wanted == one.what; });
    EXPECT_TRUE(met) << "never reached: " << wanted;
  }
}

void tell_failure(const finding& found) {
  ADD_FAILURE() << found.why << "\n  after " << found.schedules
                << " schedules; to see it again: TG_MODEL_REPLAY=" << found.token << "\n"
                << found.trace;
}

// What a test may cost where TG_MODEL_SHARE says nothing, as in ctest. It ends those early whose schedules are long, which
// would take most of the time of all tests.
constexpr std::uint64_t usual_steps = 2'500'000;

finding search(const plan& what, const body& test, std::uint64_t most_steps) {
  counters.clear();
  explorer all(what, test, most_steps);
  all.all_within_bounds((what.schedules + 1) / 2);
  all.by_chance(first_seed, [&](std::uint64_t done) { return done < what.schedules; });
  return all.done();
}

}  // namespace

finding search(const plan& what, const body& test) { return search(what, test, any_number); }

finding replay(const std::string& token, const plan& what, const body& test) {
  counters.clear();
  explorer once(what, test);
  once.one(token);
  return once.done();
}

void explore(const plan& what, const body& test) {
  if (const char* token = given("TG_MODEL_REPLAY"); token != nullptr) {
    const finding found = replay(token, what, test);
    std::cout << found.trace << (found.failed ? found.why : "nothing is wrong in this schedule") << '\n';
    if (found.failed) ADD_FAILURE() << found.why;
    return;
  }
  plan mine = what;
  mine.schedules =
      static_cast<std::uint64_t>(static_cast<double>(what.schedules) * number_of("TG_MODEL_SHARE", 1));
  finding found;
  if (const double seconds = number_of("TG_MODEL_SECONDS", 1e-9); seconds > 1e-6) {
    counters.clear();
    explorer long_one(mine, test);
    const double end = seconds_now() + seconds;
    const auto seed =
        static_cast<std::uint64_t>(number_of("TG_MODEL_SEED", static_cast<double>(std::time(nullptr))));
    std::cout << "[ seed     ] TG_MODEL_SEED=" << seed << '\n';
    long_one.by_chance(seed << 20, [&](std::uint64_t) { return seconds_now() < end; });
    found = long_one.done();
  } else {
    found = search(mine, test, given("TG_MODEL_SHARE") == nullptr ? usual_steps : any_number);
  }
  if (found.failed) return tell_failure(found);
  print(found, mine);
}

void reached(const char* what) {
  const unobserved here;
  for (counter& one : counters) {
    if (one.what == what) {
      ++one.count;
      return;
    }
  }
  counters.push_back({what, 1});
}

void check(bool kept, const char* promise) {
  if (!kept) fail(promise);
}

unsigned any_of(unsigned count) {
  const unobserved here;
  return pick(count);
}

unsigned this_thread() { return self().thread; }

void thread::join() {
  if (std::exchange(joined_, true)) return;
  const unobserved here;
  model::join(number_);
}

unsigned thread::start(std::function<void()>* work) {
  const unobserved here;
  return spawn([](void* at) { (*static_cast<std::function<void()>*>(at))(); }, work, false);
}

library_call::library_call() : before_(observed) {
  if (!before_) return;
  observed = false;
  scheduling_point();
  in_library = true;
}

library_call::~library_call() {
  in_library = false;
  observed = before_;
}

void spin() noexcept {
  if (!observed) return;
  const unobserved here;
  pause();
}

std::uint64_t ticks() noexcept {
  const unobserved here;
  return static_cast<std::uint64_t>(now());
}

}  // namespace model
