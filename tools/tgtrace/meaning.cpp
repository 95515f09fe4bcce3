#include "tools/tgtrace/meaning.h"

#include "core/trace/format.h"

namespace tgtrace {

cause cause_of(std::uint64_t detail) noexcept {
  return detail <= static_cast<std::uint64_t>(cause::cleared) ? static_cast<cause>(detail) : cause::none;
}

waiting_for waiting_of(std::uint64_t detail) noexcept {
  switch (static_cast<tg::tracing::wait>(detail)) {
    case tg::tracing::wait::sleep:
      return waiting_for::sleep;
    case tg::tracing::wait::join:
      return waiting_for::join;
    case tg::tracing::wait::condition:
      return waiting_for::condition;
    case tg::tracing::wait::full_queue:
      return waiting_for::room;
    case tg::tracing::wait::future:
      return waiting_for::future;
    case tg::tracing::wait::blocking:
      break;
  }
  return waiting_for::blocking;
}

wait_end wait_end_of(unsigned detail) noexcept {
  switch (static_cast<tg::tracing::wait_end>(detail)) {
    case tg::tracing::wait_end::done:
      return wait_end::done;
    case tg::tracing::wait_end::event_set:
      return wait_end::event_set;
    case tg::tracing::wait_end::timed_out:
      return wait_end::timed_out;
    case tg::tracing::wait_end::other:
      break;
  }
  return wait_end::other;
}

}  // namespace tgtrace
