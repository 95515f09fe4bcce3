// Who serves a group: no task waits for a worker that nobody has called, never more than the limit run, and who joins
// sees all and is the last to touch it.
#include "core/group/engine.h"
#include "core/task/this_thread.h"
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>

namespace {

using namespace model_test;

TEST(limiter, tasks_of_one_at_a_time_follow_each_other) {
  model::explore(of_runtime({"on a worker", "by the joiner"}), [] {
    runtime_model at(2);
    base::atomic<std::uint32_t> running{0};
    int count = 0;
    tg::group group("one at a time", at.limited(1));
    for (int i = 0; i < 2; ++i) {
      group.add_task([&] {
        model::check(running.fetch_add(1, base::relaxed) == 0, "more than the limit");
        ++count;
        model::reached(model::this_thread() == 0 ? "by the joiner" : "on a worker");
        running.fetch_sub(1, base::relaxed);
      });
    }
    const tg::join_report report = group.join();
    model::check(report.succeeded == 2 && count == 2, "joined before its tasks were done");
  });
}

TEST(limiter, workers_come_though_nobody_joins) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("unjoined", at.in());
    flag one, two;
    group.add_task([&] { one.give(); });
    group.add_task([&] { two.give(); });
    one.await();
    two.await();
  });
}

TEST(limiter, two_producers_and_one_worker) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("two producers", at.limited(1));
    flag one, two;
    model::thread other([&] { group.add_task([&] { two.give(); }); });
    group.add_task([&] { one.give(); });
    one.await();
    two.await();
    other.join();
  });
}

TEST(limiter, a_raised_limit_finds_what_is_queued) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("paused", at.limited(0));
    flag done;
    model::thread other([&] { group.add_task([&] { done.give(); }); });
    group.set_max_concurrent(1);
    done.await();
    other.join();
  });
}

TEST(limiter, a_lowered_limit_holds_for_who_comes_later) {
  model::explore(of_runtime({"two at once"}), [] {
    runtime_model at(2);
    tg::group group("lowered", at.limited(2));
    base::atomic<std::uint32_t> running{0};
    const auto work = [&] {
      if (running.fetch_add(1, base::acq_rel) == 1) model::reached("two at once");
      for (int i = 0; i < 4 && running.load(base::relaxed) == 1; ++i) model::spin();
      running.fetch_sub(1, base::acq_rel);
    };
    group.add_task(work);
    group.add_task(work);
    group.set_max_concurrent(1);
    group.add_task(work);
    model::check(group.join().succeeded == 3, "a task is lost");
  });
}

// Also by a worker that is there, looking for one more task, when the group is paused.
TEST(limiter, what_is_added_after_the_pause_is_not_run) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("paused", at.limited(1));
    flag begun, resumed;
    group.add_task([&] { begun.give(); });
    begun.await();
    group.set_max_concurrent(0);
    group.add_task([&] { model::check(resumed.given(), "a task of a paused group is run"); });
    resumed.give();
    group.set_max_concurrent(1);
    model::check(group.join().succeeded == 2, "a task is lost");
  });
}

// A task that tells when it has gone, run or not.
struct tells_its_end {
  flag* told;
  explicit tells_its_end(flag& to) : told(&to) {}
  tells_its_end(tells_its_end&& other) noexcept : told(std::exchange(other.told, nullptr)) {}
  ~tells_its_end() {
    if (told != nullptr) told->give();
  }
  void operator()() const {}
};

// Set while the group is full or paused: what is queued is skipped though no place becomes free.
TEST(limiter, a_paused_group_is_skipped_when_its_event_is_set) {
  model::explore(of_runtime({"skipped"}), [] {
    runtime_model at(1);
    tg::group group("paused", at.limited(0));
    flag dropped;
    model::thread setter([&] { group.set_event(); });
    group.add_task(tells_its_end(dropped));
    const tg::join_report report = group.join();
    setter.join();
    model::check(report.skipped == 1 && dropped.given(),
                 "a queued task of a set event is neither skipped nor run");
    model::reached("skipped");
  });
}

// The hint that tasks wait was lowered by the set before: the next set must find it raised again.
TEST(limiter, a_paused_group_is_skipped_by_the_set_after_a_reset) {
  model::explore(of_runtime({"added after the reset", "added before it"}, 8'000), [] {
    runtime_model at(1);
    tg::group group("paused", at.limited(0));
    group.add_task([] {});
    flag dropped;
    base::atomic<std::uint32_t> rearmed{0};
    model::thread adder([&] {
      group.add_task(tells_its_end(dropped));
      model::reached(rearmed.load(base::relaxed) != 0 ? "added after the reset" : "added before it");
    });
    {
      model::thread setter([&] { group.set_event(); });
      static_cast<void>(group.join());
    }
    if (group.reset_event()) rearmed.store(1, base::relaxed);
    group.set_event();
    adder.join();
    dropped.await();  // and nobody joins
  });
}

// Destroyed as soon as the joiner is back: nobody touches what the group's owner had.
TEST(limiter, what_a_task_touched_may_go_after_the_join) {
  model::explore(of_runtime({"waited"}), [] {
    runtime_model at(1);
    auto group = std::make_unique<tg::group>("short", at.in());
    auto data = std::make_unique<int>(0);
    group->add_task([there = data.get()] {
      if (model::this_thread() != 0) model::reached("waited");
      *there = 1;
    });
    model::check(group->join().succeeded == 1 && *data == 1, "joined before its task was done");
    data.reset();
    group.reset();
    tg::group next("next", at.in());
    model::check(next.join().succeeded == 0, "the next tenant has tasks of the last one");
  });
}

TEST(limiter, a_joiner_with_a_time_limit_sleeps_until_the_last_task_ends) {
  model::explore(of_runtime({"complete", "timed out"}), [] {
    runtime_model at(1);
    tg::group group("joined for a time", at.in());
    int done = 0;
    group.add_task([&] { done = 1; });
    const tg::join_report report = group.join_for(std::chrono::hours(1));
    model::reached(report.complete ? "complete" : "timed out");
    if (report.complete)
      model::check(report.succeeded == 1 && done == 1, "complete before its task was done");
  });
}

TEST(limiter, of_two_joiners_one_is_told) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("joined twice", at.in());
    std::size_t told[2] = {};
    int done = 0;
    group.add_task([&] { done = 1; });
    model::thread other([&] {
      told[0] = group.join().succeeded;
      model::check(done == 1, "joined before its task was done");
    });
    told[1] = group.join().succeeded;
    model::check(done == 1, "joined before its task was done");
    other.join();
    model::check(told[0] + told[1] == 1, "a task is told twice or not at all");
  });
}

// Who announces relies on an awake worker, which may just have taken a ticket from a mailbox instead.
TEST(limiter, a_ready_group_does_not_wait_for_a_worker_that_took_another_one_from_a_mailbox) {
  model::explore(of_runtime({"from the mailbox"}), [] {
    runtime_model at(2);
    tg::group before("before", at.in()), patient("patient", at.in()), paused("paused", at.limited(0));
    tg::detail::engine* runtime = nullptr;
    flag asked, awaited, done;
    paused.add_task([&] { awaited.give(); });
    before.add_task([&] {
      runtime = tg::groups::slot_of(*tg::task::self.current).owner;
      asked.give();
    });
    asked.await();
    while (runtime->crew.load().awake() == 0) model::spin();
    patient.add_task([&] {
      awaited.await();
      done.give();
    });
    if (!runtime->mine().offers.is_empty()) model::reached("from the mailbox");
    while (!runtime->mine().offers.is_empty()) model::spin();
    paused.set_max_concurrent(1);
    done.await();
  });
}

TEST(limiter, cleared_tasks_are_counted_once) {
  model::explore(of_runtime({"cleared", "run"}), [] {
    runtime_model at(1);
    tg::group group("cleared", at.limited(1));
    for (int i = 0; i < 2; ++i) group.add_task([] { model::reached("run"); });
    const std::size_t cleared = group.clear_pending_tasks();
    if (cleared != 0) model::reached("cleared");
    const tg::join_report report = group.join();
    model::check(report.skipped == cleared && report.succeeded + report.skipped == 2, "counts");
  });
}

// A runner that goes to sleep, or gives its thread back, beside a push.
TEST(limiter, a_worker_that_rests_is_called) {
  model::explore(of_runtime(), [] {
    runtime_model at(1);
    tg::group group("now and then", at.in());
    for (int i = 0; i < 2; ++i) {
      flag done;
      group.add_task([&] { done.give(); });
      done.await();
    }
  });
}

// All that may block is blocked on what is queued: who waits for the queued group serves it.
TEST(limiter, a_joiner_serves_its_group_when_no_worker_is_left) {
  model::explore(of_runtime({"by the joiner"}, 10'000, with_time), [] {
    runtime_model at(1, 0);
    tg::group outer("outer", at.in());
    tg::group inner("inner", at.in());
    outer.add_task([&] {
      inner
          .submit([] {
            if (model::this_thread() == 0) model::reached("by the joiner");
          })
          .get();
    });
    while (inner.join().succeeded == 0) model::spin();
    model::check(outer.join().succeeded == 1, "the outer task");
  });
}

// What a failed task leaves is told once.
TEST(limiter, failures_are_told_once) {
  model::explore(of_runtime({"by the first join", "by the second join"}, 10'000), [] {
    runtime_model at(1);
    tg::group group("failing", at.in());
    for (int i = 0; i < 2; ++i) group.add_task([] { throw 5; });
    std::size_t failed = 0;
    model::thread other([&] { failed = group.join().failed; });
    const tg::join_report mine = group.join();
    other.join();
    model::reached(mine.failed == 0 ? "by the second join" : "by the first join");
    model::check(mine.failed + failed == 2 && mine.failures.size() == mine.failed,
                 "failures are lost or doubled");
  });
}

// Beside tasks that end in every way: no figure of a later look is less, none is more than there is, and a report that tells
// of a failure has it.
TEST(limiter, figures_only_grow) {
  model::explore(of_runtime({"one has failed", "all have ended"}, 10'000), [] {
    runtime_model at(2);
    tg::group group("figures", at.limited(2));
    group.add_task([] { throw 5; });
    group.add_task([] {});
    group.add_task([] { throw tg::task_skipped(tg::event_cause::requested); });
    tg::group_stats before;
    for (int look = 0; look < 2; ++look) {
      const tg::group_stats now = group.stats();
      model::check(
          now.succeeded >= before.succeeded && now.failed >= before.failed && now.skipped >= before.skipped,
          "a figure is taken back");
      model::check(now.succeeded <= 1 && now.failed <= 1 && now.skipped <= 1, "a figure is invented");
      before = now;
    }
    const tg::join_report report = group.join_for(std::chrono::seconds(0));
    model::check(report.failures.size() == report.failed, "a failure that is counted is not told");
    model::check(report.succeeded >= before.succeeded && report.succeeded <= 1, "a figure of the report");
    if (report.failed != 0) model::reached("one has failed");
    if (report.complete) model::reached("all have ended");
  });
}

}  // namespace
