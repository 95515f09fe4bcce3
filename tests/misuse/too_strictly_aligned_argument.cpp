// EXPECT: an argument is aligned more strictly
#include <threadgroup/threadgroup.h>

struct alignas(64) strict {
  int content;
};

void misuse(tg::group& group) {
  group.add_task([](const strict&) {}, strict{1});
}
