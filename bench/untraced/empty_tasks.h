// The work of the contest about tracing, for the library and for the build of it that cannot record, where `tg` is another
// namespace. Hence each source that includes this has a copy of its own.
#pragma once

#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace bench {
namespace {

double ns_per_task(std::size_t count, std::uint32_t limit) {
  constexpr std::size_t warm_up = 2000;
  tg::group group({}, {.max_concurrent = limit});
  for (std::size_t i = 0; i < warm_up; ++i) group.add_task([] {});
  static_cast<void>(group.join());
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < count; ++i) group.add_task([] {});
  const tg::join_report report = group.join();
  const auto spent = static_cast<double>(now_ns() - start);
  if (report.succeeded != count) throw std::logic_error("threadgroup lost a task");
  return spent / static_cast<double>(count);
}

}  // namespace
}  // namespace bench
