#include "tools/tgtrace/collector.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "tools/tgtrace/reader.h"

namespace tgtrace {
namespace {

using tg::tracing::file_header;
using tg::tracing::group_entry;
using tg::tracing::group_ref;
using tg::tracing::kind;
using tg::tracing::record;
using tg::tracing::ring_header;

// Word by word: its process writes it meanwhile.
template <class T>
T load(const T& from) {
  static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
  T out;
  auto* words = reinterpret_cast<std::uint64_t*>(const_cast<T*>(&from));
  for (std::size_t i = 0; i < sizeof(T) / sizeof(std::uint64_t); ++i) {
    const std::uint64_t word = std::atomic_ref(words[i]).load(std::memory_order_acquire);
    std::memcpy(reinterpret_cast<std::byte*>(&out) + i * sizeof word, &word, sizeof word);
  }
  return out;
}

std::uint64_t load_word(std::uint64_t& from) { return std::atomic_ref(from).load(std::memory_order_acquire); }

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw trace_error(fmt::format("{}: {}", path, why));
}

}  // namespace

collector::collector(const std::string& path) : path_(path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) fail(path, std::strerror(errno));
  struct stat about {};
  const bool is_file = ::fstat(descriptor, &about) == 0 && about.st_size > 0;
  size_ = is_file ? static_cast<std::size_t>(about.st_size) : 0;
  void* where =
      is_file ? ::mmap(nullptr, size_, PROT_READ, MAP_SHARED | MAP_NORESERVE, descriptor, 0) : MAP_FAILED;
  ::close(descriptor);
  if (where == MAP_FAILED) fail(path, "cannot be mapped");
  memory_ = static_cast<std::byte*>(where);
  try {
    check();
  } catch (...) {
    ::munmap(memory_, size_);
    throw;
  }
  buffer_.resize(header_.records_per_ring);
}

collector::~collector() { ::munmap(memory_, size_); }

// All that is computed with later; a live file is laid out in one way.
void collector::check() {
  if (size_ < sizeof(file_header)) fail(path_, "too short for a trace");
  header_ = load(*part<file_header>(0));
  if (std::memcmp(header_.magic, tg::tracing::file_magic, sizeof header_.magic) != 0)
    fail(path_, "not a trace");
  if (header_.version != tg::tracing::file_version)
    fail(path_, fmt::format("version {}, and tgtrace knows {}", header_.version, tg::tracing::file_version));
  const bool fits = header_.record_bytes == sizeof(record) && header_.group_bytes == sizeof(group_entry) &&
                    header_.ring_bytes == sizeof(ring_header) && header_.records_per_ring != 0 &&
                    (header_.records_per_ring & (header_.records_per_ring - 1)) == 0 &&
                    header_.file_bytes == size_ && header_.groups_at % 8 == 0 && header_.rings_at % 8 == 0 &&
                    header_.records_at % 8 == 0;
  const auto ends = [&](std::uint64_t at, std::uint64_t count, std::uint64_t bytes) {
    return at <= size_ && count <= (size_ - at) / bytes;
  };
  const std::uint64_t ring_bytes = std::uint64_t{header_.records_per_ring} * sizeof(record);
  if (!fits || !ends(header_.groups_at, header_.group_capacity, sizeof(group_entry)) ||
      !ends(header_.rings_at, header_.ring_capacity, sizeof(ring_header)) ||
      !ends(header_.records_at, header_.ring_capacity, ring_bytes)) {
    fail(path_, "its header contradicts itself");
  }
}

template <class T>
T* collector::part(std::size_t offset) const noexcept {
  return reinterpret_cast<T*>(memory_ + offset);
}

const group_entry& collector::live_entry(std::uint32_t index) const noexcept {
  return part<group_entry>(header_.groups_at)[index];
}

std::uint32_t collector::rings_used() const noexcept {
  return std::min(load(*part<file_header>(0)).rings_used, header_.ring_capacity);
}

// One that is overwritten while it is looked at counts for nothing: the newest ones are not.
void collector::only_since_start() {
  const record* records = part<record>(header_.records_at);
  const std::size_t count = std::size_t{rings_used()} * header_.records_per_ring;
  for (std::size_t i = 0; i < count; ++i) {
    const record one = load(records[i]);
    if (tg::tracing::kind_of(one.what) == kind::trace_started) since_ = std::max(since_, one.stamp);
  }
}

void collector::collect() {
  rings_.resize(std::max<std::size_t>(rings_.size(), rings_used()));
  for (std::uint32_t i = 0; i < rings_.size(); ++i) collect_ring(i);
}

void collector::collect_ring(std::uint32_t index) {
  collected_ring& ring = rings_[index];
  auto& written = part<ring_header>(header_.rings_at)[index].written;
  const record* records = part<record>(header_.records_at) + std::size_t{index} * header_.records_per_ring;
  const std::uint64_t size = header_.records_per_ring;
  const std::uint64_t end = load_word(written) >> 1;
  const std::uint64_t oldest = end > size ? end - size : 0;
  const std::uint64_t first = std::max(ring.next, oldest);
  for (std::uint64_t n = first; n < end; ++n) buffer_[n % size] = load(records[n % size]);
  const std::uint64_t now = load_word(written);
  const std::uint64_t reached = (now >> 1) + (now & 1);
  std::uint64_t whole = std::clamp(reached > size ? reached - size : 0, first, end);
  if (ring.next == 0) {
    std::uint64_t wanted = whole;
    while (wanted < end && buffer_[wanted % size].stamp < since_) ++wanted;
    // Of what came after that one, nothing was overwritten.
    if (wanted != whole) ring.next = whole = wanted;
  }
  if (whole > ring.next) {
    const std::uint64_t missing = whole - ring.next;
    if (!ring.records.empty() && whole < end)
      ring.records.push_back(
          {buffer_[whole % size].stamp, tg::tracing::make_what(kind::records_lost, 0, 0), missing, 0});
    ring.lost += missing;
    lost_ += missing;
  }
  for (std::uint64_t n = whole; n < end; ++n) keep(ring, buffer_[n % size]);
  ring.next = end;
}

void collector::keep(collected_ring& ring, record taken) {
  const kind what = tg::tracing::kind_of(taken.what);
  const std::uint8_t detail = tg::tracing::detail_of(taken.what);
  taken.what = tg::tracing::make_what(what, detail, known(tg::tracing::group_of(taken.what)));
  if (tg::tracing::refers_by_b(what)) taken.b = known(taken.b);
  ring.records.push_back(taken);
  ++kept_;
}

// In this recording every group has an entry of its own. Parents are entered before their children.
group_ref collector::known(group_ref ref) {
  if (ref == 0) return 0;
  if (const auto found = refs_.find(ref); found != refs_.end()) return found->second;
  if (tg::tracing::entry_of(ref) >= header_.group_capacity) return 0;
  group_entry entry = load(live_entry(tg::tracing::entry_of(ref)));
  if (entry.generation != tg::tracing::generation_of(ref)) return refs_[ref] = 0;  // a later tenant's: lost
  refs_[ref] = 0;  // a circle of parents, in a damaged file, ends here
  entry.parent = known(entry.parent);
  const group_ref mine = tg::tracing::make_ref(static_cast<std::uint32_t>(groups_.size()), 1);
  groups_.push_back(entry);
  sources_.push_back(ref);
  return refs_[ref] = mine;
}

// What has become of them since they were met.
void collector::refresh_groups() {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const group_entry now = load(live_entry(tg::tracing::entry_of(sources_[i])));
    const group_ref parent = groups_[i].parent;
    if (now.generation == tg::tracing::generation_of(sources_[i])) groups_[i] = now;
    groups_[i].parent = parent;
    groups_[i].generation = 1;
  }
}

void collector::write(const std::string& path) {
  refresh_groups();
  for (group_entry& entry : groups_) {
    if (entry.entered < since_) entry.flags |= tg::tracing::born_before;
  }
  file_header header = load(*part<file_header>(0));
  std::size_t longest = 1;
  for (const auto& ring : rings_) longest = std::max(longest, ring.records.size());
  if (longest > UINT32_MAX) fail(path, "more records than a file can have");
  header.state = static_cast<std::uint32_t>(tg::tracing::file_state::copy);
  header.records_per_ring = static_cast<std::uint32_t>(longest);
  header.rings_used = header.ring_capacity = static_cast<std::uint32_t>(rings_.size());
  header.group_capacity = static_cast<std::uint32_t>(groups_.size());
  header.header_bytes = sizeof header;
  header.groups_at = sizeof header;
  header.rings_at = header.groups_at + groups_.size() * sizeof(group_entry);
  header.records_at = header.rings_at + rings_.size() * sizeof(ring_header);
  header.file_bytes = header.records_at + rings_.size() * longest * sizeof(record);

  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  const auto put = [&](const auto* items, std::size_t count) {
    out.write(reinterpret_cast<const char*>(items), static_cast<std::streamsize>(count * sizeof *items));
  };
  put(&header, 1);
  put(groups_.data(), groups_.size());
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    ring_header of = load(part<ring_header>(header_.rings_at)[i]);
    of.first = rings_[i].lost;
    of.written = (rings_[i].lost + rings_[i].records.size()) << 1;
    put(&of, 1);
  }
  // Record number n stands in place n % longest, so the ring begins where its first number says.
  std::vector<record> places(longest);
  for (const auto& ring : rings_) {
    std::fill(places.begin(), places.end(), record{});
    for (std::size_t i = 0; i < ring.records.size(); ++i) places[(ring.lost + i) % longest] = ring.records[i];
    put(places.data(), places.size());
  }
  out.close();
  if (!out) fail(path, "cannot be written");
}

}  // namespace tgtrace
