// EXPECT: the result of a submitted task must be movable
#include <threadgroup/threadgroup.h>

#include <atomic>

void misuse(tg::group& group) {
  group.submit([] { return std::atomic<int>(1); });
}
