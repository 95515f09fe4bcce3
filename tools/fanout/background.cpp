#include "background.h"

#include <chrono>

#include "work.h"

namespace fanout {
namespace {

constexpr std::chrono::microseconds unit_of_work(100);

}  // namespace

background_load::background_load(tg::group& top, std::uint32_t chains)
    : group_(top, "background", {.max_concurrent = chains}) {
  for (std::uint32_t i = 0; i < chains; ++i) group_.add_task([this] { work_on(); });
}

void background_load::work_on() {
  if (!work_for(unit_of_work)) return;
  units_.fetch_add(1, std::memory_order_relaxed);
  group_.add_task([this] { work_on(); });
}

std::uint64_t background_load::stop() {
  group_.set_event();
  static_cast<void>(group_.join());
  return units_.load();
}

}  // namespace fanout
