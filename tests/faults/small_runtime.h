// A runtime with so little of everything that its pools grow at once, and what must be true of it at rest.
#pragma once

#include "tests/faults/injection/strike.h"
#include "tests/support/accounting.h"
#include "tests/support/stress.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <cstddef>
#include <optional>
#include <string>

namespace tg_test {

inline tg::runtime_options little_of_everything() {
  tg::runtime_options options;
  options.workers = 1;
  options.max_blocked = 2;
  options.task_records = 1;
  options.group_records = 1;
  options.linger = std::chrono::microseconds(100);
  return options;
}

class small_runtime {
 public:
  explicit small_runtime(const tg::runtime_options& options = little_of_everything()) : runtime_(options) {}
  // Groups have ended, futures have gone.
  ~small_runtime() {
    EXPECT_TRUE(eventually([&] { return runtime_.stats().task_records_in_use == 0; }))
        << runtime_.stats().task_records_in_use << " records are nobody's";
    EXPECT_EQ(runtime_.stats().group_records_in_use, 0u);
  }
  tg::runtime& operator*() { return runtime_; }
  tg::runtime* operator->() { return &runtime_; }
  tg::group_options with_limit(std::uint32_t limit) { return {.max_concurrent = limit, .on = &runtime_}; }

  // Tasks still run, and every one is accounted for.
  void expect_works() {
    tg::group group("works", with_limit(2));
    for (int i = 0; i < 100; ++i) group.add_task([] {});
    auto result = group.submit([] { return 7; });
    EXPECT_EQ(result.get(), 7);
    expect_joins(group, {.succeeded = 101});
    expect_accounted(group, 101);
  }

 private:
  tg::runtime runtime_;
};

// run(n), with the n-th call failing, for n = 1, 2, ... as long as it answers that a call has failed.
template <class Run>
void for_every_n(Run run) {
  constexpr std::size_t endless = 3000;
  std::size_t n = 1;
  while (n < endless && !testing::Test::HasFailure()) {
    SCOPED_TRACE("call " + std::to_string(n) + " fails");
    if (!run(n)) break;
    ++n;
  }
  EXPECT_LT(n, endless);
  print_reached("calls that failed, one in each run", n - 1);
  EXPECT_GT(n, 1u) << "no call has failed";
}

}  // namespace tg_test
