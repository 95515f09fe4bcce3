#include "tests/fuzz/sequential.h"

#include "tests/fuzz/compare.h"
#include "tests/fuzz/decode.h"
#include "tests/fuzz/patience.h"
#include "tests/fuzz/rest.h"
#include "tests/fuzz/runtimes.h"

#include <thread>

namespace tg_fuzz {
namespace {

// The threads of a program that are no tasks. They come into being when they are needed.
class crew {
 public:
  crew(board& with, stage& real) : board_(with), stage_(real) {}
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;
  ~crew() {
    for (int actor = 0; actor < thread_count; ++actor) {
      if (!threads_[static_cast<std::size_t>(actor)].joinable()) continue;
      board_.send_home(actor);
      threads_[static_cast<std::size_t>(actor)].join();
    }
  }

  void see_to(int actor) {
    if (is_task(actor) || threads_[static_cast<std::size_t>(actor)].joinable()) return;
    threads_[static_cast<std::size_t>(actor)] = std::thread([this, actor] { act(actor); });
  }

 private:
  void act(int actor) {
    for (;;) {
      const operation asked = board_.next_order(actor);
      if (asked.what == verb::end_task) return;
      board_.answered(actor, stage_.perform(asked));
    }
  }

  board& board_;
  stage& stage_;
  std::array<std::thread, thread_count> threads_;
};

class sequence {
 public:
  explicit sequence(bool on_small)
      : on_small_(on_small), stage_(board_, on_small), same_(board_, stage_), crew_(board_, stage_) {}

  void play(const raw_step& step) {
    const std::optional<operation> asked = board_.order(step, on_small_);
    if (asked) follow(*asked);
  }
  void clean_up();

 private:
  void follow(const operation& asked) {
    crew_.see_to(asked.actor);
    board_.wait_settled();
    same_.expect_same();
    if (++steps_ % 2 == 0) let_waiters_fall_asleep(asked.actor);
  }
  void let_waiters_fall_asleep(int actor);
  void direct(verb what, operation how = {}) {
    how.what = what;
    board_.order(how);
    follow(how);
  }
  std::vector<int> living_groups();
  void let_all_go();
  bool end_one_task();
  std::vector<int> callbacks_of(int group);
  void end_groups();

  const bool on_small_;
  int steps_ = 0;
  board board_;
  stage stage_;
  comparison same_;
  crew crew_;
};

// Whether a wait has begun makes no difference to what is foreseen, but much to what the library has to do: programs
// are to reach both.
void sequence::let_waiters_fall_asleep(int actor) {
  const bool waits = board_.with_model([&](const reference& model) {
    return model.actors()[static_cast<std::size_t>(actor)].now == activity::busy;
  });
  if (waits) std::this_thread::sleep_for(std::chrono::microseconds(300));
}

std::vector<int> sequence::living_groups() {
  return board_.with_model([](const reference& model) {
    std::vector<int> found;
    for (std::size_t number = 0; number < model.groups().size(); ++number) {
      const group_model& each = model.groups()[number];
      if (each.alive && !each.being_destroyed) found.push_back(static_cast<int>(number));
    }
    return found;
  });
}

// Nobody sleeps, waits for a predicate or for room any more, and nothing is paused.
void sequence::let_all_go() {
  for (const int number : living_groups()) {
    operation how;
    how.group = number;
    direct(verb::set_event, how);
    how.limit = 32;
    direct(verb::set_limit, how);
  }
}

bool sequence::end_one_task() {
  const int found = board_.with_model([](const reference& model) {
    for (int actor = thread_count; actor < static_cast<int>(model.actors().size()); ++actor) {
      if (model.actors()[static_cast<std::size_t>(actor)].now == activity::idle &&
          model.tasks()[static_cast<std::size_t>(task_of_actor(actor))].at == phase::running)
        return actor;
    }
    return none;
  });
  if (found == none) return false;
  operation how;
  how.actor = found;
  direct(verb::end_task, how);
  return true;
}

std::vector<int> sequence::callbacks_of(int group) {
  return board_.with_model([&](const reference& model) {
    std::vector<int> found;
    for (std::size_t number = 0; number < model.callbacks().size(); ++number) {
      const callback_model& each = model.callbacks()[number];
      if (each.exists && each.group == group) found.push_back(static_cast<int>(number));
    }
    return found;
  });
}

void sequence::end_groups() {
  for (const int number : living_groups()) {
    operation how;
    how.group = number;
    direct(verb::timed_join, how);
    for (const int callback : callbacks_of(number)) {
      operation drop;
      drop.target = callback;
      direct(verb::drop_callback, drop);
    }
    direct(verb::destroy_group, how);
  }
}

void sequence::clean_up() {
  let_all_go();
  while (end_one_task()) {
  }
  board_.expect_nobody_busy();
  end_groups();
}

}  // namespace

void run_sequential(bytes input) {
  const step_program program = decode_steps(input);
  tg::runtime& runtime = program.on_small_runtime ? small_runtime() : default_runtime();
  {
    sequence here(program.on_small_runtime);
    for (const raw_step& step : program.steps) here.play(step);
    here.clean_up();
  }
  expect_all_given_back(runtime, "sequential program");
}

}  // namespace tg_fuzz
