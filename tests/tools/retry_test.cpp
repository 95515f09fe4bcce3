// verify_users tries again what may pass, and stops trying when the event is set.
#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <cerrno>
#include <chrono>

#include "tools/verify_users/retry.h"

namespace {

using namespace std::chrono_literals;
using verify_users::check_result;
using verify_users::retry_policy;
using verify_users::verdict;
using verify_users::with_retries;

constexpr check_result busy{verdict::undecided, "home", EBUSY};
constexpr check_result good{verdict::valid, "", 0};

TEST(Retry, EndsWithTheFirstAnswer) {
  int calls = 0;
  const check_result result = with_retries([&] { return ++calls < 3 ? busy : good; }, retry_policy{5, 1ms});
  EXPECT_EQ(result.what, verdict::valid);
  EXPECT_EQ(calls, 3);
}

TEST(Retry, DoesNotRepeatAnAnswer) {
  int calls = 0;
  const check_result missing{verdict::invalid, "shell", ENOENT};
  const auto attempt = [&] {
    ++calls;
    return missing;
  };
  EXPECT_EQ(with_retries(attempt, retry_policy{5, 1ms}).error, ENOENT);
  EXPECT_EQ(calls, 1);
}

TEST(Retry, GivesUpAfterTheLastAttempt) {
  int calls = 0;
  const auto attempt = [&] {
    ++calls;
    return busy;
  };
  const check_result result = with_retries(attempt, retry_policy{4, 1ms});
  EXPECT_EQ(result.what, verdict::undecided);
  EXPECT_EQ(result.error, EBUSY);
  EXPECT_EQ(calls, 4);
}

TEST(Retry, TheEventEndsAPause) {
  int calls = 0;
  tg::group group("retry");
  auto result = group.submit([&] {
    const auto attempt = [&] {
      ++calls;
      group.set_event();
      return busy;
    };
    return with_retries(attempt, retry_policy{5, 1h});
  });
  ASSERT_TRUE(result.wait_for(30s));
  EXPECT_EQ(result.get().what, verdict::stopped);
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(group.join_for(30s).complete);
}

TEST(Retry, DoesNotBeginUnderASetEvent) {
  tg::group group("retry", {.on_event = tg::pending_policy::run});
  group.set_event();
  int calls = 0;
  const auto attempt = [&] {
    ++calls;
    return good;
  };
  auto result = group.submit([&] { return with_retries(attempt, retry_policy{5, 1ms}); });
  ASSERT_TRUE(result.wait_for(30s));
  EXPECT_EQ(result.get().what, verdict::stopped);
  EXPECT_EQ(calls, 0);
}

}  // namespace
