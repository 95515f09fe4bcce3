#include "core/trace/copy.h"

#include "core/os/shared_file.h"
#include "core/trace/shelf.h"

#include <cstring>
#include <vector>

namespace tg::tracing {
namespace {

// Where the parts of a copy are: it has only the rings and the entries that were used.
struct layout {
  std::uint32_t rings;
  std::uint32_t groups;
  std::uint32_t records_per_ring;

  std::size_t rings_at() const noexcept { return shelf::header_bytes; }
  std::size_t records_at() const noexcept { return rings_at() + rings * sizeof(ring_header); }
  std::size_t groups_at() const noexcept {
    return records_at() + std::size_t{rings} * records_per_ring * sizeof(record);
  }
  std::size_t size() const noexcept { return groups_at() + groups * sizeof(group_entry); }
};

// Word by word, because others write it.
template <class T>
void copy_words(T& to, const T& from) noexcept {
  static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
  auto* out = reinterpret_cast<unsigned char*>(&to);
  const auto* in = reinterpret_cast<const unsigned char*>(&from);
  for (std::size_t at = 0; at < sizeof(T); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = live(*reinterpret_cast<const std::uint64_t*>(in + at))
                                   .load(base::relaxed);  // relaxed: see the callers
    std::memcpy(out + at, &word, sizeof word);
  }
}

int copy_ring(os::output_file& to, shelf& from, std::uint32_t index, const layout& at,
              std::vector<record>& buffer) {
  ring_header header{};
  copy_words(header, from.rings[index]);
  const ring::copy got = from.ring_at(index).copy_to(buffer.data());
  header.written = got.end * ring::one_record;
  header.first = got.first;
  const int failure = to.write(&header, sizeof header, at.rings_at() + index * sizeof header);
  if (failure != 0 || got.first == got.end) return failure;
  const std::size_t bytes = buffer.size() * sizeof(record);
  return to.write(buffer.data(), bytes, at.records_at() + index * bytes);
}

int copy_group(os::output_file& to, const group_entry& from, std::size_t offset) {
  group_entry entry{};
  // [TR13] acquire: what the entry says, or that it is being filled; pairs with [TR11], [TR12]
  const std::uint32_t state = live(from.state).load(base::acquire);
  copy_words(entry, from);
  entry.state = state;
  // Being filled: no record that was copied refers to it.
  if (state == static_cast<std::uint32_t>(entry_state::taken)) entry = {};
  return to.write(&entry, sizeof entry, offset);
}

file_header header_of(shelf& from, const layout& at, const trigger& why) {
  file_header header{};
  copy_words(header, *from.header);
  header.file_bytes = at.size();
  header.groups_at = at.groups_at();
  header.group_capacity = at.groups;
  header.rings_at = at.rings_at();
  header.ring_capacity = header.rings_used = at.rings;
  header.records_at = at.records_at();
  header.state = static_cast<std::uint32_t>(file_state::copy);
  header.frozen_at = from.clock.now();
  header.frozen_why = static_cast<std::uint32_t>(why.why);
  header.frozen_group = why.group;
  header.frozen_task = why.task;
  header.frozen_ticks = why.ticks;
  return header;
}

}  // namespace

int copy_file(shelf& from, const std::string& path, const trigger& why) {
  os::output_file to;
  if (const int failure = to.create(path); failure != 0) return failure;
  std::vector<record> buffer(from.records_per_ring);
  layout at{from.rings_used(), 0, from.records_per_ring};
  for (std::uint32_t i = 0; i < at.rings; ++i) {
    if (const int failure = copy_ring(to, from, i, at, buffer); failure != 0) return failure;
  }
  at.groups = from.groups.used();
  for (std::uint32_t i = 0; i < at.groups; ++i) {
    const std::size_t offset = at.groups_at() + i * sizeof(group_entry);
    if (const int failure = copy_group(to, from.groups.at(i), offset); failure != 0) return failure;
  }
  from.clock.calibrate(*from.header);
  const file_header header = header_of(from, at, why);
  if (const int failure = to.write(&header, sizeof header, 0); failure != 0) return failure;
  return to.keep(at.size());
}

}  // namespace tg::tracing
