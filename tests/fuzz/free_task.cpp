#include "tests/fuzz/free_task.h"

#include <chrono>
#include <stdexcept>

namespace tg_fuzz {
namespace {

using namespace std::chrono_literals;

constexpr int spin_rounds = 200;

struct inside {
  explicit inside(std::atomic<std::size_t>& meter) : of(meter), now(++meter) {}
  ~inside() { --of; }
  std::atomic<std::size_t>& of;
  const std::size_t now;
};

void spin() {
  std::atomic<int> left{spin_rounds};
  while (left.load(std::memory_order_relaxed) != 0) left.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

int free_task::operator()() const {
  const inside here(of_->running);
  ++of_->started;
  if (here.now > of_->highest_limit) {
    note(std::to_string(here.now) + " tasks run at once, the limit was never above " +
         std::to_string(of_->highest_limit));
  }
  look_at_limit_and_order();
  act();
  ++of_->returned;
  return static_cast<int>(number_);
}

void free_task::look_at_limit_and_order() const {
  if (of_->is_over) note("a task runs after the last join");
  if (home_ != nullptr && tg::this_task::current_group().id() != home_->id())
    note("a task runs as another group's");
  if (of_->highest_limit != 1 || producer_ == ledger::no_producer) return;
  const std::int64_t before = of_->last_started[static_cast<std::size_t>(producer_)].exchange(number_);
  if (before >= number_) {
    note("task " + std::to_string(number_) + " of producer " + std::to_string(producer_) +
         " started after task " + std::to_string(before));
  }
}

void free_task::act() const {
  switch (kind_) {
    case task_kind::throws:
      ++of_->threw;
      throw std::runtime_error("fails");
    case task_kind::gives_up:
      ++of_->gave_up;
      throw tg::task_skipped(tg::event_cause::requested);
    case task_kind::sleeps:
      static_cast<void>(tg::this_task::event_aware_sleep(200us));
      return;
    case task_kind::sets_siblings:
      tg::this_task::set_event_for_siblings();
      return;
    case task_kind::adds_one:
      try {
        home_->add_task(free_task(*of_, *home_, task_kind::returns, ledger::no_producer, 0));
        ++of_->added;
      } catch (const tg::group_closed&) {
        --of_->destroyed;  // that of the callable that was not added
      }
      return;
    case task_kind::nests_and_joins:
      return nest(true);
    case task_kind::nests_and_leaves:
      return nest(false);
    case task_kind::notifies:
      return tg::this_task::notify();
    case task_kind::waits_condition:
      static_cast<void>(tg::this_task::wait_for_condition([] { return false; }, 200us, 50us));
      return;
    case task_kind::submits_and_gets: {
      tg::group inner("inner");
      try {
        if (inner.submit([] { return 42; }).get() != 42) note("a future has another value");
      } catch (const tg::task_skipped&) {
        if (!inner.event().is_set()) note("a task was skipped without an event");
      }
      return;
    }
    case task_kind::spins:
      return spin();
    case task_kind::returns:
      return;
  }
}

void free_task::nest(bool joins) const {
  ledger counts;
  counts.name = "nested in " + of_->name;
  counts.found = of_->found;
  counts.highest_limit = 2;
  {
    tg::group inner("nested", {.max_concurrent = 2});
    add_simple(inner, counts, 3, task_kind::spins);
    if (joins) {
      counts.add_up(inner.join());
      counts.is_over = true;
      const std::string wrong = counts.imbalance(inner.stats());
      if (!wrong.empty()) counts.found->note(wrong);
    }
  }
  if (counts.destroyed != counts.added) counts.found->note(counts.name + ": callables outlive their group");
}

void add_simple(tg::group& to, ledger& of, int count, task_kind kind) {
  for (int i = 0; i < count; ++i) {
    ++of.added;
    to.add_task(free_task(of, to, kind, ledger::no_producer, 0));
  }
}

}  // namespace tg_fuzz
