// The last bound of every test: a test that hangs where it has no bound of its own, in a join without a
// time-out for instance, is ended by SIGALRM. Including this header arms it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

namespace tg_test {

class watchdog : public testing::EmptyTestEventListener {
  static constexpr unsigned limit_s = 300;

  void OnTestStart(const testing::TestInfo&) override { ::alarm(limit_s); }
  void OnTestEnd(const testing::TestInfo&) override { ::alarm(0); }
};

inline bool arm_watchdog() {
  testing::UnitTest::GetInstance()->listeners().Append(new watchdog);  // gtest owns it
  return true;
}

inline const bool watchdog_is_armed = arm_watchdog();

}  // namespace tg_test
