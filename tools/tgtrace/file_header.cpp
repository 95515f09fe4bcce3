#include "tools/tgtrace/file_header.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "tools/tgtrace/reader.h"

namespace tgtrace {
namespace {

using namespace tg::tracing;

// What the header has up to and including the fields of version 1 that nothing can be read without.
constexpr std::uint64_t least_header_bytes = offsetof(file_header, lost_without_ring);
constexpr std::uint64_t largest_item_bytes = 65536;

std::string shown(std::string_view raw) {
  std::string text;
  for (const char c : raw) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20 && code < 0x7f) {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", code);
    }
  }
  return text;
}

void check_magic(const bytes& file) {
  std::string begin;
  for (std::uint64_t i = 0; i < sizeof file_magic && i < file.size(); ++i) begin += *file.copy<char>(i);
  const std::string_view magic(file_magic, sizeof file_magic);
  if (begin.empty()) throw trace_error("the file is empty");
  if (magic.starts_with(begin) && begin.size() < magic.size()) {
    throw trace_error(fmt::format("the file is cut after {} bytes, within its magic", file.size()));
  }
  if (begin != magic) {
    throw trace_error(
        fmt::format("not a trace: it begins with '{}' instead of '{}'", shown(begin), shown(magic)));
  }
}

void check_size(const char* field, std::uint64_t value, std::uint64_t least) {
  if (value >= least && value <= largest_item_bytes && value % sizeof(std::uint64_t) == 0) return;
  throw trace_error(fmt::format("header: {} is {}, which is not a multiple of 8 from {} to {}", field, value,
                                least, largest_item_bytes));
}

void check_place(const char* field, std::uint64_t value, std::uint64_t header_bytes) {
  if (value >= header_bytes && value % sizeof(std::uint64_t) == 0) return;
  throw trace_error(fmt::format("header: {} is {}, which is not a multiple of 8 behind the header's {} bytes",
                                field, value, header_bytes));
}

void check_header(const file_header& header) {
  check_size("record_bytes", header.record_bytes, sizeof(record));
  check_size("group_bytes", header.group_bytes, offsetof(group_entry, next_free));
  check_size("ring_bytes", header.ring_bytes, offsetof(ring_header, reserved_2));
  check_place("groups_at", header.groups_at, header.header_bytes);
  check_place("rings_at", header.rings_at, header.header_bytes);
  check_place("records_at", header.records_at, header.header_bytes);
  if (header.records_per_ring == 0) throw trace_error("header: records_per_ring is 0");
  if (header.state < 1 || header.state > 2)
    throw trace_error(fmt::format("header: state is {}, not 1 or 2", header.state));
  if (header.clock < 1 || header.clock > 2)
    throw trace_error(fmt::format("header: clock is {}, not 1 or 2", header.clock));
}

}  // namespace

file_header read_header(const bytes& file) {
  check_magic(file);
  const auto begin = file.copy<file_header>(0, offsetof(file_header, groups_at));
  if (!begin)
    throw trace_error(fmt::format("the file is cut after {} bytes, within its header", file.size()));
  if (begin->byte_order != byte_order_mark) {
    const bool swapped = begin->byte_order == __builtin_bswap32(byte_order_mark);
    throw trace_error(
        swapped ? "it was written on a machine of the other byte order"
                : fmt::format("header: byte_order is {:#x}, not {:#x}", begin->byte_order, byte_order_mark));
  }
  if (begin->version != file_version) {
    throw trace_error(
        fmt::format("header: version is {}; this program reads version {}", begin->version, file_version));
  }
  check_size("header_bytes", begin->header_bytes, least_header_bytes);
  // Twice, because a live one may be calibrated while it is copied.
  auto all = file.copy<file_header>(0, begin->header_bytes);
  for (int look = 1; all && look < looks_at_a_change; ++look) {
    const auto again = file.copy<file_header>(0, begin->header_bytes);
    if (again->calibrations == all->calibrations) break;
    all = again;
  }
  if (all) {
    check_header(*all);
    return *all;
  }
  throw trace_error(fmt::format("the file is cut after {} bytes, within its header of {}", file.size(),
                                begin->header_bytes));
}

}  // namespace tgtrace
