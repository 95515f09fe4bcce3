#include "tests/fuzz/compare.h"

#include "tests/fuzz/answers.h"
#include "tests/fuzz/patience.h"

namespace tg_fuzz {
namespace {

bool can_be_asked(const group_model& of) { return of.alive && !of.being_destroyed; }

std::string stats_text(const tg::group_stats& of) {
  return say::load(of.running, of.pending) + " succeeded " + std::to_string(of.succeeded) + " failed " +
         std::to_string(of.failed) + " skipped " + std::to_string(of.skipped) + " limit " +
         std::to_string(of.limit);
}

std::string model_text(const group_model& of) {
  return stats_text(
      {of.running.size(), of.queue.size(), of.total.succeeded, of.total.failed, of.total.skipped, of.limit});
}

std::string unlike(const std::string& what, const std::string& is, const std::string& should) {
  return is == should ? "" : what + ": is " + is + ", should be " + should;
}

}  // namespace

void comparison::expect_same() {
  std::string found;
  const bool is_same = eventually([&] {
    board_.with_model([&](const reference& model) { found = difference(model); });
    return found.empty();
  });
  if (!is_same) board_.fail(found);
  found = board_.with_model([&](const reference& model) { return difference_of_epochs(model); });
  if (!found.empty()) board_.fail(found);
}

std::string comparison::difference(const reference& model) const {
  for (int number = 0; number < static_cast<int>(model.groups().size()); ++number) {
    const group_model& each = model.groups()[static_cast<std::size_t>(number)];
    if (each.alive && each.being_destroyed && !has_begun_to_end(number))
      return say::group_name(number) +
             " is being destroyed with tasks left, and is not closed or reads unset";
    if (!can_be_asked(each)) continue;
    if (std::string found = difference(number, each); !found.empty())
      return say::group_name(number) + ", " + found;
  }
  return difference_of_others(model);
}

// A user may not call it any more, for it may be gone at any moment. This one will not: tasks of it run on, until
// they are told to end. There is no other sign that the destructor has come so far.
bool comparison::has_begun_to_end(int number) const {
  return real_.group(number).closed() && real_.group(number).event().is_set();
}

std::string comparison::difference(int number, const group_model& model) const {
  const tg::group& real = real_.group(number);
  std::string found = unlike("stats", stats_text(real.stats()), model_text(model));
  const tg::event_state state = real.state();
  if (found.empty()) {
    found =
        unlike("event", say::state(state.set, state.cause), say::state(model.event.set, model.event.cause));
  }
  const int origin = model.event.origin;
  if (found.empty() && origin != event_model::any_origin) {
    const std::uint64_t id = origin == none ? 0 : real_.id_of(origin);
    found = unlike("origin", std::to_string(state.origin), std::to_string(id));
  }
  if (found.empty()) found = unlike("closed", say::yes_or_no(real.closed()), say::yes_or_no(model.closed));
  if (found.empty() && real.event().is_set() != model.event.set) found = "event() says otherwise";
  return found;
}

std::string comparison::difference_of_others(const reference& model) const {
  for (int number = 0; number < static_cast<int>(model.callbacks().size()); ++number) {
    const callback_model& each = model.callbacks()[static_cast<std::size_t>(number)];
    if (!each.exists) continue;
    const std::string found =
        unlike("callback " + std::to_string(number) + " calls", std::to_string(real_.callback_calls(number)),
               std::to_string(each.calls));
    if (!found.empty()) return found;
  }
  for (int number = 0; number < static_cast<int>(model.tokens().size()); ++number) {
    const bool should = model.tokens()[static_cast<std::size_t>(number)].stopped;
    const std::string found = unlike("token " + std::to_string(number) + " stopped",
                                     say::yes_or_no(real_.is_stopped(number)), say::yes_or_no(should));
    if (!found.empty()) return found;
  }
  return "";
}

// It changes with every re-arming, and with nothing but attempts at it.
std::string comparison::difference_of_epochs(const reference& model) {
  for (int number = 0; number < static_cast<int>(model.groups().size()); ++number) {
    const group_model& each = model.groups()[static_cast<std::size_t>(number)];
    if (!can_be_asked(each)) continue;
    epoch_seen& before = epochs_[static_cast<std::size_t>(number)];
    const std::uint64_t epoch = real_.group(number).state().epoch;
    const bool must = before.rearmed != each.event.rearmed;
    const bool may = before.reset_tries != each.event.reset_tries;
    const bool has = epoch != before.epoch;
    if (before.is_known && ((must && !has) || (has && !may)))
      return say::group_name(number) + ", epoch " + std::to_string(epoch) + " after " +
             std::to_string(before.epoch);
    before = {epoch, each.event.rearmed, each.event.reset_tries, true};
  }
  return "";
}

}  // namespace tg_fuzz
