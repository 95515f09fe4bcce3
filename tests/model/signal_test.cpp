// What signal handlers leave to the housekeeper: groups on a list, and a mark for all of them.
#include "core/flow/stages.h"
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

namespace {

using namespace model_test;

TEST(signals, two_handlers_leave_two_groups) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group one("one", at.in());
    tg::group two("two", at.in());
    flag first, second;
    const tg::event_callback of_one(one, [&] { first.give(); });
    const tg::event_callback of_two(two, [&] { second.give(); });
    model::thread handler([&] { one.set_event_from_signal(); });
    two.set_event_from_signal();
    first.await();
    second.await();
  });
}

// The group stands on the list when it is left there again: for a callback that came later.
TEST(signals, a_group_that_is_left_twice_is_followed_twice) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group group("twice", at.in());
    flag first, second;
    const tg::event_callback early(group, [&] { first.give(); });
    model::thread handler([&] { group.set_event_from_signal(); });
    model::thread other([&] { group.set_event_from_signal(); });
    const tg::event_callback late(group, [&] { second.give(); });
    first.await();
    second.await();
  });
}

TEST(signals, a_callback_follows_a_set_of_all) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::detail::engine& engine = engine_of(at);
    tg::group group("one of all", at.in());
    flag called;
    const tg::event_callback callback(group, [&] { called.give(); });
    model::thread handler([&] {
      tg::flow::set_all_events(engine, tg::event_cause::requested, tg::flow::setter::signal_handler);
      model::check(group.event().is_set(), "a living group reads unset");
    });
    called.await();
    handler.join();
    const model::calm end;
    model::settle();
    model::check(engine.all_deferred.load(base::relaxed) == 0, "what was left is followed again and again");
  });
}

// It stood on the list before: followed once, it is left there again.
TEST(signals, a_group_that_was_followed_is_left_again) {
  model::explore(of_runtime({}, 200), [] {
    const model::calm throughout;
    runtime_model at;
    tg::group group("again", at.in());
    for (int round = 0; round < 2; ++round) {
      flag called;
      const tg::event_callback callback(group, [&] { called.give(); });
      group.set_event_from_signal();
      model::settle();
      model::check(called.given(), "a callback does not follow");
      model::check(group.reset_event(), "nothing speaks against a reset");
    }
  });
}

// A hint and a cell are left of earlier callbacks: whoever looks for new ones misses none.
void registers_beside_a_handler(bool in_a_new_cell) {
  runtime_model at;
  tg::group group("again", at.in());
  tg::detail::callback_cell* kept = nullptr;
  {
    const model::calm beginning;
    {
      const tg::event_callback early(group, [] {});
    }
    if (in_a_new_cell) kept = &tg::groups::claim_cell(slot_of(group));
  }
  flag called;
  model::thread handler([&] { group.set_event_from_signal(); });
  {
    const tg::event_callback late(group, [&] { called.give(); });
    called.await();
  }
  if (kept != nullptr) tg::groups::set_free(*kept);
}

TEST(signals, who_registers_beside_a_handler_is_called) {
  for (const bool in_a_new_cell : {false, true})
    model::explore(of_runtime({}, 3'000), [=] { registers_beside_a_handler(in_a_new_cell); });
}

}  // namespace
