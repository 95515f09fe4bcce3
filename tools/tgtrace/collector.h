// Takes the records out of a live file while its process writes them, and keeps them all: the recording of a
// whole run, of which the rings themselves hold only the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/trace/format.h"

namespace tgtrace {

class collector {
 public:
  // Throws trace_error if it is no live file of this version.
  explicit collector(const std::string& path);
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;
  ~collector();

  // Leaves out what stood in the rings before recording was switched on last.
  void only_since_start();
  // Takes what is new; often enough, nothing is lost.
  void collect();
  // As a file that nobody writes to. Throws trace_error naming the file.
  void write(const std::string& path);

  std::uint64_t records() const noexcept { return kept_; }
  std::uint64_t lost() const noexcept { return lost_; }
  std::size_t bytes() const noexcept { return kept_ * sizeof(tg::tracing::record); }

 private:
  struct collected_ring {
    std::uint64_t next = 0;  // number of the record to be taken next
    std::uint64_t lost = 0;
    std::vector<tg::tracing::record> records;
  };

  template <class T>
  T* part(std::size_t offset) const noexcept;
  const tg::tracing::group_entry& live_entry(std::uint32_t index) const noexcept;
  void check();
  std::uint32_t rings_used() const noexcept;
  void collect_ring(std::uint32_t index);
  void keep(collected_ring& ring, tg::tracing::record taken);
  tg::tracing::group_ref known(tg::tracing::group_ref ref);
  void refresh_groups();

  std::string path_;
  std::byte* memory_ = nullptr;
  std::size_t size_ = 0;
  tg::tracing::file_header header_{};  // the fields that do not change
  std::vector<collected_ring> rings_;
  std::vector<tg::tracing::record> buffer_;
  std::map<tg::tracing::group_ref, tg::tracing::group_ref> refs_;  // of the live file: of this recording
  std::vector<tg::tracing::group_ref> sources_;                    // the other way, by entry
  std::vector<tg::tracing::group_entry> groups_;
  std::uint64_t since_ = 0;  // stamp: earlier records are left out
  std::uint64_t kept_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace tgtrace
