// EXPECT: deleted
#include <threadgroup/threadgroup.h>

void misuse(const tg::event_callback<void (*)()>& callback) {
  const tg::event_callback<void (*)()> copy(callback);
}
