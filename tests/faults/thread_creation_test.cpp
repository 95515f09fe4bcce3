// A thread that cannot be created: of a runtime that is made, an error; later, fewer workers, a line on stderr, and
// another attempt.
#include "tests/faults/injection/threads.h"
#include "tests/faults/small_runtime.h"
#include "tests/support/hold.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

const std::string complaint = "cannot create a worker thread";

std::size_t count_of(const std::string& what, const std::string& in) {
  std::size_t count = 0;
  for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++count;
  return count;
}

TEST(thread_creation, that_fails_for_the_first_threads_of_a_runtime_leaves_one_that_works_or_none) {
  for_every_n([](std::size_t n) {
    std::optional<small_runtime> machinery;
    bool struck = false, threw = false;
    testing::internal::CaptureStderr();
    {
      const failing call(thread_creation, n, whose::this_thread);
      try {
        machinery.emplace();
      } catch (const tg::error& failure) {
        threw = true;
        EXPECT_NE(std::string(failure.what()).find("cannot create the service thread"), std::string::npos);
      }
      struck = call.has_struck();
    }
    EXPECT_EQ(count_of(complaint, testing::internal::GetCapturedStderr()), struck && !threw ? 1u : 0u);
    EXPECT_TRUE(struck || !threw);
    if (!machinery) machinery.emplace();
    machinery->expect_works();
    return struck;
  });
}

TEST(thread_creation, that_always_fails_for_a_runtime_is_an_error_and_the_next_runtime_works) {
  testing::internal::CaptureStderr();
  for (int i = 0; i < 20; ++i) {
    const failing call(thread_creation, 1, whose::this_thread, for_good);
    EXPECT_THROW(tg::runtime{little_of_everything()}, tg::error);
  }
  EXPECT_EQ(count_of(complaint, testing::internal::GetCapturedStderr()), 20u);
  small_runtime().expect_works();
}

// Tasks that block want a spare each; the service thread makes them.
class missing_spares : public testing::TestWithParam<std::size_t> {};

TEST_P(missing_spares, are_done_without_or_come_later) {
  constexpr std::size_t blocked = 6;
  for_every_n([](std::size_t n) {
    tg::runtime_options options = little_of_everything();
    options.max_blocked = blocked;
    small_runtime machinery(options);
    bool struck = false;
    testing::internal::CaptureStderr();
    {
      std::atomic<std::size_t> begun{0};
      tg::group sleepers("sleepers", machinery.with_limit(blocked));
      tg::group others("others", machinery.with_limit(1));
      {
        const failing call(thread_creation, n, whose::other_threads, GetParam());
        for (std::size_t i = 0; i < blocked; ++i) {
          sleepers.add_task([&begun] {
            ++begun;
            tg::this_task::event_aware_sleep(1h);
          });
        }
        others.add_task([] {});
        // Whoever cannot be served by a worker is served by its joiner.
        EXPECT_EQ(others.join().succeeded, 1u);
        EXPECT_TRUE(eventually([&] { return call.has_struck() || begun == blocked; }));
        struck = call.has_struck();
      }
      // Another attempt succeeds.
      EXPECT_TRUE(eventually([&] { return begun == blocked; }));
      sleepers.set_event();
      expect_joins(sleepers, {.succeeded = blocked});
      expect_accounted(sleepers, blocked);
    }
    machinery.expect_works();
    EXPECT_EQ(count_of(complaint, testing::internal::GetCapturedStderr()) != 0, struck);
    return struck;
  });
}

INSTANTIATE_TEST_SUITE_P(threads, missing_spares, testing::Values(std::size_t{1}, for_good),
                         [](const auto& tested) { return tested.param == 1 ? "once" : "for_good"; });

TEST(missing_threads, stop_nothing_that_needs_none) {
  small_runtime machinery;
  testing::internal::CaptureStderr();
  {
    const failing call(thread_creation, 1, whose::all, for_good);
    for (int i = 0; i < 20; ++i) machinery.expect_works();
  }
  testing::internal::GetCapturedStderr();
  machinery.expect_works();
}

}  // namespace
