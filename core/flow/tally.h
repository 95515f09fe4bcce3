// Counts the tasks of one group that one thread ends while it is assigned.
//
// The lead of a group counts what succeeds on a word that it alone writes, and looks for waiters after its next claim, or
// after it has left: these are exchanges. All else is counted by an exchange. Lock-free. Protocol: core/limiter/README.md,
// "A joiner or watcher that sleeps on".
#pragma once

#include "core/flow/stages.h"

namespace tg::flow {

class tally {
 public:
  tally(slot& group, limiter::seat as) noexcept : group_(group), leads_(as == limiter::seat::lead) {}
  tally(const tally&) = delete;
  tally& operator=(const tally&) = delete;

  // A task has ended: nothing of it is touched any more. The next claim is tried at once, or this one leaves.
  void ended(end how) noexcept;
  // After a claim that succeeded, before its task.
  void claimed() noexcept {
    if (is_bounded(group_)) count_claim();
    if (owes_look_) look_for_waiters();
  }
  // Before anything but the next claim, and after one that failed, if this one stays; leaving is an exchange of its own.
  void settle() noexcept {
    if (owes_look_) count(group_.tasks.succeeded, 0);
  }

 private:
  void count_claim() noexcept;
  void count(base::atomic<std::uint64_t>& ends, std::uint64_t how_many) noexcept;
  void look_for_waiters() noexcept {
    owes_look_ = false;
    wake_who_waits_for_ends(group_);
  }

  slot& group_;
  const bool leads_;
  bool owes_look_ = false;
};

}  // namespace tg::flow
