// Who waits is woken: for an event and its deadline, for a predicate, for a future, for the last task to end.
#include "core/group/slot.h"
#include "core/task/this_thread.h"
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <vector>

namespace {

using namespace model_test;
constexpr auto for_ever = std::chrono::hours::max();

TEST(waiting, a_sleeper_wakes_when_the_event_is_set) {
  model::explore(of_runtime({"slept"}), [] {
    runtime_model at;
    tg::group group("slept on", at.in());
    model::thread setter([&] { group.set_event(); });
    if (!group.event().is_set()) model::reached("slept");
    group.event().wait();
    model::check(group.event().is_set(), "awake before the event was set");
    setter.join();
  });
}

TEST(waiting, who_reads_set_sees_what_came_before_the_set) {
  model::explore(of_runtime({"set", "unset"}, 4'000), [] {
    runtime_model at;
    tg::group group("checked", at.in());
    int data = 0;
    model::thread setter([&] {
      data = 1;
      group.set_event();
    });
    const bool set = group.event().is_set();
    model::reached(set ? "set" : "unset");
    model::check(!set || data == 1, "set before it was set");
    setter.join();
  });
}

TEST(waiting, two_sleepers_of_a_child_wake_when_two_set_the_parent) {
  model::explore(of_runtime(), [] {
    runtime_model at;
    tg::group parent("parent", at.in());
    tg::group child(parent, "child");
    model::thread one([&] { child.event().wait(); });
    model::thread two([&] { parent.set_event(); });
    parent.set_event();
    child.event().wait();
  });
}

// Set and re-armed before the sleeper looked: it was set during the sleep all the same.
TEST(waiting, a_sleeper_wakes_though_the_event_is_rearmed) {
  model::explore(of_runtime({"re-armed"}), [] {
    runtime_model at;
    tg::group group("re-armed", at.in());
    flag asleep;
    model::thread sleeper([&] {
      asleep.give();
      group.event().wait();
    });
    group.set_event();
    if (group.reset_event()) model::reached("re-armed");
    group.set_event();
    sleeper.join();
  });
}

// A set that came before the sleep was over is told of, however late the sleeper looks.
TEST(waiting, a_set_event_beats_a_sleep_that_is_over) {
  model::explore(of_runtime({"set in time", "slept"}, 6'000, with_time), [] {
    runtime_model at;
    tg::group group("set late", at.in());
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(70);
    bool in_time = false;
    model::thread other([&] {
      group.set_event();
      in_time = std::chrono::steady_clock::now() < until;
      while (std::chrono::steady_clock::now() < until) {
      }
    });
    const bool slept = group.event().sleep_until(until);
    other.join();
    model::reached(in_time ? "set in time" : "slept");
    model::check(!(slept && in_time), "slept to the end, though the event was set before");
  });
}

TEST(waiting, a_notified_waiter_looks_again) {
  model::explore(of_runtime(), [] {
    runtime_model at;
    tg::group group("condition", at.in());
    group.add_task([] {});
    group.set_max_concurrent(0);
    base::atomic<std::uint32_t> holds{0};
    model::thread other([&] {
      holds.store(1, base::relaxed);  // notify() publishes
      group.notify();
    });
    const tg::condition how =
        group.wait_for_condition([&] { return holds.load(base::relaxed) != 0; }, for_ever, for_ever);
    model::check(how == tg::condition::met || how == tg::condition::drained, "how it ended");
    other.join();
  });
}

TEST(waiting, the_end_of_a_task_has_the_predicate_looked_at) {
  model::explore(of_runtime({"met", "drained"}), [] {
    runtime_model at;
    tg::group group("condition", at.in());
    int result = 0;  // what the task did is visible to the predicate: no race
    flag ended;
    group.add_task([&] {
      result = 1;
      ended.give();
    });
    const tg::condition how =
        group.wait_for_condition([&] { return ended.given() && result == 1; }, for_ever, for_ever);
    model::reached(how == tg::condition::met ? "met" : "drained");
    model::check(how == tg::condition::met, "drained, and the predicate that its last task met was not seen");
    model::check(group.event().is_set(), "met, and the event is unset");
    model::reached("drained");
  });
}

// A worker that goes from one task to the next counts the first without an exchange of its own.
TEST(waiting, the_end_of_a_task_is_noticed_though_the_next_one_runs_on) {
  model::explore(of_runtime({"the second waits"}), [] {
    runtime_model at;
    tg::group group("condition", at.limited(1));
    base::atomic<std::uint32_t> done{0};
    flag released;
    group.add_task([&] { done.store(1, base::relaxed); });  // the task's end publishes
    group.add_task([&] {
      if (!released.given()) model::reached("the second waits");
      released.await();
    });
    const tg::condition how =
        group.wait_for_condition([&] { return done.load(base::relaxed) != 0; }, for_ever, for_ever);
    model::check(how == tg::condition::met, "how it ended");
    released.give();
    model::check(group.join().complete, "a join that does not end");
  });
}

// What the event has skipped leaves nothing queued; a waiter is told of the event all the same.
TEST(waiting, the_event_comes_before_what_it_has_drained) {
  model::explore(of_runtime({}, 10'000), [] {
    runtime_model at;
    tg::group group("paused", at.limited(0));
    group.add_task([] {});
    model::thread other([&] { group.set_event(); });
    const tg::condition how = group.wait_for_condition([] { return false; }, for_ever, for_ever);
    model::check(how == tg::condition::event_set, "drained by an event that it is not told of");
    other.join();
    model::check(group.join().skipped == 1, "what was queued is not skipped");
  });
}

// The same of a worker beside the lead: it counts by an exchange, and looks for waiters once. `last` is the task's last act.
void explore_end_beside_the_lead(void (*last)()) {
  model::explore(of_runtime({"the next one waits"}, 4'000), [last] {
    runtime_model at(2);
    tg::group group("condition", at.limited(2));
    base::atomic<std::uint32_t> may_end{0}, ends{0}, done{0};
    flag leads, begun, released;
    const auto wait_long = [&] {
      model::reached("the next one waits");
      released.await();
    };
    {
      const model::calm beginning;
      group.add_task([&] {
        leads.give();
        released.await();
      });
      leads.await();
      group.add_task([&] {
        begun.give();
        while (may_end.load(base::relaxed) == 0) model::spin();
        done.store(1, base::relaxed);  // the task's end publishes
        ends.store(1, base::relaxed);
        last();
      });
      begun.await();
      group.add_task(wait_long);
    }
    may_end.store(1, base::relaxed);
    while (ends.load(base::relaxed) == 0) model::spin();
    const tg::condition how =
        group.wait_for_condition([&] { return done.load(base::relaxed) != 0; }, for_ever, for_ever);
    model::check(how == tg::condition::met, "how it ended");
    released.give();
    const model::calm end;
    model::check(group.join().complete, "a join that does not end");
  });
}

TEST(waiting, the_end_of_a_task_beside_the_lead_is_noticed_though_the_next_one_runs_on) {
  explore_end_beside_the_lead([] {});
}

TEST(waiting, the_failure_of_a_task_beside_the_lead_is_noticed_though_the_next_one_runs_on) {
  explore_end_beside_the_lead([] { throw std::runtime_error("on purpose"); });
}

// The last to end may be the lead, who counts on a word of its own, or another.
TEST(waiting, a_joiner_is_woken_whoever_ends_last) {
  model::explore(of_runtime({}, 20'000), [] {
    runtime_model at(2);
    tg::group group("two workers", at.limited(2));
    for (int i = 0; i < 3; ++i) group.add_task([] {});
    // A timed join runs none of them itself.
    model::check(group.join_for(for_ever).succeeded == 3, "joined before all had ended");
  });
}

TEST(waiting, a_future_tells_once_its_task_has_ended) {
  model::explore(of_runtime({"waited for", "let go"}), [] {
    runtime_model at;
    tg::group group("futures", at.in());
    auto waited = group.submit([] { return std::vector<int>(1, 5); });
    {
      auto let_go = group.submit([] { return std::vector<int>(1, 6); });
      if (!let_go.ready()) model::reached("let go");
    }
    if (!waited.ready()) model::reached("waited for");
    model::check(waited.get().at(0) == 5, "the value");
    model::check(group.join().succeeded == 2, "a task is lost");
    model::check((*at).stats().task_records_in_use == 0, "a record is kept");
  });
}

// Who has let a future go has read what it needed of the record, which the next submission may take.
TEST(waiting, a_record_is_used_again_after_its_future_has_let_go) {
  model::explore(of_runtime({"let go"}, 4'000), [] {
    runtime_model at(1);
    tg::group group("one at a time", at.limited(1));
    base::atomic<std::uint32_t> may_end{0};
    flag begun, done;
    std::optional<tg::future<void>> first;
    {
      const model::calm beginning;
      first = group.submit([&] {
        begun.give();
        while (may_end.load(base::relaxed) == 0) model::spin();
      });
      begun.await();
      group.add_task([&] {
        group.submit([] {});
        done.give();
      });
    }
    may_end.store(1, base::relaxed);
    if (!first->ready()) model::reached("let go");
    first.reset();
    done.await();
  });
}

// Of a queue with one worker: its task waits for one behind it, and another worker takes over.
TEST(waiting, a_blocked_worker_is_replaced) {
  model::explore(of_runtime({"replaced"}), [] {
    runtime_model at(1, 1);
    tg::group outer("outer", at.in());
    tg::group inner("inner", at.in());
    int value = 0;
    flag done;
    outer.add_task([&] {
      auto future = inner.submit([] { return 7; });
      if (!future.ready()) model::reached("replaced");
      value = future.get();
      done.give();
    });
    done.await();
    model::check(value == 7, "the value");
  });
}

// A deadline strikes while its group ends and another takes the place.
TEST(waiting, a_deadline_does_not_reach_the_next_tenant) {
  model::explore(of_runtime({"the same place", "struck"}, 8'000, with_time), [] {
    runtime_model at;
    tg::group_options options = at.in();
    options.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    std::optional<tg::group> first(std::in_place, "first", options);
    const std::uint64_t place = first->id() & 0xfffff;
    if (first->event().is_set()) model::reached("struck");
    first.reset();
    tg::group next("next", at.in());
    if ((next.id() & 0xfffff) == place) model::reached("the same place");
    base::atomic<std::uint32_t> other{0};
    for (int i = 0; i < 3; ++i) other.fetch_add(1, base::relaxed);
    model::check(!next.event().is_set(), "a timer sets the next tenant");
  });
}

// The timer may come later than the clock says.
TEST(waiting, a_group_whose_deadline_has_passed_for_its_parent_too_is_born_set) {
  model::explore(of_runtime({"before the timer"}, 3'000, with_time), [] {
    runtime_model at;
    tg::group_options options = at.in();
    const auto due = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
    options.deadline = due;
    tg::group parent("due", options);
    while (std::chrono::steady_clock::now() < due) model::spin();
    if (!parent.event().is_set()) model::reached("before the timer");
    const tg::group child(parent, "overdue", {.deadline = due});
    const tg::event_state state = child.state();
    model::check(state.set && state.cause == tg::event_cause::deadline, "born unset after its deadline");
    model::check(state.origin == parent.id(), "the deadline was the parent's");
    model::check(parent.event().is_set(), "a child is set before its parent");
  });
}

TEST(waiting, a_deadline_is_kept) {
  model::explore(of_runtime({}, 8'000, with_time), [] {
    runtime_model at;
    tg::group_options options = at.in();
    options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    tg::group group("due", options);
    group.event().wait();
    model::check(group.state().cause == tg::event_cause::deadline, "the cause");
  });
}

TEST(waiting, what_is_queued_is_skipped_after_a_set_from_a_signal_handler) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group group("paused", at.limited(0));
    model::thread handler([&] { group.set_event_from_signal(); });
    auto future = group.submit([] {});
    model::check(future.kind() == tg::outcome_kind::skipped, "the outcome");
    handler.join();
  });
}

// The share of a thread that ends goes to one that comes.
TEST(waiting, threads_come_and_go) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group group("many threads", at.in());
    int count = 0;
    model::thread one([&] { group.add_task([] {}); });
    model::thread two([&] { group.add_task([] {}); });
    one.join();
    two.join();
    model::thread three([&] { group.submit([&] { ++count; }).get(); });
    three.join();
    model::check(group.join().succeeded == 3 && count == 1, "a task is lost");
  });
}

// Its task lasts until the joiner has made itself known: looking for a while was not enough.
TEST(waiting, who_joins_sleeps_until_the_last_task_has_ended) {
  model::explore(of_runtime({"known"}, 4'000), [] {
    runtime_model at;
    tg::group group("joined", at.in());
    flag begun;
    int data = 0;
    group.add_task([&] {
      begun.give();
      const auto& slot = tg::groups::slot_of(*tg::task::self.current);
      // relaxed: nothing else becomes known by it
      while (slot.waiting.load(base::relaxed) == 0) model::spin();
      model::reached("known");
      data = 1;
    });
    begun.await();
    group.join().throw_if_failed();
    model::check(data == 1, "joined before the end of the task");
  });
}

}  // namespace
