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
  std::uint64_t id = 0;      // group::id()
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
  std::vector<group_info> groups;  // one runtime after the other; in each, every group before its children
};

// Every living group of every runtime exactly once; one that is born or ends meanwhile may be in it or not. Weakly
// consistent; usable while everything runs, and nothing waits for it but another snapshot and a runtime that comes or
// goes. Any thread. Allocates the answer. Throws forked_runtime, std::bad_alloc.
THREADGROUP_API forest_snapshot snapshot();
// The same as a tree of text, a line a group: control characters of ASCII in a name are escaped: \n, \t, \xHH.
THREADGROUP_API void print_forest(std::ostream& out);

}  // namespace tg
