// tg::group: options checked, then the stages of flow/.
#include "core/flow/stages.h"
#include "core/group/callbacks.h"
#include "core/group/stop_tokens.h"
#include "core/task/this_thread.h"

#include <threadgroup/error.h>
#include <threadgroup/group.h>
#include <threadgroup/runtime.h>

#include <string>

namespace tg {
namespace {

using detail::engine;
using detail::slot;

[[noreturn]] void reject(const char* field, const std::string& value, const std::string& why) {
  throw bad_options(std::string("threadgroup: group_options::") + field + " = " + value + ": " + why);
}

template <class Enum>
void check_enum(const char* field, Enum value, Enum last) {
  const auto number = static_cast<long long>(value);
  if (number < 0 || number > static_cast<long long>(last))
    reject(field, std::to_string(number), "no such policy");
}

void check(const group_options& options) {
  check_enum("parent", options.parent, parent_policy::detached);
  check_enum("on_event", options.on_event, pending_policy::run);
  check_enum("on_failure", options.on_failure, failure_policy::set_event);
}

slot& make_under(slot& parent, engine* on, std::string_view name, const group_options& options) {
  if (on != nullptr && on != parent.owner)
    reject("on", "another runtime", "not that of the parent group '" + std::string(parent.name()) + "'");
  parent.owner->check_fork();
  return flow::make_group(*parent.owner, parent, name, options);
}

slot& make_root(engine& on, std::string_view name, const group_options& options) {
  on.check_fork();
  return flow::make_group(on, on.trees.root(), name, options);
}

}  // namespace

group::group(std::string_view name, const group_options& options) : slot_(nullptr) {
  check(options);
  engine* on = options.on == nullptr ? nullptr : options.on->engine_;
  slot* const here = task::self.current;
  if (options.parent == parent_policy::inherit && here != nullptr) {
    slot_ = &make_under(*here, on, name, options);
    return;
  }
  if (on == nullptr) on = runtime::instance().engine_;
  slot_ = &make_root(*on, name, options);
}

group::group(group& parent, std::string_view name, const group_options& options) : slot_(nullptr) {
  check(options);
  if (options.parent == parent_policy::detached) {
    reject("parent", "detached",
           "contradicts the parent group '" + std::string(parent.slot_->name()) + "' that is given");
  }
  slot_ = &make_under(*parent.slot_, options.on == nullptr ? nullptr : options.on->engine_, name, options);
}

group::~group() { flow::end_group(*slot_->owner, *slot_); }

join_report group::join() { return flow::join(*slot_->owner, *slot_); }

void group::notify() {
  slot_->owner->check_fork();
  flow::notify(*slot_);
}

bool group::set_event(event_cause cause) {
  slot_->owner->check_fork();
  return flow::set_event(*slot_->owner, *slot_, cause, flow::setter::thread);
}

bool group::set_event_from_signal(event_cause cause) noexcept {
  if (slot_->owner->forked()) return false;
  return flow::set_event(*slot_->owner, *slot_, cause, flow::setter::signal_handler);
}

bool group::reset_event() {
  slot_->owner->check_fork();
  return flow::reset_event(*slot_->owner, *slot_);
}

event_view group::event() const noexcept { return event_view(*slot_); }

event_state group::state() const noexcept { return flow::state_of(*slot_->owner, *slot_); }

std::stop_token group::stop_token() {
  slot_->owner->check_fork();
  return groups::stop_token_of(*slot_);
}

std::size_t group::clear_pending_tasks() {
  slot_->owner->check_fork();
  return flow::clear_pending(*slot_->owner, *slot_);
}

void group::set_max_concurrent(std::uint32_t limit) {
  slot_->owner->check_fork();
  flow::set_limit(*slot_->owner, *slot_, limit);
}

void group::close() {
  slot_->owner->check_fork();
  flow::close(*slot_);
}

bool group::closed() const noexcept { return flow::is_closed(*slot_); }
group_stats group::stats() const noexcept { return groups::stats_of(*slot_); }
std::uint64_t group::id() const noexcept { return event::forest::id_of(*slot_); }
std::string_view group::name() const noexcept { return slot_->name(); }

namespace detail {

condition wait_for_condition(slot& group, bool (*look)(void*), void* pred, deadline_ns until,
                             std::int64_t poll_ns) {
  return flow::wait_for_condition(group, look, pred, until, poll_ns);
}

join_report join_until(slot& group, deadline_ns until) {
  return flow::join_until(*group.owner, group, until);
}

callback_registration::callback_registration(group& of, void (*run)(void*), void* object) : cell_(nullptr) {
  of.slot_->owner->check_fork();
  cell_ = &groups::claim_cell(*of.slot_);
  groups::arm(*cell_, run, object);
}

callback_registration::~callback_registration() { groups::disarm(*cell_); }

}  // namespace detail
}  // namespace tg
