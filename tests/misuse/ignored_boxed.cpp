// EXPECT: ignoring return value
#include <threadgroup/threadgroup.h>

#pragma GCC diagnostic error "-Wunused-result"

void misuse([[maybe_unused]] tg::group& group) {
  tg::boxed([] {});
}
