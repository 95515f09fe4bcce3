// The recorder without memory, without room on its file system and without what it asks of the kernel: it stays off
// with a reason, or records what it can, and tasks go on.
#include "tests/faults/injection/files.h"
#include "tests/faults/injection/memory.h"
#include "tests/faults/injection/waits.h"
#include "tests/faults/small_runtime.h"

#include <gtest/gtest.h>
#include <threadgroup/trace.h>

#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>

namespace {

using namespace tg_test;

class recorder : public testing::Test {
 protected:
  recorder() {
    char pattern[] = "/tmp/tg_faults_XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  ~recorder() override {
    tg::trace::stop();
    std::filesystem::remove_all(folder_);
  }
  tg::trace::options here() const {
    tg::trace::options with;
    with.directory = folder_;
    with.records_per_thread = 1024;
    return with;
  }
  std::string copy(std::size_t n) const { return folder_ + "/copy-" + std::to_string(n) + ".tgtrace"; }

 private:
  std::string folder_;
};

void expect_works() {
  tg::group group("works");
  for (int i = 0; i < 100; ++i) group.add_task([] {});
  EXPECT_EQ(tally_of(group.join()), (tally{.succeeded = 100}));
}

TEST_F(recorder, without_memory_is_not_switched_on_and_the_next_time_it_is) {
  for_every_n([&](std::size_t n) {
    bool is_on = false, struck = false;
    {
      const failing call(memory, n, whose::this_thread, for_good);
      try {
        is_on = tg::trace::start(here());
      } catch (const std::bad_alloc&) {
      }
      struck = call.has_struck();
    }
    EXPECT_EQ(is_on, tg::trace::is_on());
    EXPECT_NE(is_on, struck);
    expect_works();
    return struck;
  });
  EXPECT_NE(tg::trace::file(), "");
}

TEST_F(recorder, without_memory_makes_no_copy_and_the_next_time_it_does) {
  ASSERT_TRUE(tg::trace::start(here()));
  expect_works();
  for_every_n([&](std::size_t n) {
    bool struck = false;
    {
      const failing call(memory, n, whose::this_thread);
      try {
        tg::trace::freeze(copy(n));
      } catch (const std::bad_alloc&) {
        EXPECT_FALSE(std::filesystem::exists(copy(n)));
      } catch (const tg::error&) {
        EXPECT_FALSE(std::filesystem::exists(copy(n)));
      }
      struck = call.has_struck();
    }
    expect_works();
    std::filesystem::remove(copy(n));
    EXPECT_EQ(tg::trace::freeze(copy(n)), copy(n));
    return struck;
  });
}

TEST_F(recorder, whose_file_cannot_grow_stays_off_or_loses_what_it_has_no_place_for) {
  testing::internal::CaptureStderr();
  for_every_n([&](std::size_t n) {
    bool struck = false;
    {
      const failing call(file_growth, n, whose::all);
      if (!tg::trace::is_on()) static_cast<void>(tg::trace::start(here()));
      expect_works();
      struck = call.has_struck();
    }
    expect_works();
    tg::trace::stop();
    return struck && n < 20;
  });
  testing::internal::GetCapturedStderr();
  EXPECT_TRUE(tg::trace::start(here()));
  expect_works();
}

// Several want their turn at once, and those that wait for it are woken for no reason.
class struck_recorder : public recorder, public testing::WithParamInterface<wake_fault> {};

TEST_P(struck_recorder, gives_each_its_turn) {
  ASSERT_TRUE(tg::trace::start(here()));
  expect_works();
  std::size_t count = 0;
  for (const std::size_t in_a_row : {1u, 2u, 7u}) {
    const struck_waits struck(GetParam(), in_a_row, struck_waits::of::all);
    on_threads(4, [&](std::size_t index) {
      for (std::size_t round = 0; round < 10; ++round) {
        const std::string to = copy((in_a_row * 4 + index) * 10 + round);
        EXPECT_EQ(tg::trace::freeze(to), to);
        EXPECT_TRUE(std::filesystem::exists(to));
        std::filesystem::remove(to);
      }
    });
    count += struck.struck();
  }
  print_reached("waits that were struck", count);
  expect_works();
}

INSTANTIATE_TEST_SUITE_P(faults, struck_recorder,
                         testing::Values(wake_fault::interrupted, wake_fault::spurious,
                                         wake_fault::word_moved, wake_fault::timed_out_early),
                         [](const auto& tested) { return name_of(tested.param); });

}  // namespace
