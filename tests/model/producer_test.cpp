// A producer without room sleeps until there is some, or the event is set, or the group is closed; with room it is not
// refused.
#include "core/group/slot.h"
#include "core/limiter/limiter.h"
#include "core/task/this_thread.h"
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace model_test;

TEST(producer, wakes_when_there_is_room) {
  model::explore(of_runtime({"on a worker"}), [] {
    runtime_model at(1);
    tg::group_options options = at.limited(1);
    options.max_pending = 0;
    tg::group group("bounded", options);
    flag one, two;
    group.add_task([&] { one.give(); });
    group.add_task([&] {
      model::check(one.given(), "more than there is room for");
      if (model::this_thread() != 0) model::reached("on a worker");
      two.give();
    });
    two.await();
  });
}

// The room is that of a task which a joiner runs, who does not look for another one and leaves at once.
TEST(producer, does_not_miss_the_only_end_of_a_task) {
  model::explore(of_runtime({"ended", "waited"}, 4'000), [] {
    runtime_model at(1);
    tg::group busy("busy", at.in());
    tg::group_options options = at.limited(1);
    options.max_pending = 0;
    tg::group group("bounded", options);
    base::atomic<std::uint32_t> may_end{0}, ends{0};
    flag released, begun, helps;
    std::optional<model::thread> joiner;
    {
      const model::calm beginning;
      busy.add_task([&] {
        begun.give();
        released.await();
      });
      begun.await();
      group.add_task([&] {
        helps.give();
        while (may_end.load(base::relaxed) == 0) model::spin();
        ends.store(1, base::relaxed);
      });
      joiner.emplace([&] { static_cast<void>(group.join()); });
      helps.await();
    }
    may_end.store(1, base::relaxed);
    model::reached(ends.load(base::relaxed) != 0 ? "ended" : "waited");
    group.add_task([] {});
    released.give();
    const model::calm end;
    joiner.reset();
    static_cast<void>(group.join());
    static_cast<void>(busy.join());
  });
}

// The task's worker is not the lead, and goes on with what was queued.
TEST(producer, does_not_miss_the_end_of_a_task_beside_others) {
  model::explore(of_runtime({"ended", "waited"}, 8'000), [] {
    runtime_model at(2);
    tg::group_options options = at.limited(2);
    options.max_pending = 1;
    tg::group group("bounded", options);
    base::atomic<std::uint32_t> begun{0}, may_end{0}, ends{0};
    flag added;
    {
      const model::calm beginning;
      const auto wait = [&] {
        begun.fetch_add(1, base::relaxed);
        added.await();
      };
      group.add_task(wait);
      while (begun.load(base::relaxed) == 0) model::spin();
      group.add_task([&] {
        begun.fetch_add(1, base::relaxed);
        while (may_end.load(base::relaxed) == 0) model::spin();
        ends.store(1, base::relaxed);
      });
      while (begun.load(base::relaxed) != 2) model::spin();
      group.add_task(wait);
    }
    may_end.store(1, base::relaxed);
    model::reached(ends.load(base::relaxed) != 0 ? "ended" : "waited");
    group.add_task([] {});
    added.give();
    const model::calm end;
    model::check(group.join().succeeded == 4, "a task is lost");
  });
}

TEST(producer, wakes_when_the_event_is_set_or_the_group_closed) {
  model::explore(of_runtime({"closed", "set"}), [] {
    runtime_model at(1);
    tg::group_options options = at.limited(0);
    options.max_pending = 0;
    tg::group group("full", options);
    const bool closes = model::any_of(2) != 0;
    model::reached(closes ? "closed" : "set");
    model::thread other([&] {
      if (closes) {
        group.close();
      } else {
        group.set_event();
      }
    });
    bool refused = false;
    try {
      group.add_task([] {});
    } catch (const tg::group_closed&) {
      refused = true;
    }
    model::check(refused == closes, "the producer came back for another reason");
    other.join();
    if (!closes)
      model::check(group.join().skipped == 1, "a queued task of a set event is neither skipped nor run");
  });
}

TEST(producer, wakes_when_the_limit_is_raised) {
  model::explore(of_runtime({"waited"}), [] {
    runtime_model at(1);
    tg::group_options options = at.limited(0);
    options.max_pending = 0;
    tg::group group("paused", options);
    flag raised;
    model::thread other([&] {
      raised.give();
      group.set_max_concurrent(1);
    });
    if (!raised.given()) model::reached("waited");
    group.add_task([] {});
    other.join();
    model::check(group.join().succeeded == 1, "a task is lost");
  });
}

// Who serves the group and has nothing in hand takes up none of what may be in flight.
TEST(producer, a_worker_that_lingers_makes_no_room) {
  model::explore(of_runtime({"there"}), [] {
    runtime_model at(1);
    tg::group_options options = at.limited(1);
    options.max_pending = 0;
    tg::group group("paused", options);
    const tg::groups::slot* slot = nullptr;
    group.add_task([&] { slot = &tg::groups::slot_of(*tg::task::self.current); });
    model::check(group.join().succeeded == 1, "a task is lost");
    group.set_max_concurrent(0);
    if (slot->limits.glance().assigned() != 0) model::reached("there");
    model::check(!group.try_add_task([] {}), "more than there is room for");
  });
}

// What was claimed a moment before the limit was lowered runs beyond it, and is not pending any more.
TEST(producer, wakes_when_what_was_pending_runs_beyond_the_limit) {
  model::explore(of_runtime({"runs", "stays"}), [] {
    runtime_model at(1);
    tg::group_options options = at.limited(1);
    options.max_pending = 1;
    tg::group group("lowered", options);
    const tg::groups::slot* slot = nullptr;
    group.add_task([&] { slot = &tg::groups::slot_of(*tg::task::self.current); });
    model::check(group.join().succeeded == 1, "a task is lost");
    flag added;
    group.add_task([&] { added.await(); });
    model::thread producer([&] {
      group.set_max_concurrent(0);
      group.add_task([] {});
      added.give();
    });
    // Paused with what is pending, and nobody there or coming: that gives no room.
    const auto stays = [&] {
      const tg::limiter::limit_word word = slot->limits.read();
      return word.limit() == 0 && word.assigned() == 0 && !word.has_ticket();
    };
    bool stayed = false;
    while (!added.given() && !(stayed = stays())) model::spin();
    model::reached(stayed ? "stays" : "runs");
    group.set_max_concurrent(1);
    producer.join();
    model::check(group.join().succeeded == 2, "a task is lost");
  });
}

// Two run beyond a lowered limit, and one of them ends: before and after there is room for one more.
TEST(producer, who_has_room_at_every_moment_is_not_refused) {
  model::explore(of_runtime({"beside the end"}, 4'000), [] {
    runtime_model at(2);
    tg::group_options options = at.limited(2);
    options.max_pending = 1;
    tg::group group("lowered", options);
    flag one_ends, other_ends;
    base::atomic<std::uint32_t> running{0};
    for (const flag* end : {&one_ends, &other_ends}) {
      group.add_task([&running, end] {
        running.fetch_add(1, base::relaxed);
        end->await();
      });
    }
    while (running.load(base::relaxed) != 2) model::spin();
    group.set_max_concurrent(1);
    one_ends.give();
    model::check(group.try_add_task([] {}), "refused though there is room");
    if (group.stats().succeeded == 0) model::reached("beside the end");
    other_ends.give();
    model::check(group.join().succeeded == 3, "a task is lost");
  });
}

// Its wait is over by the set, and it has not reserved, or not visibly: a reset does not come between.
TEST(producer, who_waited_for_room_is_adding_until_it_has_reserved) {
  model::explore(of_runtime({"re-armed", "refused"}, 8'000), [] {
    runtime_model at;
    tg::group_options options = at.limited(0);
    options.max_pending = 1;
    tg::group group("full", options);
    std::optional<model::thread> waits;
    {
      const model::calm beginning;
      group.add_task([] { model::fail("runs in a paused group"); });
      waits.emplace([&] { group.add_task([] { model::fail("runs in a paused group"); }); });
      model::settle();
    }
    group.set_event();
    const bool rearmed = group.reset_event();
    model::check(!rearmed || group.stats().skipped == 2, "re-armed beside somebody who adds");
    model::reached(rearmed ? "re-armed" : "refused");
    waits.reset();
    const model::calm end;
    model::check(group.reset_event(), "who has added is adding for ever");
    group.set_event();
  });
}

}  // namespace
