// Promise: every error derives from tg::error, and that from std::runtime_error; names of causes and
// conditions are readable. (error.h)
#include "tests/support/watchdog.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <set>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace {

static_assert(std::is_base_of_v<std::runtime_error, tg::error>);
static_assert(std::is_base_of_v<tg::error, tg::group_closed>);
static_assert(std::is_base_of_v<tg::error, tg::would_deadlock>);
static_assert(std::is_base_of_v<tg::error, tg::group_error>);
static_assert(std::is_base_of_v<tg::error, tg::task_skipped>);
static_assert(std::is_base_of_v<tg::error, tg::forked_runtime>);
static_assert(std::is_base_of_v<tg::error, tg::bad_options>);
static_assert(!std::is_copy_constructible_v<tg::group> && !std::is_move_constructible_v<tg::group>);
static_assert(!std::is_copy_assignable_v<tg::group> && !std::is_move_assignable_v<tg::group>);
static_assert(std::is_same_v<tg::task_id, std::uint64_t>);

TEST(error, of_a_skipped_task_keeps_its_cause) {
  for (const auto cause : {tg::event_cause::requested, tg::event_cause::condition_met,
                           tg::event_cause::failure, tg::event_cause::deadline, tg::event_cause::abandoned,
                           tg::event_cause::shutdown, tg::event_cause::cleared}) {
    const tg::task_skipped skipped(cause);
    EXPECT_EQ(skipped.cause(), cause);
    EXPECT_NE(std::string_view(skipped.what()).find(tg::to_string(cause)), std::string_view::npos)
        << skipped.what();
  }
}

TEST(error, names_of_causes_and_conditions_differ) {
  std::set<std::string_view> causes;
  for (int i = 0; i <= static_cast<int>(tg::event_cause::cleared); ++i) {
    causes.insert(tg::to_string(static_cast<tg::event_cause>(i)));
  }
  EXPECT_EQ(causes.size(), 8u);
  EXPECT_FALSE(causes.contains(""));
  std::set<std::string_view> conditions;
  for (const auto how :
       {tg::condition::met, tg::condition::drained, tg::condition::event_set, tg::condition::timed_out}) {
    conditions.insert(tg::to_string(how));
  }
  EXPECT_EQ(conditions.size(), 4u);
  EXPECT_FALSE(conditions.contains(""));
}

}  // namespace
