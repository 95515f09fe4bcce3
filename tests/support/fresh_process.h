// Code that needs a process of its own: nothing of the library has been used in it, and its end is seen from
// outside. Every child ends by itself, by SIGALRM at the latest.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace tg_test {

inline constexpr unsigned child_limit_s = 60;

// To be called first in a child: it cannot outlive its limit.
inline void bound_this_process() { ::alarm(child_limit_s); }

// The body of a child: 0 if `body()` was true, 1 if it was false, 2 if it threw. Static destructors do not
// run.
template <class Body>
[[noreturn]] void run_and_exit(Body body) {
  bound_this_process();
  int code = 2;
  try {
    code = body() ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "threw: %s\n", failure.what());
  }
  std::fflush(nullptr);
  std::_Exit(code);
}

// Tells a child's parent what did not hold.
inline bool holds(bool condition, const char* what) {
  if (!condition) std::fprintf(stderr, "does not hold: %s\n", what);
  return condition;
}

// Death tests run in a new process that executes the test program again, not in a fork of this one.
class fresh_process : public testing::Test {
 protected:
  fresh_process() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

// The exit code of a forked child that runs `body`, which tells whether all is well; -1 if a signal ended it.
template <class Body>
int exit_code_of_fork(Body body) {
  const pid_t child = ::fork();
  if (child == 0) run_and_exit(body);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace tg_test

// The argument is a callable that returns whether all is well; it runs in a fresh process.
#define TG_EXPECT_IN_FRESH_PROCESS(...) \
  EXPECT_EXIT(tg_test::run_and_exit(__VA_ARGS__), testing::ExitedWithCode(0), "")

// `statement` ends its process by std::terminate with `message` on stderr.
#define TG_EXPECT_TERMINATES(statement, message) \
  EXPECT_EXIT(tg_test::bound_this_process(); statement, testing::KilledBySignal(SIGABRT), message)
