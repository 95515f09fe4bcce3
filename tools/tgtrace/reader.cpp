#include "tools/tgtrace/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/tgtrace/bytes.h"
#include "tools/tgtrace/file_header.h"
#include "tools/tgtrace/mapped_file.h"
#include "tools/tgtrace/ring_reader.h"

namespace tgtrace {
namespace {

using namespace tg::tracing;

bool is_same_tenant(const group_entry& a, const group_entry& b) {
  return a.state == b.state && a.generation == b.generation && a.id == b.id;
}

// Nothing: free, being filled, or it changed each time it was looked at.
bool read_entry(const bytes& file, std::uint64_t at, std::uint64_t length, group_entry& into) {
  for (int look = 0; look < looks_at_a_change; ++look) {
    const auto first = file.copy<group_entry>(at, length);
    const auto second = file.copy<group_entry>(at, length);
    if (!first || !second) return false;
    if (!is_same_tenant(*first, *second)) continue;
    into = *first;
    into.name[sizeof into.name - 1] = '\0';
    const auto state = static_cast<entry_state>(into.state);
    return state == entry_state::living || state == entry_state::ended;
  }
  return false;
}

void read_groups(const bytes& file, raw_trace& into) {
  const file_header& header = into.header;
  const std::uint64_t there = items_in(file, header.groups_at, header.group_bytes, header.group_capacity);
  into.is_cut = there < header.group_capacity;
  if (into.is_cut) {
    into.remarks.push_back(
        fmt::format("the file is cut within the table of groups: {} of {} entries can be read", there,
                    header.group_capacity));
  }
  raw_group next;
  for (std::uint64_t i = 0; i < there; ++i) {
    next.entry = static_cast<std::uint32_t>(i);
    if (read_entry(file, header.groups_at + i * header.group_bytes, header.group_bytes, next.is)) {
      into.groups.push_back(next);
    }
  }
}
void read_rings(const bytes& file, raw_trace& into) {
  const file_header& header = into.header;
  const std::uint64_t used = std::min(header.rings_used, header.ring_capacity);
  const std::uint64_t there = items_in(file, header.rings_at, header.ring_bytes, used);
  std::uint64_t whole = 0;
  for (std::uint64_t i = 0; i < there; ++i) {
    whole += read_ring(file, static_cast<std::uint32_t>(i), into) ? 1 : 0;
  }
  into.is_cut = into.is_cut || whole < used;
  if (whole < used) {
    into.remarks.push_back(
        fmt::format("the file is cut or damaged: the rings of {} of {} threads are incomplete or missing",
                    used - whole, used));
  }
}

void add_remarks(std::uint64_t file_size, raw_trace& of) {
  if (file_size < of.header.file_bytes) {
    of.remarks.push_back(
        fmt::format("the file is cut: {} of {} bytes are there", file_size, of.header.file_bytes));
  }
  for (const raw_ring& ring : of.rings) {
    if (ring.damaged == 0) continue;
    of.remarks.push_back(fmt::format("ring {}, thread {}: {} records are damaged, {} can be read",
                                     ring.number, ring.header.owner, ring.damaged, ring.records.size()));
  }
  if (of.unknown_kinds != 0) {
    of.remarks.push_back(
        fmt::format("{} records of kinds that this program does not know are passed by", of.unknown_kinds));
  }
}
}  // namespace

raw_trace read_trace(std::span<const std::byte> all) {
  const bytes file(all);
  raw_trace result;
  result.header = read_header(file);
  result.header.program[sizeof result.header.program - 1] = '\0';
  // Of a live file the table last: it keeps the names of all that the rings refer to.
  read_rings(file, result);
  read_groups(file, result);
  add_remarks(file.size(), result);
  return result;
}

raw_trace read_trace_file(const std::string& path) {
  const mapped_file file(path);
  try {
    return read_trace(file.contents());
  } catch (const trace_error& wrong) {
    throw trace_error(path + ": " + wrong.what());
  }
}

}  // namespace tgtrace
