// The whole runtime in one schedule: workers, housekeeper, groups, joins.
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

namespace {

using namespace model_test;

TEST(runtime, a_task_is_run_and_joined) {
  model::explore({.schedules = 20'000, .within = {1, 1, 0}, .with = whole_runtime}, [] {
    tg::runtime runtime(small(1));
    int done = 0;
    {
      tg::group group("g", {.on = &runtime});
      group.add_task([&] { done = 1; });
      const tg::join_report report = group.join();
      model::check(report.succeeded == 1 && done == 1, "joined before its task was done");
    }
  });
}

}  // namespace
