// Each callback is called exactly once if the event is set while it is registered, and stop_tokens follow.
#include "tests/soak/chores.h"
#include "tests/soak/strikes.h"

#include <deque>
#include <optional>
#include <stop_token>

namespace soak {
namespace {

using namespace std::chrono_literals;

struct bell {
  count* rung;
  void operator()() const {
    ++*rung;
    ++counted.callbacks;
  }
};
using registration = tg::event_callback<bell>;

class belfry {
 public:
  belfry(tg::group& of, std::size_t bells) : of_(of) {
    for (std::size_t i = 0; i < bells; ++i) add();
  }

  count& add() {
    rung_.emplace_back(0);
    bells_.push_back(std::make_unique<registration>(of_, bell{&rung_.back()}));
    return rung_.back();
  }
  // The last one is taken away, on a thread of its own or here; whether it was called is no matter in a storm.
  void remove_one(bool elsewhere, bool calm) {
    if (bells_.empty()) return;
    if (elsewhere) {
      short_lived([gone = std::move(bells_.back())]() mutable { gone.reset(); }).join();
    }
    bells_.pop_back();
    holds(rung_.back() == 0 || !calm, "a callback was called of an event that was not set");
    holds(rung_.back() <= 1, "a callback was called twice");
    rung_.pop_back();
  }
  void wait_rung() {
    for (count& each : rung_) {
      const vigil::wait here("a callback", of_);
      while (each == 0) std::this_thread::sleep_for(50us);
      ++counted.wakes;
    }
  }
  void check_once() const {
    for (const count& each : rung_) holds(each == 1, "a callback was not called exactly once");
  }

 private:
  tg::group& of_;
  std::deque<count> rung_;
  std::vector<std::unique_ptr<registration>> bells_;
};

void wait_stopped(const std::stop_token& token, const tg::group& of) {
  const vigil::wait here("a stop_token", of);
  while (!token.stop_requested()) std::this_thread::sleep_for(50us);
  ++counted.wakes;
}

}  // namespace

void play_callbacks(stage& at) {
  tg::group_options options;
  const std::size_t way = at.random.below(3);
  if (way == 0) options.deadline = std::chrono::steady_clock::now() + 1ms + at.moment(2'000);
  const group_ptr home = at.make("callbacks", options);
  belfry bells(*home, at.random.below(4));
  const std::stop_token token = home->stop_token();
  // Beside a deadline the one that goes may have been called already.
  if (at.random.one_in(2)) bells.remove_one(at.random.one_in(2), at.calm() && way != 0);
  if (way == 1) set(*home);
  if (way == 2) short_lived([&] { set(*home); }).join();
  bells.wait_rung();
  wait_stopped(token, *home);
  holds(home->event().is_set(), "callbacks of an event that is not set");
  holds(bells.add() == 1, "a callback of a set event was not called at once");
  bells.check_once();
  if (way == 0) return;
  at.reset(*home);
  holds(token.stop_requested(), "an old stop_token was taken back");
  if (at.calm()) holds(!home->stop_token().stop_requested(), "a stop_token of a re-armed event is stopped");
}

// Children of a group that signals set at any time, and this thread's own signals at least once.
void play_struck(stage& at) {
  account of;
  {
    const group_ptr home = stage::make_under(at.struck(), "struck child", random_options(at));
    belfry bells(*home, at.random.below(3));
    const std::stop_token token = at.random.one_in(2) ? home->stop_token() : std::stop_token();
    for (std::size_t left = at.random.below(12); left != 0; --left)
      add(*home, of, chore::drawn(at, of, *home));
    std::optional<std::thread> sleeper;
    if (at.random.one_in(4)) {
      sleeper = short_lived([&] {
        const vigil::wait here("a signal", *home);
        if (home->event().sleep_for(for_ever)) lose("a thread slept through the event that a signal set");
        ++counted.wakes;
      });
    }
    strike_here();
    holds(home->event().is_set(), "a child reads unset after the handler returned");
    bells.wait_rung();
    if (token.stop_possible()) wait_stopped(token, *home);
    if (sleeper) sleeper->join();
    bells.check_once();
    settle(at, *home, of);
  }
  if (at.struck().event().is_set() && at.struck().reset_event()) ++counted.resets;
}

}  // namespace soak
