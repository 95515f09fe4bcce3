// Groups that are closed, left, joined for a while: who is refused, who is skipped, and what the reports say.
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <string>

namespace {

using namespace model_test;

TEST(closing, who_is_refused_sees_what_came_before) {
  model::explore(of_runtime({"refused", "let in"}, 8'000), [] {
    runtime_model at;
    tg::group group("closed", at.in());
    int data = 0;
    model::thread other([&] {
      data = 1;
      group.close();
    });
    bool refused = false;
    switch (model::any_of(3)) {
      case 0:
        try {
          group.add_task([] {});
        } catch (const tg::group_closed&) {
          refused = true;
        }
        break;
      case 1:
        refused = !group.try_add_task([] {});
        break;
      default:
        refused = group.closed();
        break;
    }
    model::check(!refused || data == 1, "closed by nobody");
    model::reached(refused ? "refused" : "let in");
    other.join();
  });
}

// Though the event alone would let them run, and no worker may come.
TEST(closing, the_end_skips_what_an_event_would_not) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    bool ran = false;
    {
      tg::group_options options = at.limited(0);
      options.on_event = tg::pending_policy::run;
      tg::group group("paused", options);
      group.add_task([&] { ran = true; });
    }
    model::check(!ran, "a task of a paused group has run");
  });
}

// Also between the group's closing and the setting of its event.
TEST(closing, what_a_task_adds_to_its_abandoned_group_is_skipped) {
  model::explore(of_runtime({"before the event is set"}, 4'000), [] {
    runtime_model at;
    bool ran = false;
    {
      tg::group_options options = at.limited(1);
      options.on_event = tg::pending_policy::run;
      tg::group group("left", options);
      group.add_task([&] {
        while (!group.closed()) model::spin();
        if (!group.event().is_set()) model::reached("before the event is set");
        group.add_task([&] { ran = true; });
      });
    }
    model::check(!ran, "a task that was added to an abandoned group has run");
  });
}

// Failures are taken by one joiner, looked at by the other, and more of them come meanwhile.
TEST(closing, a_timed_join_looks_at_failures_beside_others) {
  model::explore(of_runtime({"complete", "timed out"}, 8'000, with_time), [] {
    runtime_model at(2);
    tg::group group("failing", at.in());
    for (int i = 0; i < 2; ++i) group.add_task([] { throw std::string(20, 'x'); });
    const auto look = [](const tg::join_report& report) {
      for (const tg::task_failure& one : report.failures) {
        try {
          std::rethrow_exception(one.exception);
        } catch (const std::string& what) {
          model::check(what == std::string(20, 'x'), "another exception");
        }
      }
    };
    std::size_t others = 0;
    model::thread other([&] {
      const tg::join_report report = group.join_for(std::chrono::microseconds(50));
      model::reached(report.complete ? "complete" : "timed out");
      if (report.complete) others = report.failed;
      look(report);
    });
    const tg::join_report mine = group.join();
    look(mine);
    other.join();
    model::check(mine.failed + others == 2, "failures are lost or doubled");
  });
}

// A task that is added and fails after all had ended for a joiner: it is the next join's, or this one's, and whole.
TEST(closing, a_failure_beside_a_complete_join_is_told_once) {
  model::explore(of_runtime({"by this join", "by the next"}, 4'000), [] {
    runtime_model at;
    tg::group group("failing", at.in());
    {
      const model::calm beginning;
      group.add_task([] { throw 5; });
      model::settle();
    }
    model::thread other([&] { group.add_task([] { throw 5; }); });
    const tg::join_report first = group.join();
    model::reached(first.failed == 2 ? "by this join" : "by the next");
    other.join();
    const model::calm end;
    const tg::join_report second = group.join();
    model::check(first.failed + second.failed == 2, "a failure is lost or doubled");
    model::check(first.failures.size() == first.failed && second.failures.size() == second.failed,
                 "what was thrown is lost or doubled");
  });
}

// The figures of a group that works: what has ended was claimed before.
TEST(closing, figures_beside_work_are_of_tasks_that_there_are) {
  model::explore(of_runtime({"at work", "at rest"}, 8'000), [] {
    runtime_model at;
    tg::group group("figures", at.in());
    for (int i = 0; i < 2; ++i) group.add_task([] { throw 5; });
    const tg::group_stats seen = group.stats();
    model::check(seen.running + seen.pending <= 2 && seen.failed <= 2, "more tasks than there are");
    model::check(seen.succeeded == 0, "a failure is told as a success");
    model::reached(seen.failed == 2 ? "at rest" : "at work");
    model::check(group.join().failed == 2, "a failure is lost");
  });
}

}  // namespace
