// EXPECT: deleted
#include <threadgroup/threadgroup.h>

void misuse(const tg::future<int>& future) { const tg::future<int> copy(future); }
