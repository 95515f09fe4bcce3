// Looking at the living forest of groups.
#pragma once

#include <threadgroup/detail/export.h>
#include <threadgroup/event_cause.h>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace tg {

struct group_info {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;  // the nearest living ancestor; 0: none
  std::string name;
  std::size_t running = 0;
  std::size_t pending = 0;
  std::uint32_t limit = 0;
  event_state event;
  std::optional<std::chrono::steady_clock::time_point>
      deadline;             // effective: the earliest of its ancestors' too
  std::uint32_t depth = 0;  // living ancestors
};

struct forest_snapshot {
  std::vector<group_info> groups;  // each before its children
};

// Every living group of the default runtime exactly once; weakly consistent; usable while everything runs. Empty
// without a runtime. Any thread. Allocates the answer, else lock-free. Throws forked_runtime, std::bad_alloc.
THREADGROUP_API forest_snapshot snapshot();
// The same as a tree of text, a line a group. Names are written as they are.
THREADGROUP_API void print_forest(std::ostream& out);

}  // namespace tg
