// Work that nobody waits for, beside the requests.
#pragma once

#include <threadgroup/group.h>

#include <atomic>
#include <cstdint>

namespace fanout {

// A fixed number of chains of short tasks, each adding its successor, until it is stopped.
class background_load {
 public:
  background_load(tg::group& top, std::uint32_t chains);

  // Sets the event of the group and waits; how many units were done.
  std::uint64_t stop();

 private:
  void work_on();

  std::atomic<std::uint64_t> units_{0};
  tg::group group_;
};

}  // namespace fanout
