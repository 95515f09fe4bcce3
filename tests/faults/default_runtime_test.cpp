// No memory for the default runtime, in processes of their own: the call that needed it throws, and the next works.
#include "tests/faults/injection/memory.h"
#include "tests/faults/injection/threads.h"
#include "tests/support/fresh_process.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <new>
#include <sstream>
#include <thread>

namespace {

using namespace tg_test;

using without_memory_for_the_default_runtime = fresh_process;

bool works() {
  tg::group group("works");
  for (int i = 0; i < 10; ++i) group.add_task([] {});
  return group.join().succeeded == 10;
}

// call() with the n-th request and those after it failing, until a run in which none has failed; how many runs that took.
template <class Call>
std::size_t until_it_works(Call call) {
  for (std::size_t n = 1;; ++n) {
    const failing request(memory, n, whose::this_thread, for_good);
    try {
      call();
    } catch (const std::bad_alloc&) {
    }
    if (!request.has_struck()) return n;
  }
}

TEST_F(without_memory_for_the_default_runtime, its_first_use_throws_until_there_is_some) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const std::size_t runs = until_it_works([] { tg::runtime::instance(); });
    return holds(runs > 5, "some have failed") && works();
  });
}

TEST_F(without_memory_for_the_default_runtime, the_first_group_is_not_made_until_there_is_some) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    const std::size_t runs = until_it_works([] { tg::group group("first"); });
    return holds(runs > 5, "some have failed") && works();
  });
}

TEST_F(without_memory_for_the_default_runtime, configure_that_fails_has_not_been_called) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::runtime_options options;
    options.workers = 2;
    options.thread_name = "fifteen letters";
    options.cpus = {0};
    bool configured = false;
    const std::size_t runs = until_it_works([&] {
      if (configured) return;
      tg::runtime::configure(options);
      configured = true;
    });
    return holds(runs > 1, "one has failed") && holds(configured, "configured") &&
           holds(tg::runtime::instance().stats().workers == 2, "with the options") && works();
  });
}

TEST_F(without_memory_for_the_default_runtime, or_without_a_thread_for_it_its_first_use_throws) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    bool threw = false;
    {
      const failing call(thread_creation, 1, whose::this_thread, for_good);
      try {
        tg::group group("first");
      } catch (const tg::error&) {
        threw = true;
      }
    }
    return holds(threw, "an error without threads") && works();
  });
}

TEST(without_memory_for_a_snapshot, it_throws_and_the_next_is_whole) {
  tg::group parent("parent");
  tg::group child(parent, "child");
  const std::size_t whole = tg::snapshot().groups.size();
  std::size_t runs = until_it_works([] { static_cast<void>(tg::snapshot()); });
  EXPECT_GT(runs, 1u);
  runs = until_it_works([] {
    std::ostringstream out;
    tg::print_forest(out);
  });
  EXPECT_GT(runs, 1u);
  EXPECT_EQ(tg::snapshot().groups.size(), whole);
  EXPECT_TRUE(works());
}

}  // namespace
