// The tasks of a trace, while the records go by that tell of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "tools/tgtrace/build_parts.h"

namespace tgtrace {

class task_table {
 public:
  explicit task_table(build_parts& parts) : parts_(parts), m_(parts.m) {}

  void add(const tg::tracing::record& is, index on, time_ns at);
  void start(const tg::tracing::record& is, index on, time_ns at);
  void end(const tg::tracing::record& is, index on, time_ns at, ending how);

 private:
  struct key {
    index group;
    std::uint64_t id;
    bool operator==(const key&) const = default;
  };
  struct key_hash {
    std::size_t operator()(const key& of) const noexcept {
      return static_cast<std::size_t>((of.id * 0x9e3779b97f4a7c15ULL) ^
                                      (std::uint64_t{of.group} << 32 | of.group));
    }
  };

  index make(index group, std::uint64_t id);
  index find(const tg::tracing::record& is);
  index ending_on(index thread, const tg::tracing::record& is);

  build_parts& parts_;
  model& m_;
  std::unordered_map<key, index, key_hash> by_key_;
};

}  // namespace tgtrace
