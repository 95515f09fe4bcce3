#include "tests/soak/stage.h"

namespace soak {

group_ptr stage::make(std::string_view name, const tg::group_options& options) {
  const std::size_t at = random.below(shared_.line.size());
  ++counted.births;
  if (now.storm) return std::make_unique<tg::group>(name, options);
  return std::make_unique<tg::group>(*shared_.line[at], name, options);
}

group_ptr stage::make_under(tg::group& parent, std::string_view name, const tg::group_options& options) {
  ++counted.births;
  return std::make_unique<tg::group>(parent, name, options);
}

// How often the clock wins decides nothing: the same numbers are drawn.
tg::join_report stage::join(tg::group& group) {
  const std::size_t tries = random.below(3);
  const auto span = moment(500);
  const vigil::wait here("the join", group);
  for (std::size_t i = 0; i < tries; ++i) {
    tg::join_report report = group.join_for(span);
    if (report.complete) return report;
    ++counted.timeouts;
  }
  tg::join_report report = group.join();
  ++counted.wakes;
  return report;
}

void stage::reset(tg::group& group) {
  const vigil::wait here("the re-arming", group);
  while (!group.reset_event()) std::this_thread::yield();
  ++counted.resets;
}

}  // namespace soak
