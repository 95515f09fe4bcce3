#include "tests/fuzz/choose.h"

#include <iterator>
#include <set>
#include <vector>

namespace tg_fuzz {
namespace {

constexpr std::size_t max_callbacks = 16;
constexpr std::size_t max_tokens = 16;
constexpr std::uint32_t live_limits[] = {0, 1, 2, 3, 32, 1, 4'000'000'000, 2};
constexpr length lengths[] = {length::zero, length::long_time, length::negative, length::long_time};

using chosen = std::optional<operation>;

// While more tasks run than a lowered limit allows, the contract does not say whether they count against max_pending.
bool is_room_uncertain(const group_model& of) {
  if (of.plan.max_pending == tg::unlimited || of.running.size() <= of.limit) return false;
  return of.queue.size() < of.plan.max_pending &&
         of.running.size() + of.queue.size() >= of.limit + of.plan.max_pending;
}

class chooser {
 public:
  chooser(const reference& now, const raw_step& raw, bool on_small)
      : now_(now), raw_(raw), on_small_(on_small) {}

  chosen operator()();

 private:
  const group_model& group(int number) const { return now_.groups()[static_cast<std::size_t>(number)]; }
  const task_model& task(int number) const { return now_.tasks()[static_cast<std::size_t>(number)]; }

  std::vector<int> idle_actors(bool only_tasks) const;
  bool pick_actor();
  bool pick_group();
  bool pick_future();
  // While a group is being destroyed only its own tasks may call it.
  bool may_call(int number) const;
  template <class Verb>
  bool somebody_waits(int number, Verb is_meant) const;
  bool has_waiters(int number) const;
  bool has_producer(int number) const;
  bool has_callbacks(int number) const;
  std::set<int> holders(const operation& of) const;
  bool waits_for_itself() const;
  bool leads_to(const operation& from, int goal, std::set<int>& seen) const;

  chosen on_event();
  chosen on_group();
  chosen on_others();
  chosen made_group();
  chosen added_task();
  chosen ended_task();
  chosen joined();
  chosen waited_condition();
  chosen satisfied();
  chosen slept();
  chosen used_future();
  chosen destroyed();
  chosen if_legal(bool legal) const { return legal ? chosen(op_) : std::nullopt; }

  const reference& now_;
  const raw_step& raw_;
  const bool on_small_;
  operation op_;
};

template <class T>
bool take(const std::vector<T>& from, unsigned number, T& out) {
  if (from.empty()) return false;
  out = from[number % from.size()];
  return true;
}

std::vector<int> chooser::idle_actors(bool only_tasks) const {
  std::vector<int> found;
  for (int actor = only_tasks ? thread_count : director + 1; actor < static_cast<int>(now_.actors().size());
       ++actor) {
    if (now_.actors()[static_cast<std::size_t>(actor)].now == activity::idle) found.push_back(actor);
  }
  return found;
}

bool chooser::pick_actor() { return take(idle_actors(raw_.what == verb::end_task), raw_.actor, op_.actor); }

bool chooser::may_call(int number) const {
  return group(number).alive && (!group(number).being_destroyed || now_.home_of(op_.actor) == number);
}

bool chooser::pick_group() {
  std::vector<int> found;
  for (int number = 0; number < static_cast<int>(now_.groups().size()); ++number) {
    if (may_call(number)) found.push_back(number);
  }
  return take(found, raw_.object, op_.group);
}

template <class Verb>
bool chooser::somebody_waits(int number, Verb is_meant) const {
  for (const actor_model& each : now_.actors()) {
    if (each.now == activity::busy && each.doing.group == number && is_meant(each.doing.what)) return true;
  }
  return false;
}

bool is_join(verb what) { return what == verb::join || what == verb::timed_join; }
bool adds(verb what) { return what == verb::add_task || what == verb::submit; }
bool uses_future(verb what) {
  return what == verb::future_ready || what == verb::future_wait || what == verb::future_kind ||
         what == verb::future_get || what == verb::future_drop;
}

// Two that wait for the same group may go on in either order.
bool chooser::has_waiters(int number) const {
  return somebody_waits(
      number, [](verb what) { return is_join(what) || adds(what) || what == verb::wait_condition; });
}

bool chooser::has_producer(int number) const { return somebody_waits(number, adds); }

bool chooser::has_callbacks(int number) const {
  for (const callback_model& each : now_.callbacks()) {
    if (each.group == number && each.exists) return true;
  }
  return false;
}

// The actors without which a wait cannot end.
std::set<int> chooser::holders(const operation& of) const {
  const auto running_in = [&](int number) {
    std::set<int> found;
    for (const int each : group(number).running) found.insert(actor_of_task(each));
    return found;
  };
  if (is_join(of.what) || of.what == verb::destroy_group) return running_in(of.group);
  if (!uses_future(of.what)) return {};
  if (task(of.task).at == phase::running) return {actor_of_task(of.task)};
  return task(of.task).at == phase::queued ? running_in(task(of.task).group) : std::set<int>{};
}

bool chooser::leads_to(const operation& from, int goal, std::set<int>& seen) const {
  for (const int each : holders(from)) {
    if (each == goal) return true;
    const actor_model& holder = now_.actors()[static_cast<std::size_t>(each)];
    if (seen.insert(each).second && holder.now == activity::busy && leads_to(holder.doing, goal, seen))
      return true;
  }
  return false;
}

bool chooser::waits_for_itself() const {
  std::set<int> seen;
  return leads_to(op_, op_.actor, seen);
}

chosen chooser::operator()() {
  op_.what = raw_.what;
  if (!pick_actor()) return std::nullopt;
  if (chosen found = on_event()) return found;
  if (chosen found = on_group()) return found;
  return on_others();
}

chosen chooser::on_event() {
  op_.cause = static_cast<tg::event_cause>(raw_.detail % 8);
  switch (raw_.what) {
    case verb::set_event:
      op_.way = raw_.detail / 8 % 3;
      if (op_.way == 1) op_.cause = tg::event_cause::requested;
      return if_legal(pick_group());
    case verb::set_siblings:
      return op_;
    case verb::set_all:
      return if_legal(!on_small_);
    case verb::reset_event:
    case verb::notify:
      return if_legal(pick_group());
    case verb::wait_condition:
      return waited_condition();
    case verb::satisfy:
      return satisfied();
    case verb::sleep:
      return slept();
    default:
      return std::nullopt;
  }
}

chosen chooser::on_group() {
  switch (raw_.what) {
    case verb::make_group:
      return made_group();
    case verb::add_task:
    case verb::try_add_task:
    case verb::submit:
      return added_task();
    case verb::end_task:
      return ended_task();
    case verb::set_limit:
      op_.limit = live_limits[raw_.detail % std::size(live_limits)];
      return if_legal(pick_group());
    case verb::clear:
      // A producer that waits gets room meanwhile; whether its task is cleared too is open.
      return if_legal(pick_group() && !has_producer(op_.group));
    case verb::close:
      return if_legal(pick_group());
    case verb::join:
    case verb::timed_join:
      return joined();
    case verb::destroy_group:
      return destroyed();
    default:
      return std::nullopt;
  }
}

chosen chooser::on_others() {
  switch (raw_.what) {
    case verb::make_callback:
      op_.made = static_cast<int>(now_.callbacks().size());
      return if_legal(now_.callbacks().size() < max_callbacks && pick_group() &&
                      !group(op_.group).being_destroyed);
    case verb::drop_callback: {
      std::vector<int> found;
      for (std::size_t each = 0; each < now_.callbacks().size(); ++each) {
        if (now_.callbacks()[each].exists) found.push_back(static_cast<int>(each));
      }
      return if_legal(take(found, raw_.object, op_.target));
    }
    case verb::take_token:
      op_.made = static_cast<int>(now_.tokens().size());
      return if_legal(now_.tokens().size() < max_tokens && pick_group());
    case verb::snapshot:
      // It shows the default runtime's groups.
      return if_legal(!on_small_);
    case verb::look_around:
      return op_;
    default:
      return if_legal(uses_future(raw_.what)) ? used_future() : std::nullopt;
  }
}

chosen chooser::made_group() {
  if (now_.groups().size() >= static_cast<std::size_t>(max_groups)) return std::nullopt;
  op_.plan = decode_plan(raw_.detail, raw_.more);
  op_.made = static_cast<int>(now_.groups().size());
  const bool wants_parent = op_.plan.how != birth::inherit && op_.plan.how != birth::detached;
  if (wants_parent && !pick_group()) op_.plan.how = birth::inherit;
  if (op_.plan.how == birth::inherit) op_.group = now_.home_of(op_.actor);
  return op_;
}

chosen chooser::added_task() {
  if (now_.tasks().size() >= static_cast<std::size_t>(max_tasks) || !pick_group()) return std::nullopt;
  op_.made = static_cast<int>(now_.tasks().size());
  const group_model& to = group(op_.group);
  if (to.being_destroyed) return if_legal(raw_.what != verb::try_add_task && !to.closed_by_call);
  if (is_room_uncertain(to)) return std::nullopt;
  const bool waits = raw_.what != verb::try_add_task && !to.closed && !to.event.set &&
                     now_.is_full(op_.group) && !now_.is_inside(op_.actor, op_.group);
  return if_legal(!waits || !has_waiters(op_.group));
}

chosen chooser::ended_task() {
  op_.how = static_cast<ending>(raw_.detail % 3);
  op_.cause = static_cast<tg::event_cause>(raw_.detail / 3 % 8);
  const int home = now_.home_of(op_.actor);
  // The next task would start while the event is set.
  const bool is_certain = group(home).queue.empty() || group(home).plan.on_event == tg::pending_policy::run;
  for (int each = 0; each < static_cast<int>(now_.actors().size()); ++each) {
    const actor_model& other = now_.actors()[static_cast<std::size_t>(each)];
    const bool waits = other.now == activity::busy && other.doing.what == verb::wait_condition;
    if (!waits || other.doing.group != home || raw_.object % 2 == 0 || !is_certain) continue;
    op_.satisfies = true;
    op_.target = each;
  }
  return op_;
}

chosen chooser::joined() {
  if (!pick_group()) return std::nullopt;
  op_.span = lengths[raw_.detail % std::size(lengths)];
  if (now_.is_inside(op_.actor, op_.group)) return op_;
  if (has_producer(op_.group)) return std::nullopt;
  const bool polls = op_.what == verb::timed_join && op_.span != length::long_time;
  if (polls) return op_;
  const auto waits_otherwise = [](verb what) { return what == verb::wait_condition; };
  return if_legal(!somebody_waits(op_.group, waits_otherwise) && !waits_for_itself());
}

chosen chooser::waited_condition() {
  op_.look = static_cast<predicate>(raw_.detail % 3);
  op_.span = lengths[raw_.detail / 3 % std::size(lengths)];
  op_.way = raw_.more % 2;
  if (op_.way == 0) {
    if (!pick_group()) return std::nullopt;
    return if_legal(op_.look != predicate::does_not_hold || !has_waiters(op_.group));
  }
  op_.group = now_.home_of(op_.actor);
  // Outside any task nothing would end the wait.
  if (op_.group == none) op_.span = length::zero;
  if (op_.group == none || op_.look != predicate::does_not_hold) return op_;
  return if_legal(!has_waiters(op_.group));
}

chosen chooser::satisfied() {
  std::vector<int> found;
  for (int each = 0; each < static_cast<int>(now_.actors().size()); ++each) {
    const actor_model& other = now_.actors()[static_cast<std::size_t>(each)];
    const bool waits = other.now == activity::busy && other.doing.what == verb::wait_condition;
    if (waits && may_call(other.doing.group)) found.push_back(each);
  }
  if (!take(found, raw_.object, op_.target)) return std::nullopt;
  op_.group = now_.actors()[static_cast<std::size_t>(op_.target)].doing.group;
  op_.way = now_.home_of(op_.actor) == op_.group ? raw_.detail % 2 : 0u;
  return op_;
}

chosen chooser::slept() {
  op_.span = lengths[raw_.detail % std::size(lengths)];
  op_.way = raw_.detail / 4 % 4;
  if (op_.way >= 2) return if_legal(pick_group());
  op_.group = now_.home_of(op_.actor);
  if (op_.group == none && op_.span == length::long_time) op_.span = length::zero;
  return op_;
}

chosen chooser::used_future() {
  std::vector<int> found;
  for (int each = 0; each < static_cast<int>(now_.tasks().size()); ++each) {
    const bool is_in_use = [&] {
      for (const actor_model& other : now_.actors()) {
        if (other.now == activity::busy && uses_future(other.doing.what) && other.doing.task == each)
          return true;
      }
      return false;
    }();
    if (task(each).has_future && !is_in_use) found.push_back(each);
  }
  if (!take(found, raw_.object, op_.task)) return std::nullopt;
  op_.span = lengths[raw_.detail % std::size(lengths)];
  const task_model& of = task(op_.task);
  // The counts of a group that is being destroyed cannot be asked for, so nobody knows when its futures are ready.
  if (group(of.group).being_destroyed && group(of.group).alive && of.at == phase::ended) return std::nullopt;
  if (raw_.what == verb::future_drop || raw_.what == verb::future_ready) return op_;
  const bool throws =
      of.at == phase::queued && now_.home_of(op_.actor) == of.group && group(of.group).limit == 1;
  const bool polls = raw_.what == verb::future_wait && op_.span != length::long_time;
  return if_legal(throws || polls || !waits_for_itself());
}

chosen chooser::destroyed() {
  if (!pick_group()) return std::nullopt;
  if (group(op_.group).being_destroyed || has_callbacks(op_.group)) return std::nullopt;
  if (now_.is_inside(op_.actor, op_.group)) return std::nullopt;
  for (int each = 0; each < static_cast<int>(now_.actors().size()); ++each) {
    const actor_model& other = now_.actors()[static_cast<std::size_t>(each)];
    const bool calls = other.now == activity::busy && other.doing.group == op_.group;
    if (calls && now_.home_of(each) != op_.group) return std::nullopt;
  }
  return if_legal(!waits_for_itself());
}

}  // namespace

chosen choose(const reference& now, const raw_step& raw, bool on_small_runtime) {
  return chooser(now, raw, on_small_runtime)();
}

}  // namespace tg_fuzz
