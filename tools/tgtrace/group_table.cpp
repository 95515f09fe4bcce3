#include "tools/tgtrace/group_table.h"

#include <fmt/format.h>

namespace tgtrace {
namespace {

using namespace tg::tracing;

group_ref ref_of(const raw_group& from) {
  return make_ref(from.entry, static_cast<std::uint16_t>(from.is.generation));
}

// 0, and what a damaged entry says, is no moment.
class moments {
 public:
  moments(const trace_clock& clock, const time_window& window, std::int64_t first_ns)
      : clock_(clock), window_(window), first_ns_(first_ns) {}
  time_ns of(std::uint64_t stamp) const {
    const std::int64_t at = clock_.monotonic_ns(stamp);
    return stamp != 0 && window_.holds(at) ? at - first_ns_ : unknown;
  }

 private:
  const trace_clock& clock_;
  const time_window& window_;
  const std::int64_t first_ns_;
};

group group_from(const raw_group& from, const moments& when, std::int64_t first_ns) {
  group made;
  made.id = from.is.id;
  made.name = from.is.name;
  made.limit = from.is.limit;
  made.born_before = (from.is.flags & born_before) != 0;
  if (!made.born_before) made.born = when.of(from.is.entered);
  made.ended = when.of(from.is.ended);
  if (from.is.deadline_ns > 0 && from.is.deadline_ns < INT64_MAX / 2) {
    made.deadline = from.is.deadline_ns - first_ns;
  }
  return made;
}

// A damaged table may hang a group under its own descendant. Such a one becomes a root.
std::size_t cut_circles(std::vector<group>& groups) {
  std::size_t cut = 0;
  std::vector<index> seen_from(groups.size(), nothing);
  for (index start = 0; start < groups.size(); ++start) {
    for (index at = start; at != nothing && seen_from[at] == nothing; at = groups[at].parent) {
      seen_from[at] = start;
      const index above = groups[at].parent;
      if (above == nothing || seen_from[above] != start) continue;
      groups[at].parent = nothing;
      ++cut;
    }
  }
  return cut;
}

}  // namespace

group_table::group_table(const raw_trace& from, const trace_clock& clock, const time_window& window,
                         std::int64_t first_ns, model& m)
    : m_(m) {
  const moments when(clock, window, first_ns);
  m_.groups.reserve(from.groups.size());
  for (const raw_group& one : from.groups) {
    by_ref_.emplace(ref_of(one), static_cast<index>(m_.groups.size()));
    m_.groups.push_back(group_from(one, when, first_ns));
  }
  hang_up(from);
}

void group_table::hang_up(const raw_trace& from) {
  for (std::size_t i = 0; i < from.groups.size(); ++i) {
    const auto above = by_ref_.find(from.groups[i].is.parent);
    if (from.groups[i].is.parent != 0 && above != by_ref_.end()) m_.groups[i].parent = above->second;
  }
  if (const std::size_t cut = cut_circles(m_.groups); cut != 0) {
    m_.remarks.push_back(
        fmt::format("table of groups: {} hang under their own descendants, shown as roots", cut));
  }
  for (index i = 0; i < m_.groups.size(); ++i) {
    if (m_.groups[i].parent != nothing) m_.groups[m_.groups[i].parent].children.push_back(i);
  }
}

index group_table::make(std::string name) {
  group made;
  made.name = std::move(name);
  made.limit = unknown_limit;
  made.born_before = true;
  m_.groups.push_back(std::move(made));
  return static_cast<index>(m_.groups.size() - 1);
}

index group_table::find(group_ref ref) {
  if (ref == 0) return nothing;
  const auto [at, is_new] = by_ref_.try_emplace(ref, nothing);
  if (is_new)
    at->second = make(fmt::format("(name lost: entry {}, generation {})", entry_of(ref), generation_of(ref)));
  return at->second;
}

index group_table::nameless() {
  if (nameless_ == nothing) nameless_ = make("(groups without an entry)");
  return nameless_;
}

}  // namespace tgtrace
