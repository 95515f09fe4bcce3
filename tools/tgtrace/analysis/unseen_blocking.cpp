#include "tools/tgtrace/analysis/unseen_blocking.h"

#include <algorithm>

#include "tools/tgtrace/analysis/distribution.h"
#include "tools/tgtrace/analysis/spans.h"

namespace tgtrace {
namespace {

class search {
 public:
  search(const model& m, const lookups& in, time_ns least)
      : m_(m), in_(in), least_(least), of_(m.groups.size()) {}

  // Of the tasks between two samples of a thread's processor time. Waits of the library do not count.
  std::vector<tally> find() {
    std::vector<index> last(m_.threads.size(), nothing);
    for (index c = 0; c < m_.cpu.size(); ++c) {
      const cpu_sample& now = m_.cpu[c];
      const index before = last[now.thread];
      last[now.thread] = c;
      if (before != nothing) look_between(m_.cpu[before], now);
    }
    return std::move(of_);
  }

 private:
  time_ns waited_in(index task, span window) const {
    time_ns waited = 0;
    for (const index w : in_.outer_waits.of(task)) {
      const time_ns from = std::max(m_.waits[w].began, window.from);
      waited = sum(waited, std::max<time_ns>(std::min(end_of(m_, m_.waits[w]), window.to) - from, 0));
    }
    return waited;
  }

  // The task is blamed that ran longest between the two; waits of all that ran then are taken off.
  void look_between(const cpu_sample& first, const cpu_sample& second) {
    const auto ran = in_.started_on_thread.of(first.thread);
    auto at = std::lower_bound(ran.begin(), ran.end(), first.at,
                               [this](index t, time_ns when) { return m_.tasks[t].started < when; });
    if (at != ran.begin() && end_of(m_, m_.tasks[*std::prev(at)]) > first.at) --at;
    index longest = nothing;
    span longest_part;
    time_ns waited = 0;
    for (; at != ran.end() && m_.tasks[*at].started < second.at; ++at) {
      waited = sum(waited, waited_in(*at, {first.at, second.at}));
      const span part{std::max(first.at, m_.tasks[*at].started),
                      std::min(second.at, end_of(m_, m_.tasks[*at]))};
      if (part.length() <= longest_part.length()) continue;
      longest = *at;
      longest_part = part;
    }
    if (longest == nothing) return;
    const time_ns accounted = sum(waited, std::max<time_ns>(second.used - first.used, 0));
    const time_ns unseen = longest_part.length() - accounted;
    if (unseen >= least_) of_[m_.tasks[longest].group].add(longest, unseen);
  }

  const model& m_;
  const lookups& in_;
  const time_ns least_;
  std::vector<tally> of_;
};

}  // namespace

std::vector<tally> unseen_blocking(const model& m, const lookups& in, time_ns least) {
  return search(m, in, least).find();
}

}  // namespace tgtrace
