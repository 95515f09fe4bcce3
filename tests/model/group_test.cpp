// Groups come and go: a slot is one group's at a time, and its next tenant finds it as the last one left it.
#include "core/group/engine.h"
#include "core/task/this_thread.h"
#include "tests/model/checker/heap.h"
#include "tests/model/runtime_model.h"

#include <threadgroup/inspect.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace tg::detail {
void add_to_snapshot(engine& runtime, forest_snapshot& out);
}

namespace {

using namespace model_test;

TEST(group, tenants_follow_each_other_in_a_slot) {
  model::explore(of_runtime({"the same slot"}, 8'000), [] {
    runtime_model at;
    tg::group parent("parent", at.in());
    std::uint64_t others = 0;
    model::thread other([&] {
      tg::group child(parent, "one", {.max_concurrent = 1, .max_pending = 7});
      others = child.id() & 0xfffff;
    });
    std::uint64_t mine = 0;
    {
      tg::group child(parent, "two", {.max_concurrent = 2, .max_pending = 9});
      mine = child.id() & 0xfffff;
      model::check(child.stats().limit == 2, "another tenant's limit");
    }
    tg::group last(parent, "three", {.max_concurrent = 3});
    model::check(last.stats().limit == 3 && last.stats().succeeded == 0, "another tenant's figures");
    other.join();
    if (mine == others) model::reached("the same slot");
  });
}

// The worker that has run a task may leave the slot after the next tenant has come for it, or keep it from coming.
TEST(group, a_slot_is_not_given_on_under_its_worker) {
  model::explore(of_runtime({"the same slot", "another slot"}, 8'000), [] {
    runtime_model at;
    std::uint64_t places[2] = {};
    for (int round = 0; round < 2; ++round) {
      tg::group_options options = at.in();
      options.max_pending = static_cast<std::size_t>(3 + round);
      tg::group group("short", options);
      places[round] = group.id() & 0xfffff;
      int done = 0;
      group.add_task([&] { done = 1; });
      model::check(group.join().succeeded == 1 && done == 1, "joined before its task was done");
    }
    model::reached(places[0] == places[1] ? "the same slot" : "another slot");
  });
}

TEST(group, an_end_with_queued_tasks_skips_them) {
  model::explore(of_runtime({"run", "skipped"}, 8'000), [] {
    runtime_model at;
    base::atomic<std::uint32_t> ran{0};
    int total = 0;
    {
      tg::group group("abandoned", at.limited(1));
      for (int i = 0; i < 2; ++i) {
        group.add_task([&] {
          ++total;
          ran.fetch_add(1, base::relaxed);
        });
      }
    }
    const std::uint32_t seen = ran.load(base::relaxed);
    model::check(total == static_cast<int>(seen), "a task runs after the end of its group");
    model::reached(seen == 2 ? "run" : "skipped");
  });
}

// Of two tenants that follow each other in a slot, beside a picture of the forest.
TEST(group, a_picture_has_no_half_of_a_group) {
  model::explore(of_runtime({"the first", "the second", "neither"}, 12'000), [] {
    runtime_model at;
    tg::detail::engine* engine = nullptr;
    {
      const model::calm beginning;
      tg::group probe("probe", at.in());
      probe.submit([&] { engine = tg::task::self.current->owner; }).get();
    }
    const std::string first(40, 'a');
    const std::string second(24, 'b');
    const auto past = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(1));
    model::thread other([&] {
      {
        tg::group_options options = at.limited(1);
        options.deadline = past;
        const tg::group group(first, options);
      }
      const tg::group group(second, at.limited(2));
      if (group.event().is_set()) model::fail("a new tenant is set");
    });
    tg::forest_snapshot seen;
    tg::detail::add_to_snapshot(*engine, seen);
    for (const tg::group_info& one : seen.groups) {
      model::reached(one.name == first ? "the first" : "the second");
      model::check(one.name == first || one.name == second, "a name of two groups");
      const bool is_first = one.name == first;
      model::check(one.limit == (is_first ? 1u : 2u), "the other tenant's limit");
      model::check(is_first || !one.event.set, "the other tenant's event");
      model::check(one.deadline.has_value() == is_first, "the other tenant's deadline");
    }
    if (seen.groups.empty()) model::reached("neither");
    other.join();
  });
}

// The first of them ends beside the picture, which has all of it or nothing: what it reads of the next tells that the first
// has gone.
TEST(group, a_picture_has_all_of_who_ends_meanwhile) {
  model::plan plan = of_runtime({"the first", "the second", "neither"}, 5'000);
  plan.within = {2, 1, 0};
  model::explore(plan, [] {
    runtime_model at;
    tg::detail::engine* engine = nullptr;
    const std::string names[] = {std::string(40, 'a'), std::string(24, 'b')};
    std::optional<tg::group> first;
    {
      const model::calm beginning;
      {
        tg::group probe("probe", at.in());
        probe.submit([&] { engine = tg::task::self.current->owner; }).get();
      }
      tg::group_options options = at.limited(1);
      options.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(1));
      first.emplace(names[0], options);
      model::settle();
    }
    std::optional<tg::group> second;
    model::thread other([&] {
      {
        const model::calm meanwhile;
        first.reset();
      }
      second.emplace(names[1], at.limited(1));
    });
    tg::forest_snapshot seen;
    tg::detail::add_to_snapshot(*engine, seen);
    other.join();
    for (const tg::group_info& one : seen.groups) {
      const bool is_first = one.deadline.has_value();
      model::reached(is_first ? "the first" : "the second");
      model::check(one.name == names[is_first ? 0 : 1], "the other tenant's name");
      model::check(one.event.set == is_first, "the other tenant's event");
    }
    if (seen.groups.empty()) model::reached("neither");
  });
}

// A group whose tasks have not all ended is not re-armed: who reads it unset sees what they did.
TEST(group, who_reads_unset_sees_what_the_tasks_did) {
  model::explore(of_runtime({}, 4'000), [] {
    runtime_model at;
    tg::group_options options = at.in();
    options.on_event = tg::pending_policy::run;
    tg::group group("re-armed", options);
    {
      const model::calm beginning;
      group.set_event();
    }
    int data = 0;
    group.add_task([&] { data = 1; });
    model::thread resetter([&] {
      while (!group.reset_event()) model::spin();
    });
    while (group.event().is_set()) model::spin();
    model::check(data == 1, "re-armed beside a task");
    resetter.join();
  });
}

// A second callback is registered beside a set, which takes the hint of another one away, and a reset: the next set calls it.
TEST(group, a_callback_whose_hint_was_taken_by_an_earlier_set_is_called_by_the_next) {
  model::explore(of_runtime({"beside a set"}, 5'000), [] {
    runtime_model at;
    tg::group group("hints", at.in());
    base::atomic<std::uint32_t> calls{0};
    base::atomic<std::uint32_t> registered{0};
    const tg::event_callback first(group, [] {});
    model::thread setter([&] {
      const model::calm throughout;
      group.set_event();
      model::check(group.reset_event(), "nothing speaks against a reset");
      if (registered.load(base::relaxed) == 0) model::reached("beside a set");
    });
    const tg::event_callback second(group, [&] { calls.fetch_add(1, base::relaxed); });
    registered.store(1, base::relaxed);
    setter.join();
    const model::calm end;
    group.set_event();
    model::check(calls.load(base::relaxed) == 1, "a callback is missed or called twice");
  });
}

// Who has used a runtime may end when it does: what the thread had there goes once.
TEST(group, a_thread_ends_beside_its_runtime) {
  model::explore(of_runtime({}, 4'000, with_time), [] {
    std::optional<tg::runtime> runtime;
    {
      const model::calm beginning;
      runtime.emplace(runtime_model::few(1, 1));
      model::settle();
    }
    flag done;
    model::thread other([&] {
      { const tg::group last_use("last use", {.on = &*runtime}); }
      done.give();
    });
    done.await();
    runtime.reset();
    other.join();
  });
}

// It ends later, and has heard of the runtime's end from nobody: what it finds must be as the runtime has left it.
TEST(group, a_thread_ends_after_its_runtime) {
  model::explore(of_runtime({}, 500, with_time), [] {
    std::optional<tg::runtime> runtime;
    {
      const model::calm beginning;
      runtime.emplace(runtime_model::few(1, 1));
      model::settle();
    }
    flag done;
    base::atomic<std::uint32_t> gone{0};
    model::thread other([&] {
      { const tg::group last_use("last use", {.on = &*runtime}); }
      done.give();
      while (gone.load(base::relaxed) == 0) model::spin();
    });
    done.await();
    runtime.reset();
    gone.store(1, base::relaxed);
    other.join();
  });
}

// Both ends, in any order: nothing stays of what the threads had there.
TEST(group, nothing_stays_of_a_runtime_and_its_threads) {
  model::explore(of_runtime({}, 2'000, with_time), [] {
    const std::size_t before = model::heap::blocks_in_use();
    {
      const model::thread owner([] {
        std::optional<tg::runtime> runtime;
        {
          const model::calm beginning;
          runtime.emplace(runtime_model::few(1, 1));
          model::settle();
        }
        const model::thread other([&] { const tg::group last_use("last use", {.on = &*runtime}); });
        { const tg::group mine("mine", {.on = &*runtime}); }
      });
    }
    const std::size_t left = model::heap::blocks_in_use() - before;
    model::check(left == 1, "more is left on the heap than the gate that each runtime leaves there");
  });
}

}  // namespace
