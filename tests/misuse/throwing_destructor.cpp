// EXPECT: destructor must not throw
#include <threadgroup/threadgroup.h>

struct explosive {
  ~explosive() noexcept(false) {}
  void operator()() const {}
};

void misuse(tg::group& group) { group.add_task(explosive{}); }
