// Where things are in this process's trace file. Written once, before recording is switched on for the first
// time, and never taken away again. Not in the model, which has no files.
#pragma once

#include "core/os/shared_file.h"
#include "core/trace/clock.h"
#include "core/trace/group_table.h"

namespace tg::tracing {

struct shelf {
  static constexpr std::uint32_t ring_capacity = 1024;
  static constexpr std::uint32_t group_capacity = 1u << 16;
  static constexpr std::size_t header_bytes = 4096;
  static constexpr std::size_t groups_at = header_bytes;
  static constexpr std::size_t rings_at = groups_at + group_capacity * sizeof(group_entry);
  static constexpr std::size_t records_at = rings_at + ring_capacity * sizeof(ring_header);

  os::shared_file file;
  file_header* header = nullptr;
  ring_header* rings = nullptr;
  record* records = nullptr;
  std::uint32_t records_per_ring = 0;
  trace_clock clock;
  group_table groups;
  base::atomic<std::uint64_t> freeze_after{UINT64_MAX};  // ticks
  // Raised when rings that threads hold are theirs no longer: in a forked child.
  base::atomic<std::uint32_t> era{1};

  static constexpr std::size_t bytes_for(std::uint32_t records_per_ring) noexcept {
    return records_at + std::size_t{ring_capacity} * records_per_ring * sizeof(record);
  }
  ring ring_at(std::uint32_t index) noexcept {
    return {&rings[index], records + std::size_t{index} * records_per_ring, records_per_ring - 1u};
  }
  int reserve_ring(std::uint32_t index) noexcept {
    const std::size_t bytes = records_per_ring * sizeof(record);
    return file.reserve(records_at + index * bytes, bytes);
  }
  std::uint32_t rings_used() const noexcept {
    // [TR16] acquire: the ring's memory; pairs with [TR17]
    return live(header->rings_used).load(base::acquire);
  }
};

extern shelf the_shelf;

}  // namespace tg::tracing
