#include "tests/model/checker/schedule.h"

#include "tests/model/checker/arena.h"
#include "tests/model/checker/changes.h"
#include "tests/model/checker/fiber.h"
#include "tests/model/checker/heap.h"
#include "tests/model/checker/mutation.h"
#include "tests/model/checker/trace.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace model {
namespace {

enum class state { absent, runnable, sleeping, joining, finished };

struct thread {
  std::unique_ptr<fiber> stack;
  observer view;
  state now = state::absent;
  body_fn body = nullptr;
  void* argument = nullptr;
  bool detached = false;
  std::uint64_t paused = 0;                 // when it last said that it waits; 0: not since it was woken
  std::uint64_t changes_then = UINT64_MAX;  // at its last pause
  const void* sleeps_on = nullptr;
  time_ns until = no_end;
  wake woken_by = wake::called;
  unsigned joins = 0;
  struct at_end {
    void (*destroy)(void*);
    void* object;
  };
  std::vector<at_end> at_end_;
};

struct world {
  std::array<thread, max_threads> threads;
  unsigned count = 0;
  unsigned current = 0;
  chooser* by = nullptr;
  settings with;
  std::uint64_t steps = 0;
  std::uint64_t pauses = 0;
  unsigned lonely_pauses = 0;  // one after the other, with nobody else to run
  bool has_looked = true;      // since the last pause
  time_ns clock = 0;
  vector_clock clock_readers;  // what those knew who have read the clock: a later time is a later time
  bool over = true;
  bool is_calm = false;
  verdict result;
};

world all;

// A decision is remembered beyond the schedule, also if a stand-in asks for it.
class outside_library {
 public:
  outside_library() : before_(std::exchange(in_library, false)) {}
  outside_library(const outside_library&) = delete;
  outside_library& operator=(const outside_library&) = delete;
  ~outside_library() { in_library = before_; }

 private:
  const bool before_;
};

unsigned pick_for_memory(unsigned count) {
  const outside_library here;
  return all.is_calm ? 0 : all.by->pick_value(count);
}

thread& current() { return all.threads[all.current]; }

bool can_time_out(const thread& one) { return one.now == state::sleeping && one.until != no_end; }

// All who could run only look, again and again, at what nobody writes: no wake without a reason helps them out.
bool all_wait() {
  return std::all_of(all.threads.begin(), all.threads.begin() + all.count, [](const thread& one) {
    return one.now != state::runnable || one.changes_then == changes;
  });
}

// Who may go on: first the one that runs now, then the others, those last who wait in a loop.
crossroads find_ways() {
  crossroads out;
  const thread& now = current();
  const bool pauses = now.now == state::runnable && now.paused != 0;
  const bool runs = now.now == state::runnable && !pauses;
  if (runs) out.threads[out.runnable++] = all.current;
  for (unsigned i = 0; i < all.count; ++i) {
    if (i != all.current && all.threads[i].now == state::runnable) out.threads[out.runnable++] = i;
  }
  std::stable_sort(out.threads + (runs ? 1 : 0), out.threads + out.runnable,
                   [](unsigned a, unsigned b) { return all.threads[a].paused < all.threads[b].paused; });
  if (pauses && out.runnable == 0) out.threads[out.runnable++] = all.current;
  out.first_is_plain = runs || pauses;
  out.count = out.runnable;
  if (all_wait()) return out;
  for (unsigned i = 0; i < all.count; ++i) {
    if (all.threads[i].now == state::sleeping) out.threads[out.count++] = i;
  }
  return out;
}

void wake_one(thread& sleeper, wake how) {
  sleeper.now = state::runnable;
  sleeper.woken_by = how;
  sleeper.paused = 0;
  sleeper.changes_then = UINT64_MAX;
  if (how != wake::timed_out) return;
  all.clock = std::max(all.clock, sleeper.until);
  sleeper.view.clock.join(all.clock_readers);
}

// A fault of the world: the time is over, or a signal came.
void disturb(thread& sleeper) { wake_one(sleeper, can_time_out(sleeper) ? wake::timed_out : wake::nothing); }

[[noreturn]] void leave_schedule() {
  all.over = true;
  observed = in_library = false;
  fiber::driver().switch_from(*current().stack);
  std::terminate();
}

void go_on_with(unsigned next) {
  if (next == all.current) return;
  const unsigned before = std::exchange(all.current, next);
  all.threads[next].stack->switch_from(*all.threads[before].stack);
}

std::string who_waits() {
  std::string out;
  for (unsigned i = 0; i < all.count; ++i) {
    const thread& one = all.threads[i];
    if (one.now == state::joining)
      out += " T" + std::to_string(i) + " joins T" + std::to_string(one.joins) + ";";
    if (one.now == state::sleeping)
      out += " T" + std::to_string(i) + " sleeps on " + trace::name_of(one.sleeps_on) + ";";
  }
  return out;
}

bool only_detached_left() {
  return std::all_of(all.threads.begin(), all.threads.begin() + all.count,
                     [](const thread& one) { return one.now == state::finished || one.detached; });
}

// Nobody runs: the first time-out strikes, or that was all.
void let_time_pass() {
  thread* first = nullptr;
  for (unsigned i = 0; i < all.count; ++i) {
    thread& one = all.threads[i];
    if (can_time_out(one) && (first == nullptr || one.until < first->until)) first = &one;
  }
  if (first == nullptr) fail("nobody can go on:" + who_waits());
  if (!all.with.time_rescues && !all.is_calm) fail("only a time-out goes on:" + who_waits());
  wake_one(*first, wake::timed_out);
}

// The current thread has come to a point where others may run, or has stopped.
void choose_next() {
  if (++all.steps > all.with.most_steps) fail("no end after so many steps: a loop?");
  crossroads ways = find_ways();
  if (ways.runnable == 0) {
    if (only_detached_left()) leave_schedule();
    let_time_pass();
    ways = find_ways();
    ways.count = ways.runnable;
  }
  unsigned chosen = 0;
  if (ways.count > 1 && !all.is_calm) {
    ++all.result.decisions;
    chosen = all.by->pick_thread(ways);
  }
  const unsigned next = ways.threads[chosen];
  if (chosen >= ways.runnable) disturb(all.threads[next]);
  go_on_with(next);
}

void end_thread() {
  thread& me = current();
  while (!me.at_end_.empty()) {
    const thread::at_end last = me.at_end_.back();
    me.at_end_.pop_back();
    last.destroy(last.object);
  }
  const unobserved here;
  me.view.tick();
  me.now = state::finished;
  for (unsigned i = 0; i < all.count; ++i) {
    thread& other = all.threads[i];
    if (other.now == state::joining && other.joins == all.current) {
      other.now = state::runnable;
      other.paused = 0;
    }
  }
  choose_next();
  std::terminate();
}

void enter_thread() {
  observed = true;
  try {
    current().body(current().argument);
  } catch (const std::exception& what) {
    fail(std::string("an exception leaves the thread: ") + what.what());
  } catch (...) {
    fail("an exception leaves the thread");
  }
  end_thread();
}

}  // namespace

memory& shared_memory() {
  static memory one(&pick_for_memory, &fail_at);
  return one;
}

observer& self() { return current().view; }

void scheduling_point() {
  all.has_looked = true;
  current().paused = 0;
  choose_next();
}

namespace {

bool others_run() {
  return std::any_of(all.threads.begin(), all.threads.begin() + all.count,
                     [](const thread& one) { return one.now == state::runnable && &one != &current(); });
}

// Who looks again and again while nobody else could run waits for something that only the time can bring.
void wait_alone() {
  constexpr unsigned patience = 1000;
  all.lonely_pauses = others_run() ? 0 : all.lonely_pauses + 1;
  const bool can_pass = std::any_of(all.threads.begin(), all.threads.begin() + all.count, &can_time_out);
  if (all.lonely_pauses < patience || !can_pass) return;
  all.lonely_pauses = 0;
  let_time_pass();
}

}  // namespace

void pause() {
  // A second pause without a look in between changes nothing.
  if (!std::exchange(all.has_looked, false)) return;
  wait_alone();
  current().paused = ++all.pauses;
  current().changes_then = changes;
  if (!all.is_calm) all.by->has_paused(all.current);
  choose_next();
}

bool strikes() {
  const outside_library here;
  return !all.is_calm && all.by->strikes();
}
unsigned pick(unsigned count) { return count > 1 ? pick_for_memory(count) : 0; }

calm::calm() noexcept : before_(std::exchange(all.is_calm, true)) { mutation::explores = false; }
calm::~calm() {
  all.is_calm = before_;
  mutation::explores = !before_;
}

bool time_rescues() { return all.with.time_rescues; }

void settle() {
  const unobserved here;
  const calm meanwhile;
  while (others_run()) {
    all.has_looked = true;
    pause();
  }
}

unsigned spawn(body_fn body, void* argument, bool detached) {
  if (all.count == max_threads) fail("the test makes too many threads");
  const unsigned number = all.count++;
  thread& fresh = all.threads[number];
  if (fresh.stack == nullptr) fresh.stack = std::make_unique<fiber>();
  fresh.stack->prepare(&enter_thread);
  fresh.view = {};
  if (number != 0) {
    fresh.view.clock = self().clock;
    self().tick();
  }
  fresh.view.thread = number;
  fresh.view.tick();
  fresh.now = state::runnable;
  fresh.body = body;
  fresh.argument = argument;
  fresh.detached = detached;
  fresh.paused = 0;
  fresh.changes_then = UINT64_MAX;
  fresh.at_end_.clear();
  return number;
}

void join(unsigned number) {
  scheduling_point();
  thread& other = all.threads[number];
  while (other.now != state::finished) {
    current().now = state::joining;
    current().joins = number;
    choose_next();
  }
  observe(other.view.clock);
}

wake sleep_on(const void* word, std::uint32_t expected, time_ns until) {
  scheduling_point();
  if (*static_cast<const volatile std::uint32_t*>(word) != expected) return wake::nothing;
  if (until != no_end && until <= all.clock) {
    pause();
    return wake::timed_out;
  }
  note("sleeps on", word, expected);
  thread& me = current();
  me.now = state::sleeping;
  me.sleeps_on = word;
  me.until = until;
  choose_next();
  return me.woken_by;
}

void wake_sleepers(const void* word, unsigned most) {
  scheduling_point();
  for (; most != 0; --most) {
    unsigned found[max_threads];
    unsigned count = 0;
    for (unsigned i = 0; i < all.count; ++i) {
      const thread& one = all.threads[i];
      if (one.now == state::sleeping && one.sleeps_on == word) found[count++] = i;
    }
    if (count == 0) return;
    const unsigned woken = found[most < max_threads ? pick(count) : 0];
    note("wakes", word, woken);
    wake_one(all.threads[woken], wake::called);
  }
}

// Who reads a later time comes after who read an earlier one: beyond what C++ says, but clocks are no memory.
time_ns now() {
  observe(all.clock_readers);
  publish(all.clock_readers);
  return all.clock += all.with.tick;
}

void publish(vector_clock& at) {
  at.join(self().clock);
  self().tick();
}
void observe(const vector_clock& at) { self().clock.join(at); }

void fail(const std::string& why) {
  observed = false;
  note("fails", nullptr, 0);
  all.result.failed = true;
  all.result.why = why;
  leave_schedule();
}

void fail_at(const char* what, const void* where) {
  fail(what + (" at " + trace::name_of(where)) + ", " + trace::last_line());
}

void at_thread_end(void (*destroy)(void*), void* object) { current().at_end_.push_back({destroy, object}); }

void note(const char* what, const void* at, std::uint64_t value, unsigned behind) {
  trace::step(all.current, what, at, value, behind);
}
void here(const void* where) noexcept { trace::at(where); }

verdict run_schedule(chooser& by, const settings& with, body_fn body, void* argument, bool traced) {
  // The standard library leaves out atomic operations as long as no thread was ever made.
  static const bool threaded = (std::thread([] {}).join(), true);
  static_cast<void>(threaded);
  shared_memory().begin_schedule(arena::begin(), arena::end());
  arena::begin_schedule();
  heap::begin_schedule();
  trace::begin_schedule(traced);
  all.by = &by;
  all.with = with;
  all.count = all.current = 0;
  all.steps = all.pauses = all.lonely_pauses = 0;
  changes = 0;
  all.clock = 1'000'000'000;
  all.clock_readers = {};
  all.over = all.is_calm = false;
  mutation::explores = true;
  all.result = {};
  spawn(body, argument, false);
  all.threads[0].stack->switch_from(fiber::driver());
  all.result.steps = all.steps;
  all.result.trace = trace::text();
  return std::move(all.result);
}

}  // namespace model
