// EXPECT: tg::boxed(f)
#include <threadgroup/threadgroup.h>

struct alignas(64) strict {
  void operator()() const {}
};

void misuse(tg::group& group) { group.add_task(strict{}); }
