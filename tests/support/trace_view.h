// A trace file as tests of the recorder look at it: live or a copy, while others write to it or afterwards.
#pragma once

#include "core/trace/format.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tg_test {

namespace tracing = tg::tracing;

class trace_view {
 public:
  // Of a file that nobody writes to.
  explicit trace_view(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (descriptor < 0 || ::fstat(descriptor, &about) != 0) return;
    const auto size = static_cast<std::size_t>(about.st_size);
    // Most of a live file is holes.
    void* where = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, descriptor, 0);
    ::close(descriptor);
    if (where == MAP_FAILED) return;
    bytes_ = {static_cast<const char*>(where), size};
    header_ = at<tracing::file_header>(0);
    if (!is_whole()) header_ = {};
    for (std::uint32_t i = 0; i < header_.rings_used; ++i) read_ring(i);
  }
  trace_view(const trace_view&) = delete;
  trace_view& operator=(const trace_view&) = delete;
  ~trace_view() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }

  bool is_valid() const { return std::memcmp(header_.magic, tracing::file_magic, sizeof header_.magic) == 0; }
  const tracing::file_header& header() const { return header_; }
  const std::vector<tracing::record>& records() const { return records_; }
  std::uint64_t written() const { return written_; }
  std::uint64_t overwritten() const { return overwritten_; }
  std::uint64_t struck() const { return struck_; }
  std::uint32_t rings() const { return header_.rings_used; }

  // Of the group that a record is about, as the table names it; "?" where it does not.
  std::string name_of(tracing::group_ref ref) const {
    const tracing::group_entry entry = entry_at(tracing::entry_of(ref));
    return ref == 0 || entry.generation != tracing::generation_of(ref) ? "?" : entry.name;
  }
  tracing::group_entry entry_of(tracing::group_ref ref) const { return entry_at(tracing::entry_of(ref)); }

  std::vector<tracing::record> of_kind(tracing::kind what, const std::string& group = {}) const {
    std::vector<tracing::record> out;
    for (const auto& record : records_) {
      if (tracing::kind_of(record.what) != what) continue;
      if (group.empty() || name_of(tracing::group_of(record.what)) == group) out.push_back(record);
    }
    return out;
  }
  std::size_t count(tracing::kind what, const std::string& group = {}) const {
    return of_kind(what, group).size();
  }
  double ns_per_tick() const {
    const auto& last = header_.pairs[1 + (header_.calibrations & 1)];
    return static_cast<double>(last.monotonic_ns - header_.pairs[0].monotonic_ns) /
           static_cast<double>(last.ticks - header_.pairs[0].ticks);
  }

 private:
  bool is_whole() const {
    const std::size_t end =
        header_.records_at + std::size_t{header_.rings_used} * header_.records_per_ring * 32;
    return bytes_.size() >= end && bytes_.size() >= header_.rings_at + header_.rings_used * 128u;
  }

  template <class T>
  T at(std::size_t offset) const {
    T out{};
    if (offset + sizeof out <= bytes_.size()) std::memcpy(&out, bytes_.data() + offset, sizeof out);
    return out;
  }
  tracing::group_entry entry_at(std::uint32_t index) const {
    return at<tracing::group_entry>(header_.groups_at + std::size_t{index} * header_.group_bytes);
  }

  void read_ring(std::uint32_t index) {
    const auto ring = at<tracing::ring_header>(header_.rings_at + std::size_t{index} * header_.ring_bytes);
    const std::uint64_t size = header_.records_per_ring;
    const std::uint64_t end = ring.written >> 1;
    const std::uint64_t reached = end + (ring.written & 1);
    std::uint64_t first = reached > size ? reached - size : 0;
    if (first < ring.first) first = ring.first;
    const std::size_t begin = header_.records_at + std::size_t{index} * size * sizeof(tracing::record);
    for (std::uint64_t n = first; n < end; ++n) {
      records_.push_back(at<tracing::record>(begin + n % size * sizeof(tracing::record)));
    }
    written_ += end;
    overwritten_ += first;
    struck_ += ring.struck;
  }

  std::string_view bytes_;
  tracing::file_header header_{};
  std::vector<tracing::record> records_;
  std::uint64_t written_ = 0;
  std::uint64_t overwritten_ = 0;
  std::uint64_t struck_ = 0;
};

}  // namespace tg_test
