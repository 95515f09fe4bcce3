// Where the driver and the actors of a program meet: the reference behind a mutex, an order for each actor, and the
// comparison of what really happens with what the reference has foreseen.
#pragma once

#include "tests/fuzz/choose.h"
#include "tests/fuzz/reference.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

namespace tg_fuzz {

class board {
 public:
  // The driver's side. Chooses, asks the reference, and gives the order to the actor.
  std::optional<operation> order(const raw_step& raw, bool on_small_runtime);
  void order(const operation& asked);
  // A plain thread hears that there is nothing more to do.
  void send_home(int thread);
  // At the end, when all tasks have ended.
  void expect_nobody_busy();
  // Until all that the reference has foreseen has happened; a mismatch if it does not.
  void wait_settled();

  // The actors' side.
  operation next_order(int actor);
  void answered(int actor, const std::string& text);
  void started(int task);
  void callable_destroyed(int task);

  template <class Use>
  auto with_model(Use use) {
    const std::lock_guard lock(mutex_);
    return use(static_cast<const reference&>(model_));
  }
  [[noreturn]] void fail(const std::string& what);

 private:
  struct seat {
    std::condition_variable called;
    std::optional<operation> order;
    bool started = false;
    bool destroyed = false;
  };

  seat& seat_of(int actor) { return seats_[static_cast<std::size_t>(actor)]; }
  void give(const operation& asked);
  // Empty: settled.
  std::string unsettled() const;
  std::string unsettled(int actor) const;
  [[noreturn]] void fail_locked(const std::string& what) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  reference model_;
  std::array<seat, thread_count + max_tasks> seats_;
  std::string log_;
};

}  // namespace tg_fuzz
