// What is queued when the event is set is skipped by who sets it, what is added afterwards by who adds it: neither waits
// for a worker, and none need be free. Clearing skips, too, and makes as much room as it takes away.
#include "tests/model/engine_of.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

namespace {

using namespace model_test;

// Of a runtime with one worker, which is busy until this ends.
class busy_worker {
 public:
  explicit busy_worker(runtime_model& at) : group_("busy", at.in()) {
    const model::calm beginning;
    group_.add_task([this] {
      begun_.give();
      end_.await();
    });
    begun_.await();
  }
  ~busy_worker() {
    end_.give();
    const model::calm end;
    static_cast<void>(group_.join());
  }

 private:
  flag begun_, end_;
  tg::group group_;
};

// One adds, one sets: when both are back nothing is queued any more, though nobody else has been there.
void who_comes_second_skips(std::uint32_t limit) {
  runtime_model at(1, 0);
  const busy_worker busy(at);
  tg::group group("skipped", at.limited(limit));
  if (model::any_of(2) != 0) {
    const model::calm meanwhile;
    group.add_task([] {});
    model::reached("one was queued");
  }
  model::thread setter([&] { group.set_event(); });
  auto late = group.submit([] {});
  setter.join();
  model::check(group.stats().pending == 0, "a task of a set event is queued");
  model::check(late.ready() && late.kind() == tg::outcome_kind::skipped,
               "a task of a set event is not skipped");
}

TEST(skipping, of_a_paused_group_needs_no_worker) {
  model::explore(of_runtime({"one was queued"}), [] { who_comes_second_skips(0); });
}

// Its ticket is out, and nobody takes it.
TEST(skipping, of_a_group_that_waits_for_a_worker_needs_none) {
  model::explore(of_runtime({"one was queued"}), [] { who_comes_second_skips(1); });
}

// One raises the hint, the other finds it raised.
TEST(skipping, reaches_what_two_have_added) {
  model::explore(of_runtime({"after the set", "before the set"}), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group group("added to by two", at.limited(0));
    model::thread one([&] { group.add_task([] {}); });
    model::thread other([&] {
      model::reached(group.event().is_set() ? "after the set" : "before the set");
      group.add_task([] {});
    });
    group.set_event();
    one.join();
    other.join();
    model::check(group.stats().pending == 0 && group.stats().skipped == 2, "a task of a set event is queued");
  });
}

TEST(skipping, of_a_full_group_does_not_wait_for_what_runs) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    tg::group group("full", at.limited(1));
    flag begun, end;
    group.add_task([&] {
      begun.give();
      end.await();
    });
    begun.await();
    model::thread setter([&] { group.set_event(); });
    auto queued = group.submit([] {});
    setter.join();
    model::check(queued.ready() && group.stats().pending == 0, "a task of a set event is queued");
    end.give();
    const tg::join_report report = group.join();
    model::check(report.succeeded == 1 && report.skipped == 1,
                 "a task is lost, or run though its event was set");
  });
}

// Whoever has set the event first, or sets it in the parent: the second one, too, has nothing queued when it is back.
TEST(skipping, is_done_when_any_set_returns) {
  model::explore(of_runtime({"the parent's was first"}), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group parent("parent", at.in());
    tg::group group(parent, "set twice", at.limited(0));
    {
      const model::calm meanwhile;
      group.add_task([] {});
    }
    const auto nothing_is_queued = [&] {
      model::check(group.stats().pending == 0, "a task of a set event is queued");
    };
    model::thread other([&] {
      parent.set_event();
      nothing_is_queued();
    });
    if (!group.set_event()) model::reached("the parent's was first");
    nothing_is_queued();
    other.join();
  });
}

// The hint that tasks wait stays: the next set must find it.
TEST(skipping, follows_the_set_after_a_reset) {
  model::explore(of_runtime({"re-armed"}), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group group("again", at.limited(0));
    {
      const model::calm meanwhile;
      group.add_task([] {});
      group.set_event();
    }
    model::thread adder([&] { group.add_task([] {}); });
    if (group.reset_event()) model::reached("re-armed");
    group.set_event();
    adder.join();
    model::check(group.stats().pending == 0 && group.stats().skipped == 2, "a task of a set event is queued");
  });
}

// A place that has had tasks has another tenant: the hint may be older than the group.
TEST(skipping, finds_the_tasks_of_the_next_tenant) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group parent("parent", at.in());
    {
      const model::calm meanwhile;
      tg::group before(parent, "before", at.limited(0));
      before.add_task([] {});
      before.set_event();
    }
    tg::group group(parent, "after", at.limited(0));
    model::thread setter([&] { parent.set_event(); });
    group.add_task([] {});
    setter.join();
    model::check(group.stats().pending == 0, "a task of a set event is queued");
  });
}

// When it is skipped it adds another one to its group.
struct adds_one {
  tg::group* to;
  explicit adds_one(tg::group& group) : to(&group) {}
  adds_one(adds_one&& other) noexcept : to(std::exchange(other.to, nullptr)) {}
  ~adds_one() {
    if (to != nullptr) to->add_task([] {});
  }
  void operator()() const {}
};

TEST(skipping, reaches_what_is_added_by_who_is_skipped) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group group("grows", at.limited(0));
    model::thread setter([&] { group.set_event(); });
    group.add_task(adds_one(group));
    setter.join();
    model::check(group.stats().pending == 0 && group.stats().skipped == 2, "a task of a set event is queued");
  });
}

// A callback waits for a thread that has waited, since before the set, for a task that is going to be skipped: a worker
// comes, also if its ticket was out and whoever had that has found the group paused.
void skipped_beside_a_callback(bool pauses) {
  runtime_model at(1, 0);
  tg::group group("called back", at.limited(pauses ? 1 : 0));
  flag waits, heard;
  auto queued = group.submit([] {});
  const tg::event_callback callback(group, [&] { heard.await(); });
  model::thread waiter([&] {
    waits.give();
    if (queued.kind() == tg::outcome_kind::skipped) model::reached("skipped");
    heard.give();
  });
  waits.await();
  if (pauses) group.set_max_concurrent(0);
  group.set_event();
}

TEST(skipping, goes_on_beside_a_callback) {
  model::explore(of_runtime({"skipped"}), [] { skipped_beside_a_callback(false); });
}

TEST(skipping, goes_on_beside_a_callback_of_a_group_that_was_paused) {
  model::explore(of_runtime({"skipped"}), [] { skipped_beside_a_callback(true); });
}

// No worker is free, and the setter waits itself.
TEST(skipping, is_done_by_who_waits) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group group("called back", at.limited(0));
    auto queued = group.submit([] {});
    const tg::event_callback waits(group, [&] { static_cast<void>(queued.kind()); });
    group.set_event();
    model::check(queued.kind() == tg::outcome_kind::skipped, "a task of a set event is not skipped");
  });
}

// Who is skipped waits for what it has added, for a failed task, or for what a task waits for.
struct waits_when_skipped {
  std::function<void()> wait;
  explicit waits_when_skipped(std::function<void()> how) : wait(std::move(how)) {}
  waits_when_skipped(waits_when_skipped&& other) noexcept : wait(std::exchange(other.wait, nullptr)) {}
  ~waits_when_skipped() {
    if (wait) wait();
  }
  void operator()() const {}
};

TEST(skipping, reaches_what_the_skipped_wait_for) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group group("nested", at.limited(0));
    model::thread setter([&] { group.set_event(); });
    group.add_task(waits_when_skipped([&] {
      model::check(group.submit([] {}).kind() == tg::outcome_kind::skipped,
                   "a task of a set event is not skipped");
    }));
    setter.join();
    model::check(group.stats().pending == 0 && group.stats().skipped == 2, "a task of a set event is queued");
  });
}

// Its outcome is there before callbacks are called and others skipped.
TEST(skipping, of_who_waits_for_the_task_that_has_failed) {
  model::explore(of_runtime(), [] {
    runtime_model at(1, 0);
    tg::group_options options = at.limited(1);
    options.on_failure = tg::failure_policy::set_event;
    tg::group group("fails", options);
    auto failing = group.submit([] { throw 1; });
    const tg::event_callback waits(group, [&] { static_cast<void>(failing.kind()); });
    group.add_task(waits_when_skipped([&] { static_cast<void>(failing.kind()); }));
    const tg::join_report report = group.join();
    model::check(report.failed == 1 && report.skipped == 1, "a task is lost");
  });
}

// By the deadline: the timer's thread does not drop what is the user's, and another one of the library's does.
TEST(skipping, at_the_deadline_needs_no_worker) {
  model::explore(of_runtime({}, 3'000, with_time), [] {
    runtime_model at(1, 0);
    const busy_worker busy(at);
    tg::group_options options = at.limited(0);
    options.deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    tg::group group("late", options);
    auto queued = group.submit([] {});
    model::check(queued.kind() == tg::outcome_kind::skipped, "a task of a set event is not skipped");
  });
}

// A task that is not gone before it is told so.
struct waits_at_its_end {
  const flag* told;
  explicit waits_at_its_end(const flag& by) : told(&by) {}
  waits_at_its_end(waits_at_its_end&& other) noexcept : told(std::exchange(other.told, nullptr)) {}
  ~waits_at_its_end() {
    if (told != nullptr) told->await();
  }
  void operator()() const {}
};

// Somebody may skip a task that is added while the event is re-armed: then it is not. Also another one's, who is long at it.
TEST(skipping, of_what_is_queued_at_a_reset_is_not_for_the_event_before) {
  model::explore(of_runtime({"re-armed with a task that is queued", "refused"}, 12'000), [] {
    runtime_model at(1, 0);
    tg::group group("again", at.limited(0));
    group.set_event();
    flag submitted, checked;
    bool rearmed = false, was_queued = false;
    model::thread resetter([&] {
      rearmed = group.reset_event();
      was_queued = submitted.given();
      checked.give();
    });
    model::thread other([&] { group.add_task([] {}); });
    auto result = group.submit(waits_at_its_end(checked));
    submitted.give();
    resetter.join();
    other.join();
    group.set_max_concurrent(1);
    if (!rearmed) return model::reached("refused");
    if (!was_queued) return;
    model::reached("re-armed with a task that is queued");
    model::check(result.kind() != tg::outcome_kind::skipped,
                 "re-armed with a task that is skipped afterwards");
  });
}

// Two producers come while one that is queued is being cleared, which makes room for one.
TEST(skipping, makes_no_more_room_than_it_takes_away) {
  model::explore(of_runtime({"cleared", "added"}), [] {
    runtime_model at(1, 0);
    tg::group_options options = at.limited(0);
    options.max_pending = 1;
    tg::group group("cleared", options);
    {
      const model::calm meanwhile;
      group.add_task([] {});
    }
    std::size_t cleared = 0;
    bool theirs = false;
    model::thread clearer([&] { cleared = group.clear_pending_tasks(); });
    model::thread producer([&] { theirs = group.try_add_task([] {}); });
    const bool mine = group.try_add_task([] {});
    producer.join();
    if (mine || theirs) model::reached("added");
    clearer.join();
    if (cleared != 0) model::reached("cleared");
    const std::size_t added = 1u + (mine ? 1u : 0u) + (theirs ? 1u : 0u);
    model::check(group.stats().pending == added - cleared, "a task is lost");
    model::check(group.stats().pending <= 1, "more than there is room for");
  });
}

}  // namespace
