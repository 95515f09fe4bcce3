#include "tools/tgtrace/ring_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tgtrace {
namespace {

using namespace tg::tracing;

bool is_known_kind(kind what) {
  switch (what) {
    case kind::thread_began:
    case kind::trace_started:
    case kind::trace_stopped:
    case kind::cpu_time:
    case kind::records_lost:
    case kind::group_born:
    case kind::group_ended:
    case kind::limit_changed:
    case kind::task_added:
    case kind::task_started:
    case kind::task_ended:
    case kind::task_skipped:
    case kind::wait_began:
    case kind::wait_ended:
    case kind::event_set:
    case kind::event_heard:
    case kind::event_reset:
    case kind::limiter_full:
    case kind::limiter_freed:
    case kind::deadline_armed:
    case kind::deadline_fired:
    case kind::worker_came:
    case kind::worker_parked:
    case kind::worker_woken:
    case kind::worker_left:
      return true;
    case kind::none:
      break;
  }
  return false;
}

// Of two records of one thread the later may be stamped a little earlier: its stamp was taken before it came to
// write the other one. No thread takes this long.
constexpr std::uint64_t tolerated_ticks = 1'000'000'000;

// These are stamped before what they tell of is done, and noted after it.
bool is_stamped_early(kind what) { return what == kind::event_set || what == kind::task_added; }

// Takes the records of a ring in. All other stamps ascend, about: of two that do not, the one is dropped without which the
// rest is in order.
class ordered_records {
 public:
  explicit ordered_records(raw_ring& ring) : ring_(ring) {}

  void take(const record& next) {
    std::vector<record>& kept = ring_.records;
    if (is_stamped_early(kind_of(next.what))) return kept.push_back(next);
    if (count_ >= 1 && is_before(next, kept[last_])) {
      ++ring_.damaged;
      const bool previous_is_wrong = count_ >= 2 && !is_before(next, kept[before_]);
      if (previous_is_wrong) kept[last_] = next;
      return;
    }
    before_ = last_;
    last_ = kept.size();
    ++count_;
    kept.push_back(next);
  }

 private:
  static bool is_before(const record& next, const record& last) {
    return next.stamp < last.stamp && last.stamp - next.stamp > tolerated_ticks;
  }

  raw_ring& ring_;
  std::size_t count_ = 0;   // of those in order
  std::size_t last_ = 0;    // of these
  std::size_t before_ = 0;  // the one before it
};

struct range {
  std::uint64_t first;
  std::uint64_t end;
};

// The numbers of the records that were copied whole between two looks at `written`: see ring_header.
range copied_whole(const raw_ring& ring, std::uint64_t before, std::uint64_t after, std::uint64_t places) {
  const std::uint64_t touched = (after >> 1) + (after & 1);
  const std::uint64_t oldest = touched > places ? touched - places : 0;
  const std::uint64_t end = before >> 1;
  return {std::min(std::max(ring.header.first, oldest), end), end};
}

struct numbered_record {
  std::uint64_t number;
  record is;
};

// By number. Goes by the places that the file has, which may be fewer than the header says.
std::vector<numbered_record> copy_records(const bytes& file, const file_header& header, std::uint64_t begin,
                                          std::uint64_t places, range whole) {
  std::vector<numbered_record> copies;
  const auto copy = [&](std::uint64_t place, std::uint64_t number) {
    if (number < whole.first) return;
    const auto one = file.copy<record>(begin + place * header.record_bytes, header.record_bytes);
    if (one) copies.push_back({number, *one});
  };
  const std::uint64_t newest_run = whole.end % header.records_per_ring;
  const std::uint64_t turned = whole.end - newest_run;
  if (turned >= header.records_per_ring) {
    for (std::uint64_t p = newest_run; p < places; ++p) copy(p, turned - header.records_per_ring + p);
  }
  for (std::uint64_t p = 0; p < std::min(newest_run, places); ++p) copy(p, turned + p);
  return copies;
}

void take_record(const record& one, raw_ring& ring, ordered_records& kept, raw_trace& into) {
  const kind what = kind_of(one.what);
  if (what == kind::none) {
    ++ring.damaged;
  } else if (!is_known_kind(what)) {
    ++into.unknown_kinds;
  } else {
    kept.take(one);
  }
}

}  // namespace

bool read_ring(const bytes& file, std::uint32_t number, raw_trace& into) {
  const file_header& header = into.header;
  raw_ring ring;
  ring.number = number;
  const std::uint64_t at = header.rings_at + std::uint64_t{number} * header.ring_bytes;
  const auto fields = file.copy<ring_header>(at, header.ring_bytes);
  const auto written = file.load_live(at + offsetof(ring_header, written));
  if (!fields || !written) return false;
  ring.header = *fields;
  ring.header.thread_name[sizeof ring.header.thread_name - 1] = '\0';
  const std::uint64_t length = std::uint64_t{header.records_per_ring} * header.record_bytes;
  const std::uint64_t begin = header.records_at + number * length;
  const range whole = copied_whole(ring, *written, *written, header.records_per_ring);
  if (whole.end == 0) return true;
  const std::uint64_t places = items_in(file, begin, header.record_bytes, header.records_per_ring);
  const std::vector<numbered_record> copies = copy_records(file, header, begin, places, whole);
  // Looked at again after the copy: what the writer has overwritten meanwhile does not count.
  const auto after = file.load_live(at + offsetof(ring_header, written));
  const range kept = copied_whole(ring, *written, *after, header.records_per_ring);
  ring.overwritten = kept.first;
  ordered_records in_order(ring);
  std::uint64_t seen = 0;
  for (const numbered_record& one : copies) {
    if (one.number < kept.first) continue;
    take_record(one.is, ring, in_order, into);
    ++seen;
  }
  ring.missing = kept.end - kept.first - seen;
  into.rings.push_back(std::move(ring));
  return places == header.records_per_ring;
}

}  // namespace tgtrace
