#include "core/arena/housekeeper.h"

#include "core/os/futex.h"

#include <threadgroup/error.h>

#include <cstring>

namespace tg::arena {

housekeeper::housekeeper(tick_fn tick, void* context, const std::string& name,
                         base::atomic<std::uint32_t>* bell)
    : tick_(tick), context_(context), name_(name), calls_(bell == nullptr ? own_bell_ : *bell) {}

housekeeper::~housekeeper() { stop(); }

void housekeeper::start() {
  const int failure = thread_.start(&housekeeper::run, this, name_);
  if (failure != 0)
    throw error(std::string("threadgroup: cannot create the service thread: ") + std::strerror(failure));
}

bool housekeeper::try_start() noexcept {
  return thread_.started() || thread_.start(&housekeeper::run, this, name_) == 0;
}

void housekeeper::stop() noexcept {
  if (!thread_.started()) return;
  stop_.store(1, base::relaxed);  // relaxed: published by the call
  call();
  thread_.join();
}

void housekeeper::call() noexcept {
  // [H1] seq_cst: publishes what the call is for; of this and the sleeper's mark one sees the other; pairs
  // with [H2], [H3]. Beyond the model: that the mark is read before the call is counted
  calls_.fetch_add(1, base::seq_cst);
  // [H4] seq_cst: after the call was counted; pairs with [H5]
  if (asleep_.load(base::seq_cst) != 0) os::futex_wake_shared(calls_);
}

void housekeeper::run(void* at) {
  auto& self = *static_cast<housekeeper*>(at);
  for (;;) {
    // [H2] acquire: what the calls so far were for; pairs with [H1], [TR22]
    const std::uint32_t seen = self.calls_.load(base::acquire);
    if (self.stop_.load(base::relaxed) != 0) return;  // relaxed: published by the call
    const detail::deadline_ns next = self.tick_(self.context_, detail::now_ns());
    // [H5] seq_cst: before the last look; pairs with [H4]
    self.asleep_.store(1, base::seq_cst);
    // [H3] seq_cst: a call whose caller has not seen the mark is seen here; pairs with [H1]. Weaker would do: the kernel
    // compares again before it sleeps, behind a barrier
    if (self.calls_.load(base::seq_cst) == seen) os::futex_wait_shared(self.calls_, seen, next);
    self.asleep_.store(0, base::relaxed);  // relaxed: a needless wake does no harm
  }
}

}  // namespace tg::arena
