// EXPECT: tg::inline_result_capacity
#include <threadgroup/threadgroup.h>

#include <array>

void misuse(tg::group& group) {
  group.submit([] { return std::array<char, tg::inline_result_capacity + 1>{}; }).get();
}
