// The timer alone: whoever arms a deadline that it will not see in time is told to call.
#include "core/deadline/timer.h"
#include "tests/model/checker/explore.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using tg::deadline::entry;
using tg::deadline::timer;

TEST(timer, no_deadline_is_slept_over) {
  model::explore({.schedules = 20'000, .within = {3, 3, 1}, .reaches = {"called", "taken in"}}, [] {
    timer all(4);
    timer::port first(all.inbox());
    timer::port second(all.inbox());
    static_cast<void>(all.arm(first, {10, 1, 1, 1}));
    const auto collect = [&](tg::detail::deadline_ns now) {
      return all.collect(
          now, [](const entry&) {}, [](const entry&) { return true; });
    };
    collect(5);
    tg::detail::deadline_ns next = 0;
    model::thread keeper([&] { next = collect(10); });
    const bool calls = all.arm(second, {20, 1, 2, 1});
    keeper.join();
    model::check(calls || next <= 20, "a deadline is slept over");
    model::reached(calls ? "called" : "taken in");
  });
}

}  // namespace
