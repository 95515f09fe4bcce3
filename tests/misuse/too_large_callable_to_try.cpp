// EXPECT: tg::boxed(f)
#include <threadgroup/threadgroup.h>

#include <array>

bool misuse(tg::group& group) {
  const std::array<char, tg::inline_task_capacity + 1> large{};
  return group.try_add_task([large] { static_cast<void>(large); });
}
