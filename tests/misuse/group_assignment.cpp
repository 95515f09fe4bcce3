// EXPECT: deleted
#include <threadgroup/threadgroup.h>

void misuse(tg::group& to, const tg::group& from) { to = from; }
