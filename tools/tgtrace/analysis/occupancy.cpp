#include "tools/tgtrace/analysis/occupancy.h"

#include <algorithm>

namespace tgtrace {
namespace {

// A worker takes its next task much sooner; after a longer break it has been elsewhere.
constexpr time_ns longest_break_ns = 20'000;

// In the order in which steps of the same moment are taken.
enum class step_kind : std::uint8_t { limit, wait_end, end, add, start, wait_begin };

struct step {
  time_ns at;
  step_kind kind;
  index what;  // task, wait or limit change
};

// Until when the task counts as running: to the beginning of the next one, if its thread stays in the group.
std::vector<time_ns> held_until(const model& m, const lookups& in) {
  std::vector<time_ns> until(m.tasks.size());
  for (std::size_t i = 0; i < until.size(); ++i) until[i] = m.tasks[i].ended;
  for (index t = 0; t < m.threads.size(); ++t) {
    const auto ran = in.started_on_thread.of(t);
    for (std::size_t i = 1; i < ran.size(); ++i) {
      const task& before = m.tasks[ran[i - 1]];
      const task& next = m.tasks[ran[i]];
      const bool stays = before.group == next.group && before.within == next.within &&
                         is_known(before.ended) && next.started >= before.ended &&
                         next.started - before.ended <= longest_break_ns;
      if (stays) until[ran[i - 1]] = next.started;
    }
  }
  return until;
}

std::vector<step> steps_of(const model& m, const lookups& in) {
  std::vector<step> steps;
  steps.reserve(3 * m.tasks.size() + 2 * m.waits.size() + m.limits.size());
  const auto note = [&steps](time_ns at, step_kind kind, std::size_t what) {
    if (is_known(at)) steps.push_back({at, kind, static_cast<index>(what)});
  };
  const std::vector<time_ns> until = held_until(m, in);
  for (std::size_t i = 0; i < m.tasks.size(); ++i) {
    const task& one = m.tasks[i];
    const bool is_lost = one.incomplete && !is_known(one.started) && !is_known(one.ended);
    if (is_lost) continue;
    note(one.added, step_kind::add, i);
    note(one.started, step_kind::start, i);
    if (is_known(one.started) || is_known(one.added)) note(until[i], step_kind::end, i);
  }
  for (std::size_t i = 0; i < m.waits.size(); ++i) {
    if (m.waits[i].task == nothing) continue;
    note(m.waits[i].began, step_kind::wait_begin, i);
    note(m.waits[i].ended, step_kind::wait_end, i);
  }
  for (std::size_t i = 0; i < m.limits.size(); ++i) note(m.limits[i].at, step_kind::limit, i);
  std::stable_sort(steps.begin(), steps.end(),
                   [](const step& a, const step& b) { return a.at != b.at ? a.at < b.at : a.kind < b.kind; });
  return steps;
}

struct group_state {
  std::int64_t running = 0;
  std::int64_t queued = 0;
  std::int64_t limit = 0;
  time_ns last = 0;
  recorded_condition full;
  recorded_condition held_up;
};

class walk {
 public:
  explicit walk(const model& m) : m_(m), groups_(m.groups.size()), doing_(m.threads.size()) {
    for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i].limit = m.groups[i].limit;
    result_.groups.resize(groups_.size());
  }

  void take(const step& one) {
    switch (one.kind) {
      case step_kind::limit:
        return change_limit(m_.limits[one.what], one.at);
      case step_kind::add:
        return count(m_.tasks[one.what].group, 0, 1, one.at);
      case step_kind::start:
        return begin_task(m_.tasks[one.what], one.at);
      case step_kind::end:
        return end_task(m_.tasks[one.what], one.at);
      case step_kind::wait_begin:
        return begin(m_.waits[one.what].thread, doing::wait, one.at);
      case step_kind::wait_end:
        return end(m_.waits[one.what].thread, one.at);
    }
  }

  occupancy finish() {
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      settle(static_cast<index>(i), m_.length);
      result_.groups[i].full = groups_[i].full.finish(m_.length);
      result_.groups[i].held_up = groups_[i].held_up.finish(m_.length);
    }
    result_.no_worker = no_worker_.finish(m_.length);
    result_.at_cap = at_cap_.finish(m_.length);
    result_.wasted = wasted_.finish(m_.length);
    return std::move(result_);
  }

 private:
  enum class doing : std::uint8_t { task, wait };

  void begin_task(const task& one, time_ns at) {
    count(one.group, 1, is_known(one.added) ? -1 : 0, at);
    begin(one.runner, doing::task, at);
  }

  void end_task(const task& one, time_ns at) {
    if (!is_known(one.started)) return count(one.group, 0, -1, at);
    count(one.group, -1, 0, at);
    end(one.runner, at);
  }

  void change_limit(const limit_change& change, time_ns at) {
    if (change.group == nothing) return;
    settle(change.group, at);
    groups_[change.group].limit = change.limit;
    count(change.group, 0, 0, at);
  }

  void settle(index group, time_ns at) {
    group_state& now = groups_[group];
    if (now.full.holds() && now.queued > 0) result_.groups[group].queued_while_full += at - now.last;
    now.last = at;
  }

  void count(index group, std::int64_t running, std::int64_t queued, time_ns at) {
    settle(group, at);
    group_state& now = groups_[group];
    const bool was_held_up = now.held_up.holds();
    now.running += running;
    now.queued += queued;
    now.full.becomes(now.running >= now.limit, at);
    now.held_up.becomes(now.queued > 0 && now.running < now.limit, at);
    held_up_ += static_cast<int>(now.held_up.holds()) - static_cast<int>(was_held_up);
    look(at);
  }

  void begin(index thread, doing what, time_ns at) {
    if (thread == nothing) return;
    discount(thread);
    doing_[thread].push_back(what);
    recount(thread, at);
  }

  void end(index thread, time_ns at) {
    if (thread == nothing || doing_[thread].empty()) return;
    discount(thread);
    doing_[thread].pop_back();
    recount(thread, at);
  }

  void discount(index thread) {
    if (!m_.threads[thread].is_worker || doing_[thread].empty()) return;
    --(doing_[thread].back() == doing::task ? active_ : blocked_);
  }

  void recount(index thread, time_ns at) {
    if (!m_.threads[thread].is_worker) return;
    if (!doing_[thread].empty()) ++(doing_[thread].back() == doing::task ? active_ : blocked_);
    result_.most_blocked = std::max(result_.most_blocked, blocked_);
    look(at);
  }

  // What holds from now on for the runtime as a whole.
  void look(time_ns at) {
    const bool cap = m_.max_blocked != 0 && blocked_ >= m_.max_blocked;
    const bool all_busy = m_.workers != 0 && active_ >= m_.workers;
    no_worker_.becomes(all_busy && !cap, at);
    at_cap_.becomes(cap, at);
    wasted_.becomes(m_.workers != 0 && !all_busy && !cap && held_up_ > 0, at);
  }

  const model& m_;
  std::vector<group_state> groups_;
  std::vector<std::vector<doing>> doing_;
  std::uint32_t active_ = 0;
  std::uint32_t blocked_ = 0;
  int held_up_ = 0;
  recorded_condition no_worker_;
  recorded_condition at_cap_;
  recorded_condition wasted_;
  occupancy result_;
};

}  // namespace

occupancy occupancy_of(const model& m, const lookups& in) {
  walk through(m);
  for (const step& one : steps_of(m, in)) through.take(one);
  return through.finish();
}

}  // namespace tgtrace
