#include "tools/tgtrace/analysis/starvation.h"

#include <algorithm>
#include <map>

#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/analysis/spans.h"

namespace tgtrace {
namespace {

// More victims than anybody would read about are not looked into.
constexpr std::size_t most_victims = 100;

class search {
 public:
  search(const model& m, const lookups& in, const occupancy& busy, time_ns least)
      : m_(m), in_(in), busy_(busy), least_(least) {
    for (index i = 0; i < m_.tasks.size(); ++i) {
      if (is_known(m_.tasks[i].started)) by_start_.push_back(i);
    }
    std::sort(by_start_.begin(), by_start_.end(),
              [&m](index a, index b) { return m.tasks[a].started < m.tasks[b].started; });
  }

  std::vector<starvation> find() {
    std::vector<starvation> found = victims();
    std::stable_sort(found.begin(), found.end(), [](const starvation& a, const starvation& b) {
      return a.starved.worst > b.starved.worst;
    });
    found.resize(std::min(found.size(), most_victims));
    for (starvation& one : found) find_sibling(one);
    std::erase_if(found, [this](const starvation& one) { return one.ran_meanwhile < least_; });
    return found;
  }

 private:
  std::vector<starvation> victims() const {
    std::vector<std::vector<index>> long_queued(m_.groups.size());
    for (const index i : by_start_) {
      const task& one = m_.tasks[i];
      if (!one.incomplete && one.started - one.added >= least_) long_queued[one.group].push_back(i);
    }
    std::vector<starvation> found;
    for (index g = 0; g < long_queued.size(); ++g) {
      if (long_queued[g].empty()) continue;
      starvation one{.group = g, .starved = without_worker(g, long_queued[g])};
      if (one.starved.tasks != 0) found.push_back(one);
    }
    return found;
  }

  tally without_worker(index g, const std::vector<index>& tasks) const {
    span all{m_.length, 0};
    for (const index i : tasks) {
      all.from = std::min(all.from, m_.tasks[i].added);
      all.to = std::max(all.to, m_.tasks[i].started);
    }
    const spans no_worker = outside(busy_.no_worker, busy_.groups[g].full, all);
    tally starved;
    for (const index i : tasks) {
      const time_ns waited = no_worker.covered({m_.tasks[i].added, m_.tasks[i].started});
      if (waited >= least_) starved.add(i, waited);
    }
    return starved;
  }

  // What it held a worker for before `until`.
  time_ns ran_before(index which, time_ns until) const {
    const task& one = m_.tasks[which];
    const span ran{one.started, std::min(end_of(m_, one), until)};
    time_ns held = ran.length();
    for (const index w : in_.outer_waits.of(which))
      held -= std::max<time_ns>(std::min(end_of(m_, m_.waits[w]), ran.to) - m_.waits[w].began, 0);
    return std::max<time_ns>(held, 0);
  }

  void find_sibling(starvation& of) const {
    const task& victim = m_.tasks[of.starved.which];
    struct share {
      std::size_t tasks = 0;
      time_ns ran = 0;
    };
    std::map<index, share> siblings;
    const auto first = std::upper_bound(by_start_.begin(), by_start_.end(), victim.added,
                                        [this](time_ns at, index t) { return at < m_.tasks[t].started; });
    for (auto at = first; at != by_start_.end() && m_.tasks[*at].started < victim.started; ++at) {
      const task& one = m_.tasks[*at];
      if (one.group == of.group || m_.groups[one.group].parent != m_.groups[of.group].parent) continue;
      if (!is_known(one.added) || one.added <= victim.added) continue;
      share& so_far = siblings[one.group];
      ++so_far.tasks;
      so_far.ran = sum(so_far.ran, ran_before(*at, victim.started));
    }
    for (const auto& [sibling, had] : siblings) {
      if (had.ran <= of.ran_meanwhile) continue;
      of.sibling = sibling;
      of.overtook = had.tasks;
      of.ran_meanwhile = had.ran;
    }
  }

  const model& m_;
  const lookups& in_;
  const occupancy& busy_;
  const time_ns least_;
  std::vector<index> by_start_;
};

}  // namespace

std::vector<starvation> starved_groups(const model& m, const lookups& in, const occupancy& busy,
                                       time_ns least) {
  return search(m, in, busy, least).find();
}

}  // namespace tgtrace
