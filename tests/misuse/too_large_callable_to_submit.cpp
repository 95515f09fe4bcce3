// EXPECT: tg::boxed(f)
#include <threadgroup/threadgroup.h>

#include <array>

int misuse(tg::group& group) {
  const std::array<int, tg::inline_task_capacity> large{};
  return group.submit([large] { return large[0]; }).get();
}
