#include "tests/fuzz/board.h"

#include "tests/fuzz/mismatch.h"
#include "tests/fuzz/patience.h"

#include <algorithm>

namespace tg_fuzz {
namespace {

std::string actor_name(int actor) {
  return is_task(actor) ? "task " + std::to_string(task_of_actor(actor)) : "thread " + std::to_string(actor);
}

std::string foreseen(const actor_model& actor) {
  if (actor.now == activity::busy) return "waits";
  if (actor.due == nullptr) return "ends";
  std::string text;
  for (const std::string& each : *actor.due) text += (text.empty() ? "" : " or ") + each;
  return text;
}

}  // namespace

std::optional<operation> board::order(const raw_step& raw, bool on_small_runtime) {
  const std::lock_guard lock(mutex_);
  const std::optional<operation> asked = choose(model_, raw, on_small_runtime);
  if (asked) give(*asked);
  return asked;
}

void board::order(const operation& asked) {
  const std::lock_guard lock(mutex_);
  give(asked);
}

void board::give(const operation& asked) {
  model_.perform(asked);
  const std::string line = "  " + actor_name(asked.actor) + ": " + to_text(asked) + " -> " +
                           foreseen(model_.actors()[static_cast<std::size_t>(asked.actor)]) + "\n";
  log_ += line;
  echo(line);
  seat& at = seat_of(asked.actor);
  at.order = asked;
  at.called.notify_one();
}

void board::send_home(int thread) {
  const std::lock_guard lock(mutex_);
  operation leave;
  leave.what = verb::end_task;
  leave.actor = thread;
  seat_of(thread).order = leave;
  seat_of(thread).called.notify_one();
}

void board::expect_nobody_busy() {
  const std::lock_guard lock(mutex_);
  for (int actor = 0; actor < static_cast<int>(model_.actors().size()); ++actor) {
    if (model_.actors()[static_cast<std::size_t>(actor)].now != activity::busy) continue;
    fail_locked("the program itself leaves " + actor_name(actor) + " waiting: a fault of the fuzzer");
  }
}

operation board::next_order(int actor) {
  std::unique_lock lock(mutex_);
  seat& mine = seat_of(actor);
  const auto called = [&] { return mine.order.has_value(); };
  if (!mine.called.wait_until(lock, std::chrono::steady_clock::now() + 4 * patience, called)) {
    fail_locked("nobody told " + actor_name(actor) + " what to do");
  }
  return *std::exchange(mine.order, std::nullopt);
}

void board::answered(int actor, const std::string& text) {
  const std::lock_guard lock(mutex_);
  const actor_model& model = model_.actors()[static_cast<std::size_t>(actor)];
  const std::string said = actor_name(actor) + ", " + to_text(model.doing) + ": it answered '" + text + "'";
  if (model.now == activity::busy) fail_locked(said + ", and should still wait");
  if (model.due == nullptr) fail_locked(said + ", and nothing was asked");
  const auto found = std::find(model.due->begin(), model.due->end(), text);
  if (found == model.due->end()) fail_locked(said + ", and should have answered '" + foreseen(model) + "'");
  model.due->erase(found);
  model_.answered(actor);
  changed_.notify_one();
}

void board::started(int task) {
  const std::lock_guard lock(mutex_);
  if (model_.tasks()[static_cast<std::size_t>(task)].at != phase::running) {
    fail_locked("task " + std::to_string(task) + " started, and should not");
  }
  seat& mine = seat_of(actor_of_task(task));
  if (mine.started) fail_locked("task " + std::to_string(task) + " started a second time");
  mine.started = true;
  changed_.notify_one();
}

void board::callable_destroyed(int task) {
  const std::lock_guard lock(mutex_);
  if (model_.tasks()[static_cast<std::size_t>(task)].at != phase::ended) {
    fail_locked("the callable of task " + std::to_string(task) + " is destroyed, and the task has not ended");
  }
  seat& mine = seat_of(actor_of_task(task));
  if (mine.destroyed) fail_locked("the callable of task " + std::to_string(task) + " is destroyed twice");
  mine.destroyed = true;
  changed_.notify_one();
}

std::string board::unsettled(int actor) const {
  const actor_model& model = model_.actors()[static_cast<std::size_t>(actor)];
  const seat& real = seats_[static_cast<std::size_t>(actor)];
  if (model.due != nullptr) return actor_name(actor) + " has not answered '" + foreseen(model) + "'";
  if (real.order.has_value() && model.now != activity::busy)
    return actor_name(actor) + " has not heard its order";
  if (!is_task(actor)) return "";
  const phase at = model_.tasks()[static_cast<std::size_t>(task_of_actor(actor))].at;
  if (at == phase::running && !real.started) return actor_name(actor) + " has not started";
  if (at == phase::ended && !real.destroyed) return actor_name(actor) + " has not ended: its callable exists";
  return "";
}

std::string board::unsettled() const {
  for (int actor = 0; actor < static_cast<int>(model_.actors().size()); ++actor) {
    if (std::string what = unsettled(actor); !what.empty()) return what;
  }
  return "";
}

void board::wait_settled() {
  std::unique_lock lock(mutex_);
  const auto end = std::chrono::steady_clock::now() + patience;
  if (changed_.wait_until(lock, end, [&] { return unsettled().empty(); })) return;
  fail_locked("after " + std::to_string(patience.count()) + " seconds " + unsettled());
}

void board::fail(const std::string& what) {
  const std::lock_guard lock(mutex_);
  fail_locked(what);
}

void board::fail_locked(const std::string& what) const { mismatch("program:\n" + log_, what); }

}  // namespace tg_fuzz
