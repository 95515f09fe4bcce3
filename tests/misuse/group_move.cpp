// EXPECT: deleted
#include <threadgroup/threadgroup.h>

#include <utility>

void misuse(tg::group& group) { const tg::group moved(std::move(group)); }
