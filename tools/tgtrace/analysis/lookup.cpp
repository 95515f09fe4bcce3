#include "tools/tgtrace/analysis/lookup.h"

namespace tgtrace {
namespace {

lookup started_on_thread(const model& m) {
  lookup found(m.threads.size(), m.tasks.size(),
               [&m](std::size_t i) { return is_known(m.tasks[i].started) ? m.tasks[i].runner : nothing; });
  found.sort_by([&m](index i) { return m.tasks[i].started; });
  return found;
}

lookup tasks_within(const model& m) {
  lookup found(m.tasks.size(), m.tasks.size(), [&m](std::size_t i) { return m.tasks[i].within; });
  found.sort_by([&m](index i) { return m.tasks[i].started; });
  return found;
}

lookup ended_in_group(const model& m) {
  lookup found(m.groups.size(), m.tasks.size(),
               [&m](std::size_t i) { return is_known(m.tasks[i].ended) ? m.tasks[i].group : nothing; });
  found.sort_by([&m](index i) { return m.tasks[i].ended; });
  return found;
}

template <class OwnerOf>
lookup outer_waits(const model& m, std::size_t owners, OwnerOf owner_of) {
  lookup found(owners, m.waits.size(),
               [&](std::size_t i) { return m.waits[i].inner ? nothing : owner_of(m.waits[i]); });
  found.sort_by([&m](index i) { return m.waits[i].began; });
  return found;
}

}  // namespace

lookups::lookups(const model& m)
    : started_on_thread(tgtrace::started_on_thread(m)),
      ended_in_group(tgtrace::ended_in_group(m)),
      outer_waits(tgtrace::outer_waits(m, m.tasks.size(), [](const wait& one) { return one.task; })),
      outer_waits_outside(tgtrace::outer_waits(
          m, m.threads.size(), [](const wait& one) { return one.task == nothing ? one.thread : nothing; })),
      tasks_within(tgtrace::tasks_within(m)),
      limits_of_group(m.groups.size(), m.limits.size(), [&m](std::size_t i) { return m.limits[i].group; }),
      moments_of_thread(m.threads.size(), m.moments.size(),
                        [&m](std::size_t i) { return m.moments[i].thread; }),
      hearings_of_thread(m.threads.size(), m.hearings.size(),
                         [&m](std::size_t i) { return m.hearings[i].thread; }) {}

}  // namespace tgtrace
