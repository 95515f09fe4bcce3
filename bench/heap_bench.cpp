// Heap calls on the ways of the other questions, once warm: how many in a whole run. One is too many.
#include "bench/support/contest.h"
#include "bench/support/futex.h"
#include "bench/support/heap_counter.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <array>
#include <optional>
#include <stdexcept>

namespace bench {
namespace {

using namespace std::chrono_literals;

void check() {
  tg::group group;
  group.add_task([view = group.event()] {
    for (int i = 0; i < 1000; ++i) keep(view.is_set() || tg::this_task::event_set());
  });
  static_cast<void>(group.join());
}

void tasks(std::uint32_t limit) {
  tg::group group({}, {.max_concurrent = limit});
  for (int i = 0; i < 5000; ++i) group.add_task([] {});
  static_cast<void>(group.join());
}

void submitted() {
  tg::group group;
  int sum = 0;
  for (int i = 0; i < 1000; ++i) sum += group.submit([](int value) { return value; }, i).get();
  keep(sum);
  static_cast<void>(group.join());
}

void nested() {
  tg::group outer;
  for (int i = 0; i < 500; ++i) {
    outer.add_task([] {
      tg::group inner;
      for (int k = 0; k < 10; ++k) inner.add_task([] {});
      static_cast<void>(inner.join());
    });
  }
  static_cast<void>(outer.join());
}

void short_group() {
  for (int i = 0; i < 1000; ++i) {
    tg::group group;
    group.add_task([] {});
    static_cast<void>(group.join());
  }
}

void set_event() {
  tg::group parent;
  std::array<std::optional<tg::group>, 1000> children;
  for (auto& child : children) child.emplace(parent, "child");
  parent.set_event();
}

void wake() {
  tg::group group("sleepers");
  for (int i = 0; i < 10; ++i) group.add_task([] { tg::this_task::event_aware_sleep(1h); });
  await("all sleepers to run", [&] { return group.stats().running == 10; });
  group.set_event();
  static_cast<void>(group.join());
}

// Workers that linger, and workers that have given their threads back.
void cold_start() {
  tg::group group;
  gate started;
  for (std::uint32_t round = 1; round <= 10; ++round) {
    sleep_for_ns(round % 2 == 0 ? 1'000'000 : 40'000'000);
    group.add_task([&started, round] { started.open(round, 1); });
    started.wait(round);
  }
  static_cast<void>(group.join());
}

void condition() {
  tg::group group;
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> done{false};
    group.add_task([&done] { done.store(true); });
    static_cast<void>(group.wait_for_condition([&done] { return done.load(); }, 1min, 1min));
    static_cast<void>(group.join());
    if (!group.reset_event()) throw std::logic_error("threadgroup: the event cannot be reset");
  }
}

// Warm: the pools are sized, and this work has been done here before.
template <class Work>
outcome calls_in(Work&& work) {
  require_sight();
  for (int i = 0; i < 3; ++i) work();
  const heap_watch watch;
  work();
  return {static_cast<double>(watch.calls())};
}

template <class Work>
contest counting(const char* name, Work work) {
  return {"P9",
          std::string("heap/") + name,
          "heap calls",
          {{ours, [work] { return calls_in(work); }}},
          {{{}, 0}}};
}

std::vector<contest> contests(const scale&) {
  return {counting("check", &check),
          counting("task_limit_1", [] { tasks(1); }),
          counting("task_limit_2", [] { tasks(2); }),
          counting("task_limit_32", [] { tasks(32); }),
          counting("task_no_limit", [] { tasks(tg::group::max_limit); }),
          counting("submit", &submitted),
          counting("nested", &nested),
          counting("short_group", &short_group),
          counting("set_event", &set_event),
          counting("wake", &wake),
          counting("cold_start", &cold_start),
          counting("condition", &condition)};
}

const entry heap_entry(&contests);

}  // namespace
}  // namespace bench
