// Groups come and go: a slot is one group's at a time, and its next tenant finds it as the last one left it.
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using namespace model_test;

TEST(group, tenants_follow_each_other_in_a_slot) {
  model::explore(of_runtime({"the same slot"}, 12'000), [] {
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
  model::explore(of_runtime({"the same slot", "another slot"}, 12'000), [] {
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
  model::explore(of_runtime({"run", "skipped"}, 12'000), [] {
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

}  // namespace
