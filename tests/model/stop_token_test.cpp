// Stop tokens: each hears the set of its own epoch. A bridge to them is a callback cell that several hold, and that
// serves another epoch or group later.
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

#include <stop_token>

namespace {

using namespace model_test;

TEST(stop_token, follows_the_event) {
  model::explore(of_runtime({"set before the token"}, 6'000), [] {
    runtime_model at;
    tg::group group("stopped", at.in());
    model::thread setter([&] { group.set_event(); });
    if (group.event().is_set()) model::reached("set before the token");
    const std::stop_token token = group.stop_token();
    setter.join();
    model::check(token.stop_requested(), "the event is set, and no stop requested");
    model::check(group.stop_token().stop_requested(), "a second token differs");
  });
}

// A token that is fetched after a reset hears the next set, however late others come with what they do for an epoch.
TEST(stop_token, of_a_later_epoch_hears_its_set) {
  model::explore(of_runtime({"a second epoch's token"}, 20'000), [] {
    runtime_model at;
    tg::group group("re-armed", at.in());
    static_cast<void>(group.stop_token());
    const auto rearm_and_fetch = [&](bool& is_live, std::stop_token& token) {
      group.set_event();
      is_live = group.reset_event();
      token = group.stop_token();
    };
    bool mine_lives = false, other_lives = false;
    std::stop_token mine, others;
    model::thread other([&] { rearm_and_fetch(other_lives, others); });
    rearm_and_fetch(mine_lives, mine);
    other.join();
    if (mine_lives && other_lives) model::reached("a second epoch's token");
    group.set_event();
    model::check(mine.stop_requested() && others.stop_requested(), "the event is set, and no stop requested");
  });
}

// Its setter may be on its way to the tokens while others re-arm the event and fetch the next one.
TEST(stop_token, of_an_epoch_that_has_ended_is_stopped) {
  model::explore(of_runtime({"re-armed beside the set"}, 8'000), [] {
    runtime_model at;
    tg::group group("re-armed", at.in());
    const std::stop_token first = group.stop_token();
    flag was_set;
    model::thread setter([&] {
      group.set_event();
      was_set.give();
    });
    while (!group.event().is_set()) model::spin();
    if (group.reset_event()) {
      if (!was_set.given()) model::reached("re-armed beside the set");
      static_cast<void>(group.stop_token());
    }
    setter.join();
    model::check(first.stop_requested(), "its event was set, and no stop requested");
  });
}

TEST(stop_token, two_are_fetched_beside_resets) {
  model::explore(of_runtime({"stopped", "not stopped"}, 20'000), [] {
    runtime_model at;
    tg::group group("fetched", at.in());
    model::thread setter([&] {
      group.set_event();
      if (group.reset_event()) group.set_event();
    });
    std::stop_token first = group.stop_token();
    std::stop_token second = group.stop_token();
    model::reached(second.stop_requested() ? "stopped" : "not stopped");
    setter.join();
    model::check(first.stop_requested() && second.stop_requested(),
                 "a token's event was set, and no stop requested");
  });
}

// A stop callback may run for long, and ask for the next epoch's token: nobody waits for it but who destroys it.
TEST(stop_token, a_stop_callback_that_runs_holds_up_no_fetch) {
  model::explore(of_runtime({"fetched while it ran"}, 10'000), [] {
    runtime_model at;
    tg::group group("held up", at.in());
    flag fetched;
    std::stop_token next;
    const std::stop_token token = group.stop_token();
    const std::stop_callback waits(token, [&] {
      model::reached("fetched while it ran");
      fetched.await();
    });
    model::thread setter([&] { group.set_event(); });
    while (!token.stop_requested()) model::spin();
    while (!group.reset_event()) model::spin();
    next = group.stop_token();
    model::check(!next.stop_requested(), "the new epoch's token is stopped");
    fetched.give();
    setter.join();
    group.set_event();
    model::check(next.stop_requested(), "the event is set, and no stop requested");
  });
}

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
