// The callable of a task that nobody directs.
#pragma once

#include "tests/fuzz/free_program.h"
#include "tests/fuzz/ledger.h"

#include <utility>

namespace tg_fuzz {

class free_task {
 public:
  free_task(ledger& of, tg::group& home, task_kind kind, int producer, std::int64_t number)
      : of_(&of), home_(&home), number_(number), producer_(producer), kind_(kind) {}
  free_task(free_task&& other) noexcept
      : of_(std::exchange(other.of_, nullptr)),
        home_(other.home_),
        number_(other.number_),
        producer_(other.producer_),
        kind_(other.kind_) {}
  free_task& operator=(free_task&&) = delete;
  ~free_task() {
    if (of_ != nullptr) ++of_->destroyed;
  }

  int operator()() const;
  // True while nothing has moved it away; then it does not count.
  bool dismiss() { return std::exchange(of_, nullptr) != nullptr; }

 private:
  void note(const std::string& what) const { of_->found->note(of_->name + ": " + what); }
  void look_at_limit_and_order() const;
  void act() const;
  void nest(bool joins) const;

  ledger* of_;
  tg::group* home_;
  std::int64_t number_;  // grows with every task that a producer adds to a group
  int producer_;
  task_kind kind_;
};

// Adds `count` tasks to a group of the caller's own; what they do is simple.
void add_simple(tg::group& to, ledger& of, int count, task_kind kind);

}  // namespace tg_fuzz
