// Callbacks: each set, also by a deadline or a signal handler, calls once those that were registered before it, whoever
// ends one waits for its call, and their cells go from one registrant to the next.
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace {

using namespace model_test;

using any_callback = std::optional<tg::event_callback<std::function<void()>>>;

TEST(callback, does_not_run_after_its_destructor) {
  model::explore(of_runtime({"called", "not called"}), [] {
    runtime_model at;
    tg::group group("callback", at.in());
    auto touched = std::make_unique<int>(0);
    model::thread setter([&] { group.set_event(); });
    {
      const tg::event_callback callback(group, [there = touched.get()] { ++*there; });
    }
    model::check(*touched <= 1, "called twice");
    model::reached(*touched == 1 ? "called" : "not called");
    touched.reset();
    setter.join();
  });
}

TEST(callback, runs_once_whoever_meets_it) {
  model::explore(of_runtime({"by the registrant", "by the setter"}), [] {
    runtime_model at;
    tg::group group("callback", at.in());
    base::atomic<std::uint32_t> calls{0};
    std::optional<model::thread> setter;
    setter.emplace([&] { group.set_event(); });
    const tg::event_callback callback(group, [&] {
      calls.fetch_add(1, base::relaxed);
      model::reached(model::this_thread() == 0 ? "by the registrant" : "by the setter");
    });
    setter.reset();
    model::check(calls.load(base::relaxed) == 1, "called twice or not at all");
  });
}

// Each callback ends its own registration and a cell finds the next registrant.
TEST(callback, may_end_itself_while_another_is_registered) {
  model::explore(of_runtime(), [] {
    runtime_model at;
    tg::group group("callback", at.in());
    struct self_ending {
      std::optional<tg::event_callback<std::function<void()>>> callback;
    } first;
    first.callback.emplace(group, [&] { first.callback.reset(); });
    model::thread setter([&] { group.set_event(); });
    base::atomic<std::uint32_t> calls{0};
    const tg::event_callback second(group, [&] { calls.fetch_add(1, base::relaxed); });
    setter.join();
    model::check(!first.callback && calls.load(base::relaxed) == 1, "a callback is missed");
  });
}

TEST(callback, follows_a_deadline_on_a_worker) {
  model::explore(of_runtime({}, 4'000, with_time), [] {
    runtime_model at;
    tg::group_options options = at.in();
    options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    tg::group group("due", options);
    flag called;
    const tg::event_callback callback(group, [&] {
      model::check(group.event().is_set(), "called by an unset event");
      called.give();
    });
    called.await();
  });
}

// As a signal handler would: the flags at once, the rest by the housekeeper and a worker.
TEST(callback, follows_a_set_from_a_signal_handler) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group parent("parent", at.in());
    tg::group child(parent, "child");
    flag called, called_below;
    const tg::event_callback callback(parent, [&] { called.give(); });
    model::thread handler([&] {
      parent.set_event_from_signal();
      model::check(child.event().is_set(), "a living descendant reads unset");
    });
    const tg::event_callback below(child, [&] { called_below.give(); });
    child.set_event_from_signal();
    called.await();
    called_below.await();
  });
}

// The cell of one that has gone serves two that come at the same time.
TEST(callback, a_cell_is_one_registrants) {
  model::explore(of_runtime({}, 8'000), [] {
    runtime_model at;
    tg::group group("cells", at.in());
    {
      const tg::event_callback gone(group, [] { model::fail("called without a set"); });
    }
    base::atomic<std::uint32_t> calls{0};
    const auto count = [&] { calls.fetch_add(1, base::relaxed); };
    model::thread other([&] {
      const tg::event_callback theirs(group, count);
      group.set_event();
    });
    {
      const tg::event_callback mine(group, count);
      group.set_event();
    }
    other.join();
    const std::uint32_t seen = calls.load(base::relaxed);
    model::check(seen >= 1 && seen <= 2, "a callback is missed or called twice");
  });
}

// Its end waits for the call on another thread, asleep if it lasts.
TEST(callback, who_ends_it_waits_for_its_call) {
  model::explore(of_runtime({"called"}, 8'000), [] {
    runtime_model at;
    tg::group group("long call", at.in());
    flag begun;
    int called = 0;
    std::optional<tg::event_callback<std::function<void()>>> callback;
    callback.emplace(group, [&] {
      begun.give();
      called = 1;
      for (int i = 0; i < 3; ++i) static_cast<void>(begun.given());
      called = 2;
    });
    model::thread setter([&] { group.set_event(); });
    if (model::any_of(2) != 0) begun.await();
    callback.reset();
    model::check(called != 1, "the call goes on after its end");
    if (called == 2) model::reached("called");
    called = 3;
    setter.join();
  });
}

// Another set of the same event is on its way to the cell, or has taken the hint that there is one: who has set the event,
// and then ends the callback, may count on its call.
TEST(callback, of_an_event_that_its_registrant_has_set_is_called_before_it_ends) {
  model::explore(of_runtime({"set first", "set by the other"}, 8'000), [] {
    runtime_model at;
    tg::group group("set twice", at.in());
    base::atomic<std::uint32_t> calls{0};
    any_callback callback;
    callback.emplace(group, [&] { calls.fetch_add(1, base::relaxed); });
    model::thread other([&] { group.set_event(); });
    const bool first = group.set_event();
    callback.reset();
    model::reached(first ? "set first" : "set by the other");
    model::check(!first || calls.load(base::relaxed) == 1, "set by its registrant, and never called");
    other.join();
  });
}

// It has been the caller in this cell before, and is not now.
TEST(callback, who_has_called_before_waits_all_the_same) {
  model::explore(of_runtime({"called by the other"}, 8'000), [] {
    runtime_model at;
    tg::group group("again", at.in());
    {
      const model::calm beginning;
      group.set_event();
      const tg::event_callback by_me(group, [] {});
      model::check(group.reset_event(), "nothing speaks against a reset");
    }
    flag begun;
    int called = 0;
    std::optional<tg::event_callback<std::function<void()>>> callback;
    callback.emplace(group, [&] {
      begun.give();
      called = 1;
      for (int i = 0; i < 3; ++i) static_cast<void>(begun.given());
      called = 2;
    });
    model::thread setter([&] { group.set_event(); });
    const bool awaited = model::any_of(2) != 0;  // or it has heard nothing of the call, but by the cell
    if (awaited) begun.await();
    callback.reset();
    model::check(called == 2 || (called == 0 && !awaited), "the call goes on after its end");
    if (called == 2) model::reached("called by the other");
    called = 3;
    setter.join();
  });
}

// A setter that is late with its calls finds one that was registered after a reset.
TEST(callback, the_next_epochs_callback_waits_for_its_own_set) {
  model::explore(of_runtime({"re-armed", "refused"}, 8'000), [] {
    runtime_model at;
    tg::group group("two epochs", at.in());
    base::atomic<std::uint32_t> firsts{0};
    base::atomic<std::uint32_t> seconds{0};
    const tg::event_callback first(group, [&] { firsts.fetch_add(1, base::relaxed); });
    model::thread setter([&] { group.set_event(); });
    while (!group.event().is_set()) model::spin();
    const bool rearmed = group.reset_event();
    model::reached(rearmed ? "re-armed" : "refused");
    const tg::event_callback second(group, [&] { seconds.fetch_add(1, base::relaxed); });
    model::check(!rearmed || seconds.load(base::relaxed) == 0, "called for a set before its registration");
    group.set_event();
    setter.join();
    model::check(firsts.load(base::relaxed) == 1 && seconds.load(base::relaxed) == 1,
                 "a callback is missed or called twice");
  });
}

// By nobody else, though the setter is on its way along the cells, and comes to this one.
TEST(callback, of_a_set_event_is_called_by_its_registrant) {
  model::explore(of_runtime({}, 4'000), [] {
    runtime_model at;
    tg::group group("set", at.in());
    flag entered, left;
    any_callback gone, first;
    std::optional<model::thread> setter;
    {
      const model::calm beginning;
      gone.emplace(group, [] { model::fail("called after its end"); });
      first.emplace(group, [&] {
        entered.give();
        left.await();
      });
      gone.reset();
      setter.emplace([&] { group.set_event(); });
      entered.await();
    }
    left.give();
    constexpr unsigned nobody = 99;
    unsigned caller = nobody;
    const tg::event_callback late(group, [&] { caller = model::this_thread(); });
    model::check(caller == model::this_thread(), "called by somebody else, or not yet");
    setter.reset();
  });
}

// A setter that is late, in a call, comes to a cell that serves another by now, and leaves it to the next set, which
// must not miss it.
TEST(callback, a_late_setter_and_the_next_one_miss_none) {
  model::plan plan = of_runtime({"by the late one"}, 5'000);
  plan.within = {1, 1, 0};
  model::explore(plan, [] {
    runtime_model at;
    tg::group group("two setters", at.in());
    flag entered, registered;
    base::atomic<std::uint32_t> calls{0};
    unsigned caller = 0;
    any_callback gone, first, second;
    std::optional<model::thread> setter;
    {
      const model::calm beginning;
      gone.emplace(group, [] {});
      first.emplace(group, [&] {
        entered.give();
        registered.await();
      });
      gone.reset();  // its cell is behind the one of the first
      setter.emplace([&] { group.set_event(); });
      entered.await();
      model::check(group.reset_event(), "nothing speaks against a reset");
      second.emplace(group, [&] {
        caller = model::this_thread();
        calls.fetch_add(1, base::relaxed);
      });
    }
    registered.give();
    model::spin();  // the late one goes on
    group.set_event();
    setter->join();
    model::check(calls.load(base::relaxed) == 1, "a callback is missed or called twice");
    if (caller != 0) model::reached("by the late one");
  });
}

// A setter that is late has seen the cell's last registrant, and must not take the next epoch's for it.
TEST(callback, a_late_setter_asks_for_whom_the_cell_is) {
  model::plan plan = of_runtime({"re-armed"}, 4'000);
  plan.within = {2, 1, 0};
  model::explore(plan, [] {
    runtime_model at;
    tg::group group("one cell", at.in());
    base::atomic<std::uint32_t> calls{0};
    any_callback first, second;
    first.emplace(group, [] {});
    model::thread setter([&] { group.set_event(); });
    while (!group.event().is_set()) model::spin();
    {
      const model::calm meanwhile;
      first.reset();
      if (!group.reset_event()) return;
      second.emplace(group, [&] { calls.fetch_add(1, base::relaxed); });
    }
    model::reached("re-armed");
    setter.join();
    model::check(calls.load(base::relaxed) == 0, "called for a set before its registration");
    group.set_event();
    model::check(calls.load(base::relaxed) == 1, "a callback is missed or called twice");
  });
}

// The registrant has a cell behind one that is armed: a setter that looks whether there is anything to call need not have
// looked at it.
TEST(callback, behind_another_one_is_seen_by_the_setter_or_sees_the_set) {
  model::plan plan = of_runtime({"by the registrant", "by the setter"}, 8'000);
  plan.within = {2, 1, 0};
  model::explore(plan, [] {
    runtime_model at;
    tg::group group("behind", at.in());
    base::atomic<std::uint32_t> calls{0};
    unsigned caller = 0;
    any_callback gone, first;
    {
      const model::calm beginning;
      gone.emplace(group, [] {});
      first.emplace(group, [] {});
      gone.reset();  // its cell is behind the one of the first
    }
    model::thread setter([&] { group.set_event(); });
    const tg::event_callback late(group, [&] {
      caller = model::this_thread();
      calls.fetch_add(1, base::relaxed);
    });
    setter.join();
    model::check(calls.load(base::relaxed) == 1, "a callback is missed or called twice");
    model::reached(caller == 0 ? "by the registrant" : "by the setter");
  });
}

// A setter stands on a cell that has ended itself, left the list with others of a crowd, and come to its front: it begins
// again there.
TEST(callback, of_a_list_whose_cells_are_linked_anew_is_not_missed) {
  model::plan plan = of_runtime({"moved"}, 4'000);
  plan.within = {1, 1, 0};
  model::explore(plan, [] {
    runtime_model at;
    tg::group group("crowd", at.in());
    constexpr std::size_t crowd = 10;
    int calls = 0;
    any_callback last, self_ending;
    flag ended;
    {
      const model::calm beginning;
      last.emplace(group, [&] { ++calls; });  // the setter comes to it last
      self_ending.emplace(group, [&] {
        self_ending.reset();
        ended.give();
      });
      any_callback others[crowd];
      for (any_callback& other : others) other.emplace(group, [] { model::fail("called after its end"); });
    }
    const tg::detail::slot& slot = slot_of(group);
    any_callback more[crowd];
    const std::uint32_t listed = slot.cells_listed.load(base::relaxed);
    model::thread setter([&] { group.set_event(); });
    ended.await();
    int late_calls = 0;
    for (any_callback& one : more) one.emplace(group, [&] { ++late_calls; });
    if (slot.cells_listed.load(base::relaxed) > listed) model::reached("moved");
    setter.join();
    model::check(late_calls == crowd, "a late callback is missed or called twice");
    model::check(calls == 1, "a callback is missed or called twice");
  });
}

// One after the other they need one cell, whether they were called or not.
TEST(callback, a_cell_that_is_given_back_is_found) {
  model::explore(of_runtime({}, 500), [] {
    runtime_model at;
    const tg::detail::engine& engine = engine_of(at);
    tg::group group("one cell", at.in());
    for (int round = 0; round < 3; ++round) {
      const tg::event_callback one(group, [] {});
      if (round == 1) group.set_event();
    }
    model::check(engine.cells.made() == 1, "a cell is lost");
  });
}

}  // namespace
