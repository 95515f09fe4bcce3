#include "tools/tgtrace/analysis/critical_path.h"

#include <algorithm>
#include <unordered_set>

#include "tools/tgtrace/analysis/lateness.h"

namespace tgtrace {
namespace {

constexpr std::size_t most_turns = 100'000;
// A joiner may be awake before the last task has noted its own end.
constexpr time_ns tolerance_ns = 50'000;

// Who acts: a task, or a thread outside any task.
struct actor {
  index task = nothing;
  index thread = nothing;
};

class walk {
 public:
  walk(const model& m, const lookups& in, const occupancy& busy, critical_path& path)
      : m_(m), in_(in), busy_(busy), path_(path), now_(path.when.to) {}

  void back_from(index last) {
    actor at{last, nothing};
    // Counted, because the times of a damaged trace may lead in a circle.
    for (std::size_t turns = 0; now_ > path_.when.from; ++turns) {
      if (turns == most_turns) {
        path_.cut_short = true;
        break;
      }
      at = at.task != nothing ? before_in_task(at) : before_outside(at);
      if (at.task == nothing && at.thread == nothing) break;
    }
    note(path_kind::outside, {}, path_.when.from);
    std::reverse(path_.steps.begin(), path_.steps.end());
  }

 private:
  // From `from` to where the walk stands.
  void note(path_kind what, actor whose, time_ns from, index wait = nothing) {
    from = std::clamp(from, path_.when.from, now_);
    if (from == now_) return;
    path_.sums[static_cast<std::size_t>(what)] += now_ - from;
    path_.steps.push_back({what, whose.task, whose.thread, wait, {from, now_}});
    now_ = from;
  }

  // The latest wait that was over by now, if it was not before that.
  index wait_before(std::span<const index> waits, time_ns not_before) const {
    auto after = std::upper_bound(waits.begin(), waits.end(), now_,
                                  [this](time_ns at, index w) { return at < m_.waits[w].began; });
    while (after != waits.begin()) {
      const index w = *--after;
      if (!is_known(m_.waits[w].ended) || m_.waits[w].ended > now_) continue;
      return m_.waits[w].ended < not_before || used_waits_.contains(w) ? nothing : w;
    }
    return nothing;
  }

  // The latest task that was over by now and that this one's own thread had run meanwhile.
  index helped_before(index which) const { return latest_over(in_.tasks_within.of(which), which); }
  // The same of a thread that ran it as a joiner outside any task.
  index helped_outside_before(index thread) const {
    const index t = latest_over(in_.started_on_thread.of(thread), nothing);
    return t != nothing && m_.tasks[t].ended > path_.when.from ? t : nothing;
  }

  index latest_over(std::span<const index> ran, index within) const {
    auto after = std::upper_bound(ran.begin(), ran.end(), now_,
                                  [this](time_ns at, index t) { return at < m_.tasks[t].started; });
    while (after != ran.begin()) {
      const index t = *--after;
      const bool is_over = is_known(m_.tasks[t].ended) && m_.tasks[t].ended <= now_;
      if (is_over && m_.tasks[t].within == within) return used_tasks_.contains(t) ? nothing : t;
    }
    return nothing;
  }

  // The task whose end a joiner, or who waits for a future, was woken by.
  index waited_for(const wait& one) const {
    if (one.group == nothing) return nothing;
    if (one.what != waiting_for::join && one.what != waiting_for::future && one.what != waiting_for::room &&
        one.what != waiting_for::condition) {
      return nothing;
    }
    if (one.how != wait_end::done) return nothing;
    const auto ended = in_.ended_in_group.of(one.group);
    auto after = std::upper_bound(ended.begin(), ended.end(), one.ended + tolerance_ns,
                                  [this](time_ns at, index t) { return at < m_.tasks[t].ended; });
    while (after != ended.begin()) {
      const task& last = m_.tasks[*--after];
      if (last.ended < one.began) return nothing;
      const bool is_it = one.what != waiting_for::future || last.id == one.future_of;
      const bool began = is_known(last.started) && last.started < one.ended;
      if (is_it && began) return *after;
    }
    return nothing;
  }

  actor through_wait(actor whose, index w) {
    const wait& one = m_.waits[w];
    used_waits_.insert(w);
    note(path_kind::ran, whose, one.ended);
    const index other = waited_for(one);
    if (other == nothing || other == whose.task) {
      note(path_kind::blocked, whose, one.began, w);
      return whose;
    }
    note(path_kind::woken, whose, m_.tasks[other].ended);
    return {other, nothing};
  }

  // What one thread does is done one after the other: through the task, and back to the one it was run within.
  actor through_helped(actor whose, index t) {
    used_tasks_.insert(t);
    note(path_kind::ran, whose, m_.tasks[t].ended);
    entered_.push_back(t);
    return {t, nothing};
  }

  actor before_in_task(actor whose) {
    const task& one = m_.tasks[whose.task];
    const index w = wait_before(in_.outer_waits.of(whose.task), one.started);
    const index t = helped_before(whose.task);
    if (t != nothing && (w == nothing || m_.waits[w].ended < m_.tasks[t].ended))
      return through_helped(whose, t);
    if (w != nothing) return through_wait(whose, w);
    note(path_kind::ran, whose, one.started);
    if (!entered_.empty() && entered_.back() == whose.task) {
      entered_.pop_back();
      return one.within != nothing ? actor{one.within, nothing} : actor{nothing, one.runner};
    }
    if (!is_known(one.added)) return {};
    note_queue(whose, one.added);
    return one.parent != nothing ? actor{one.parent, nothing} : actor{nothing, one.adder};
  }

  // The kinds of waiting in the queue mix; they are noted one after the other, as long as each took in all.
  void note_queue(actor whose, time_ns added) {
    const time_ns began = std::max(added, path_.when.from);
    const queue_time parts = queue_time_of(m_, busy_, whose.task, {began, std::max(began, now_)});
    note(path_kind::on_the_way, whose, now_ - parts.on_the_way);
    note(path_kind::no_worker, whose, now_ - parts.no_worker - parts.at_cap);
    note(path_kind::behind_limit, whose, now_ - parts.behind_limit);
  }

  actor before_outside(actor whose) {
    const auto waits = in_.outer_waits_outside.of(whose.thread);
    const index w = wait_before(waits, path_.when.from);
    const index t = helped_outside_before(whose.thread);
    if (t != nothing && (w == nothing || m_.waits[w].ended < m_.tasks[t].ended)) {
      note(path_kind::outside, whose, m_.tasks[t].ended);
      return through_helped(whose, t);
    }
    if (w == nothing) return {};
    note(path_kind::outside, whose, m_.waits[w].ended);
    return through_wait(whose, w);
  }

  const model& m_;
  const lookups& in_;
  const occupancy& busy_;
  critical_path& path_;
  time_ns now_;
  std::unordered_set<index> used_waits_;
  std::unordered_set<index> used_tasks_;
  std::vector<index> entered_;  // tasks that the walk is in because another one's thread ran them
};

index root_of(const model& m, index group) {
  while (m.groups[group].parent != nothing) group = m.groups[group].parent;
  return group;
}

std::vector<index> last_tasks(const model& m) {
  std::vector<index> last(m.groups.size(), nothing);
  for (index i = 0; i < m.tasks.size(); ++i) {
    const task& one = m.tasks[i];
    if (!is_known(one.ended) || !is_known(one.started)) continue;
    index& so_far = last[root_of(m, one.group)];
    if (so_far == nothing || m.tasks[so_far].ended < one.ended) so_far = i;
  }
  return last;
}

}  // namespace

const char* name_of(path_kind what) noexcept {
  switch (what) {
    case path_kind::ran:
      return "ran";
    case path_kind::blocked:
      return "blocked";
    case path_kind::behind_limit:
      return "queued behind its own limit";
    case path_kind::no_worker:
      return "queued, no free worker";
    case path_kind::on_the_way:
      return "queued, a worker on its way";
    case path_kind::woken:
      return "being woken";
    case path_kind::outside:
      return "outside any task";
  }
  return "unknown step";
}

std::vector<critical_path> critical_paths(const model& m, const lookups& in, const occupancy& busy) {
  const std::vector<index> last = last_tasks(m);
  std::vector<critical_path> paths;
  for (index g = 0; g < m.groups.size(); ++g) {
    if (last[g] == nothing) continue;
    critical_path path;
    path.root = g;
    const time_ns born = is_known(m.groups[g].born) ? m.groups[g].born : 0;
    path.when = {std::min(born, m.tasks[last[g]].ended), m.tasks[last[g]].ended};
    walk(m, in, busy, path).back_from(last[g]);
    paths.push_back(std::move(path));
  }
  std::stable_sort(paths.begin(), paths.end(), [](const critical_path& a, const critical_path& b) {
    return a.when.length() > b.when.length();
  });
  return paths;
}

}  // namespace tgtrace
