// A plug-in that uses the library and is unloaded while a worker may still linger and the service thread sleeps.
#include <threadgroup/threadgroup.h>

#include <atomic>
#include <cstddef>

extern "C" [[gnu::visibility("default")]] std::size_t run_tasks(std::size_t count) {
  tg::group group("of a plug-in");
  std::atomic<std::size_t> ran{0};
  for (std::size_t i = 0; i < count; ++i) group.add_task([&ran] { ++ran; });
  static_cast<void>(group.join());
  return ran;
}
