// Promise: while everything is recorded, the recorder calls no heap either. (trace.h)
#include "tests/support/counting_heap.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace {

using namespace tg_test;

bool work() {
  tg::group outer("outer", {.max_concurrent = 2});
  for (int i = 0; i < 100; ++i) outer.add_task([] {});
  tg::group inner(outer, "inner");
  inner.add_task([] { tg::this_task::event_aware_sleep(std::chrono::microseconds(50)); });
  inner.set_event();
  const bool all = inner.join().complete && outer.join().succeeded == 100;
  outer.set_event();
  return all;
}

// The ring of this thread has gone round once, and the table has been swept.
void warm_up() {
  tg::runtime::instance().prewarm();
  for (int i = 0; i < 2'000; ++i) work();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

TEST(traced_no_heap, records_of_tasks_groups_waits_and_events) {
  if (!TG_TEST_COUNTS_HEAP) GTEST_SKIP() << "a sanitizer has replaced the heap";
  ASSERT_TRUE(tg::trace::start({.records_per_thread = 1024}));
  warm_up();
  // A worker that is started, or leaves, takes memory of its own: then it is tried again.
  heap_counts counts;
  bool all = true;
  for (int attempt = 0; attempt < 20; ++attempt) {
    counting_heap::begin();
    for (int i = 0; i < 50; ++i) all = work() && all;
    counts = counting_heap::end();
    if (counts.taken() == 0) break;
  }
  tg::trace::stop();
  std::filesystem::remove(tg::trace::file());
  EXPECT_TRUE(all) << "the measured work did not succeed";
  EXPECT_EQ(counts.taken(), 0u) << counts;
}

}  // namespace
