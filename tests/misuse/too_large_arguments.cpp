// EXPECT: tg::boxed(f)
#include <threadgroup/threadgroup.h>

#include <array>

void misuse(tg::group& group) {
  const std::array<char, tg::inline_task_capacity + 1> large{};
  group.add_task([](const auto&) {}, large);
}
