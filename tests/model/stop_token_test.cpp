// Stop tokens: a bridge to them is a callback cell that several hold, and that serves another epoch or group later.
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

#include <stop_token>

namespace {

using namespace model_test;

// Who asks for a token while the epoch changes twice: the cell that it has looked at was closed and serves again, and
// must not be taken for what it was.
void enters_beside_two_epochs(bool all_at_once) {
  runtime_model at;
  tg::group group("re-armed", at.in());
  const auto rearm = [&] {
    group.set_event();
    model::check(group.reset_event(), "nothing speaks against a reset");
  };
  {
    const model::calm beginning;
    static_cast<void>(group.stop_token());
  }
  std::stop_token last;
  model::thread other([&] {
    {
      const model::calm meanwhile;
      rearm();
      static_cast<void>(group.stop_token());
      rearm();
      if (all_at_once) last = group.stop_token();
    }
    if (!all_at_once) last = group.stop_token();
  });
  const std::stop_token mine = group.stop_token();
  other.join();
  model::reached(mine == last ? "the last epoch" : "an earlier one");
  model::check(mine == last || mine.stop_requested(), "the event was set, and no stop requested");
  group.set_event();
  model::check(mine.stop_requested() && last.stop_requested(), "the event is set, and no stop requested");
}

TEST(stop_token, a_cell_that_comes_round_is_entered_as_what_it_is) {
  for (const bool all_at_once : {true, false}) {
    model::plan plan = of_runtime({"the last epoch", "an earlier one"}, all_at_once ? 2'000 : 10'000);
    plan.within = {2, 1, 0};
    model::explore(plan, [=] { enters_beside_two_epochs(all_at_once); });
  }
}

// Of a group that has ended unset: the next one in its slot must not stop it.
TEST(stop_token, the_next_tenant_does_not_stop_an_old_one) {
  model::explore(of_runtime({"the same slot"}, 1'000), [] {
    runtime_model at;
    std::stop_token old;
    std::uint64_t place = 0;
    {
      tg::group first("first", at.in());
      place = first.id() & 0xfffff;
      old = first.stop_token();
    }
    tg::group next("next", at.in());
    const tg::event_callback looks_for_callbacks(next, [] {});
    next.set_event();
    if ((next.id() & 0xfffff) == place) model::reached("the same slot");
    model::check(!old.stop_requested(), "stopped by another group");
  });
}

}  // namespace
