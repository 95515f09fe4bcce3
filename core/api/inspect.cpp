// A picture of the living forest, taken by a walk while everything runs.
#include "core/flow/stages.h"

#include <threadgroup/inspect.h>
#include <threadgroup/runtime.h>

#include <cstring>
#include <iomanip>
#include <ostream>
#include <string>

namespace tg {
namespace {

using detail::engine;
using detail::slot;

event::life_word life_of(const event::place& at) noexcept {
  // [Y1] acquire: what the tenant's birth wrote; pairs with [F6]. Weaker would do: the walk has looked by [F5], and the
  // name is read by [Y2]
  return event::life_word(at.life.load(base::acquire));
}

std::string name_of(const slot& group) {
  char bytes[sizeof group.name_words];
  for (std::size_t i = 0; i < std::size(group.name_words); ++i) {
    // [Y2] acquire: of a later tenant's name, also that tenant's birth; pairs with [Y3]
    const std::uint64_t word = group.name_words[i].load(base::acquire);
    std::memcpy(bytes + i * sizeof word, &word, sizeof word);
  }
  return {bytes, static_cast<unsigned char>(bytes[slot::max_name])};
}

struct ancestry {
  std::uint64_t parent = 0;
  std::uint32_t depth = 0;
};

ancestry living_ancestors(const event::place& at) noexcept {
  ancestry out;
  for (const event::place* up = at.parent; up->parent != nullptr; up = up->parent) {
    const event::life_word life = life_of(*up);
    if (life.state() != event::tenant::active) continue;
    if (out.parent == 0) out.parent = life.tenancy() << event::forest::index_bits | up->index;
    ++out.depth;
  }
  return out;
}

// False: the group ended meanwhile.
bool describe(const engine& runtime, const slot& group, group_info& out) {
  const event::life_word life = life_of(group);
  if (life.state() != event::tenant::active) return false;
  const ancestry up = living_ancestors(group);
  const group_stats now = groups::load_of(group);
  out = {life.tenancy() << event::forest::index_bits | group.index,
         up.parent,
         name_of(group),
         now.running,
         now.pending,
         now.limit,
         flow::state_of(runtime, group),
         std::nullopt,
         up.depth};
  // relaxed: the tenancy is looked at again
  const detail::deadline_ns deadline = group.deadline.load(base::relaxed);
  if (deadline != detail::for_ever) {
    out.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline));
  }
  return life_of(group).bits() == life.bits();
}

void print(std::ostream& out, const group_info& group) {
  out << std::string(group.depth * 2, ' ') << (group.name.empty() ? "(unnamed)" : group.name) << "  #"
      << group.id << "  running " << group.running << '/' << group.limit << "  pending " << group.pending;
  if (group.event.set) out << "  event " << to_string(group.event.cause) << " from #" << group.event.origin;
  if (group.deadline) {
    const auto left = *group.deadline - std::chrono::steady_clock::now();
    out << "  deadline in " << std::chrono::duration_cast<std::chrono::milliseconds>(left).count() << " ms";
  }
  out << '\n';
}

}  // namespace

namespace detail {

forest_snapshot snapshot_of(engine& runtime) {
  forest_snapshot out;
  event::forest::walk_guard walking(runtime.trees);
  event::forest::walk(runtime.trees.root(), [&](const event::place& at) {
    group_info info;
    if (describe(runtime, groups::slot_of(at), info)) out.groups.push_back(std::move(info));
  });
  return out;
}

}  // namespace detail

void print_forest(std::ostream& out) {
  for (const group_info& group : snapshot().groups) print(out, group);
}

}  // namespace tg
