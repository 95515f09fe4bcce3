#include "tools/tgtrace/model.h"

namespace tgtrace {

const char* name_of(cause why) noexcept {
  switch (why) {
    case cause::none:
      return "none";
    case cause::requested:
      return "requested";
    case cause::condition_met:
      return "condition_met";
    case cause::failure:
      return "failure";
    case cause::deadline:
      return "deadline";
    case cause::abandoned:
      return "abandoned";
    case cause::shutdown:
      return "shutdown";
    case cause::cleared:
      return "cleared";
  }
  return "unknown cause";
}

const char* name_of(ending how) noexcept {
  switch (how) {
    case ending::open:
      return "open";
    case ending::value:
      return "value";
    case ending::exception:
      return "exception";
    case ending::skipped:
      return "skipped";
  }
  return "unknown ending";
}

const char* name_of(waiting_for what) noexcept {
  switch (what) {
    case waiting_for::sleep:
      return "sleep";
    case waiting_for::join:
      return "join";
    case waiting_for::condition:
      return "wait_for_condition";
    case waiting_for::room:
      return "add_task on a full queue";
    case waiting_for::future:
      return "future";
    case waiting_for::blocking:
      return "blocking";
  }
  return "unknown wait";
}

}  // namespace tgtrace
