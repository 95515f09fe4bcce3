// One thread of a program whose threads run freely.
#pragma once

#include "tests/fuzz/free_program.h"
#include "tests/fuzz/free_task.h"
#include "tests/fuzz/ledger.h"

#include <threadgroup/threadgroup.h>

#include <deque>
#include <memory>
#include <vector>

namespace tg_fuzz {

// What the threads share.
struct free_world {
  const free_program& program;
  findings& found;
  std::vector<std::unique_ptr<tg::group>> groups;
  std::vector<std::unique_ptr<ledger>> ledgers;
};

class free_thread {
 public:
  free_thread(free_world& in, int number) : in_(in), number_(number), next_number_(in.groups.size(), 1) {}

  void run();

 private:
  tg::group& group_of(const free_step& step) { return *in_.groups[static_cast<std::size_t>(step.group)]; }
  ledger& ledger_of(const free_step& step) { return *in_.ledgers[static_cast<std::size_t>(step.group)]; }
  const free_group& plan_of(const free_step& step) const {
    return in_.program.groups[static_cast<std::size_t>(step.group)];
  }
  void note(const free_step& step, const std::string& what) {
    in_.found.note(ledger_of(step).name + ": " + what);
  }

  bool perform_on_event(const free_step& step);
  void perform_on_group(const free_step& step);
  void add(const free_step& step);
  bool try_to_add(const free_step& step, free_task&& task);
  void settle_future();
  void set_event(const free_step& step);
  void reset_event(const free_step& step);
  void look(const free_step& step);
  void join(const free_step& step);
  void wait_condition(const free_step& step);
  void act_in_callback(const free_step& step);
  void use_callback(const free_step& step);
  void use_stop_token(const free_step& step);
  void use_private_child(const free_step& step);
  void use_short_deadline(const free_step& step);
  void expect_set(int group, const std::string& why);

  struct pending_future {
    tg::future<int> future;
    std::int64_t number;
    bool may_be_late;
  };

  free_world& in_;
  const int number_;
  std::vector<std::int64_t> next_number_;
  std::deque<pending_future> futures_;
};

}  // namespace tg_fuzz
