// A trace file made by hand, for tests of what reads one: groups and records as they are given, a copy that
// nobody writes to. Ticks are nanoseconds unless a test says otherwise.
#pragma once

#include "core/trace/format.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace tg_test {

namespace tracing = tg::tracing;

class trace_file {
 public:
  explicit trace_file(std::uint32_t records_per_ring = 1024) : records_per_ring_(records_per_ring) {
    std::memcpy(header_.magic, tracing::file_magic, sizeof header_.magic);
    header_.version = tracing::file_version;
    header_.byte_order = tracing::byte_order_mark;
    header_.header_bytes = sizeof header_;
    header_.record_bytes = sizeof(tracing::record);
    header_.group_bytes = sizeof(tracing::group_entry);
    header_.ring_bytes = sizeof(tracing::ring_header);
    header_.records_per_ring = records_per_ring;
    header_.state = static_cast<std::uint32_t>(tracing::file_state::copy);
    header_.clock = static_cast<std::uint32_t>(tracing::clock_kind::monotonic);
    header_.calibrations = 1;
    header_.pid = 4711;
    header_.workers = 2;
    header_.max_blocked = 256;
    std::strcpy(header_.program, "made-by-hand");
  }

  tracing::file_header& header() { return header_; }

  tracing::group_ref add_group(std::string_view name, tracing::group_ref parent = 0,
                               std::uint32_t limit = 32) {
    tracing::group_entry entry{};
    const auto index = static_cast<std::uint32_t>(groups_.size());
    entry.state = static_cast<std::uint32_t>(tracing::entry_state::living);
    entry.generation = 1;
    entry.id = index + 1;
    entry.parent = parent;
    entry.deadline_ns = INT64_MAX;
    entry.max_pending = UINT64_MAX;
    entry.limit = limit;
    std::memcpy(entry.name, name.data(), std::min(name.size(), sizeof entry.name - 1));
    groups_.push_back(entry);
    return tracing::make_ref(index, 1);
  }
  tracing::group_entry& group(tracing::group_ref ref) { return groups_[tracing::entry_of(ref)]; }

  std::size_t add_ring(std::uint32_t owner, std::string_view name) {
    filled_ring fresh;
    fresh.header.owner = owner;
    std::memcpy(fresh.header.thread_name, name.data(),
                std::min(name.size(), sizeof fresh.header.thread_name - 1));
    rings_.push_back(fresh);
    return rings_.size() - 1;
  }

  // Overwrites the oldest as the recorder does.
  void push(std::size_t to_ring, std::uint64_t stamp, tracing::kind what, tracing::group_ref group = 0,
            std::uint64_t a = 0, std::uint64_t b = 0, std::uint8_t detail = 0) {
    auto& to = rings_[to_ring];
    const std::uint64_t number = to.header.written >> 1;
    to.records.resize(records_per_ring_);
    to.records[number % records_per_ring_] = {stamp, tracing::make_what(what, detail, group), a, b};
    to.header.written += 2;
  }

  std::string bytes() const {
    tracing::file_header header = header_;
    header.groups_at = sizeof header;
    header.group_capacity = static_cast<std::uint32_t>(groups_.size());
    header.rings_at = header.groups_at + groups_.size() * sizeof(tracing::group_entry);
    header.ring_capacity = header.rings_used = static_cast<std::uint32_t>(rings_.size());
    header.records_at = header.rings_at + rings_.size() * sizeof(tracing::ring_header);
    header.file_bytes = header.records_at + rings_.size() * records_per_ring_ * sizeof(tracing::record);
    std::string out;
    append(out, header);
    for (const auto& entry : groups_) append(out, entry);
    for (const auto& one : rings_) append(out, one.header);
    for (const auto& one : rings_) {
      for (std::size_t i = 0; i < records_per_ring_; ++i) {
        append(out, i < one.records.size() ? one.records[i] : tracing::record{});
      }
    }
    return out;
  }

  void write(const std::string& path) const {
    std::ofstream out(path, std::ios::binary);
    out << bytes();
  }

 private:
  struct filled_ring {
    tracing::ring_header header{};
    std::vector<tracing::record> records;
  };

  template <class T>
  static void append(std::string& to, const T& what) {
    to.append(reinterpret_cast<const char*>(&what), sizeof what);
  }

  const std::uint32_t records_per_ring_;
  tracing::file_header header_{};
  std::vector<tracing::group_entry> groups_;
  std::vector<filled_ring> rings_;
};

}  // namespace tg_test
