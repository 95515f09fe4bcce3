// A picture of the living forest, taken by a walk while everything runs.
#include "core/flow/stages.h"

#include <threadgroup/inspect.h>
#include <threadgroup/runtime.h>

#include <cstring>
#include <iomanip>
#include <ostream>
#include <string>
#include <unordered_set>

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

std::uint64_t id_of(event::life_word life, std::uint32_t index) noexcept {
  return life.tenancy() << event::forest::index_bits | index;
}

ancestry living_ancestors(const event::place& at) noexcept {
  ancestry out;
  for (const event::place* up = at.parent(); up->parent() != nullptr; up = up->parent()) {
    const event::life_word life = life_of(*up);
    if (life.state() != event::tenant::active) continue;
    if (out.parent == 0) out.parent = id_of(life, up->index);
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
  out = {id_of(life, group.index),       up.parent,    name_of(group), now.running, now.pending, now.limit,
         flow::state_of(runtime, group), std::nullopt, up.depth};
  // [Y4] acquire: of a later tenant's deadline, also that tenant's birth; pairs with [Y5]
  const detail::deadline_ns deadline = group.deadline.load(base::acquire);
  if (deadline != detail::for_ever) {
    out.deadline = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadline));
  }
  return life_of(group).bits() == life.bits();
}

// Those of UTF-8's second page, too, which begin with 0xc2.
bool is_control(unsigned char byte, unsigned char before) {
  return byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte >= 0x80 && byte < 0xa0);
}

std::string printable(const std::string& name) {
  if (name.empty()) return "(unnamed)";
  std::string out;
  unsigned char before = 0;
  for (const char each : name) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '\n') {
      out += "\\n";
    } else if (each == '\t') {
      out += "\\t";
    } else if (each == '\\') {
      out += "\\\\";
    } else if (is_control(byte, before)) {
      constexpr char digits[] = "0123456789abcdef";
      if (byte >= 0x80) out.pop_back();
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      out += each;
    }
    before = byte;
  }
  return out;
}

void print(std::ostream& out, const group_info& group) {
  out << std::string(group.depth * 2, ' ') << printable(group.name) << "  #" << group.id << "  running "
      << group.running << '/' << group.limit << "  pending " << group.pending;
  if (group.event.set) out << "  event " << to_string(group.event.cause) << " from #" << group.event.origin;
  if (group.deadline) {
    const auto left = *group.deadline - std::chrono::steady_clock::now();
    out << "  deadline in " << std::chrono::duration_cast<std::chrono::milliseconds>(left).count() << " ms";
  }
  out << '\n';
}

}  // namespace

namespace detail {

void add_to_snapshot(engine& runtime, forest_snapshot& out) {
  std::unordered_set<std::uint64_t> listed{0};
  event::forest::walk_guard walking(runtime.trees);
  event::forest::walk(runtime.trees.root(), [&](const event::place& at) {
    group_info info;
    if (!describe(runtime, groups::slot_of(at), info)) return;
    // The walk has passed a parent that is not listed before it was born: so was this one.
    if (!listed.contains(info.parent)) return;
    listed.insert(info.id);
    out.groups.push_back(std::move(info));
  });
}

}  // namespace detail

void print_forest(std::ostream& out) {
  for (const group_info& group : snapshot().groups) print(out, group);
}

}  // namespace tg
