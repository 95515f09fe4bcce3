// EXPECT: deleted
#include <threadgroup/threadgroup.h>

void misuse(const tg::group& group) { const tg::group copy(group); }
