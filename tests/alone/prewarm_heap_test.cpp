// Promise: after prewarm() the first tasks of each worker call no heap, once the calling thread has added a task.
#include "tests/support/counting_heap.h"
#include "tests/support/sleeping.h"
#include "tests/support/workers_meet.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

TEST(prewarm, leaves_nothing_to_be_allocated_by_the_first_tasks_of_each_worker) {
  if (!TG_TEST_COUNTS_HEAP) GTEST_SKIP() << "a sanitizer has replaced the heap";
  constexpr std::size_t workers = 3;
  tg::runtime machinery({.workers = workers, .linger = 5s});
  machinery.prewarm();
  // oneTBB's own threads may still be on their way, and take memory as they arrive.
  EXPECT_TRUE(eventually([] { return all_others_sleep(); }));
  tg::group group("first", {.on = &machinery});
  group.add_task([] {});
  EXPECT_TRUE(group.join().complete);
  counting_heap::begin();
  const bool met = all_workers_meet(group, workers);
  const heap_counts counts = counting_heap::end();
  EXPECT_TRUE(met);
  EXPECT_EQ(counts.taken(), 0u) << counts;
}

}  // namespace
