// EXPECT: ignoring return value
#include <threadgroup/threadgroup.h>

#include <chrono>

#pragma GCC diagnostic error "-Wunused-result"

void misuse([[maybe_unused]] tg::group& group) { group.join_until(std::chrono::steady_clock::now()); }
