// Switching on and off, and what is to be done from time to time. Not in the model, which has no files.
#include "core/trace/session.h"

#include "core/os/futex.h"
#include "core/os/process.h"
#include "core/trace/control.h"
#include "core/trace/copy.h"
#include "core/trace/recorder.h"
#include "core/trace/shelf.h"
#include "core/trace/turn.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>

namespace tg::tracing {
namespace {

constexpr const char* file_prefix = "threadgroup-";
constexpr const char* live_suffix = ".live";
constexpr std::uint32_t max_triggered_copies = 16;
// The calibration of a process that records little is refreshed by its service thread.
constexpr std::int64_t calibrate_every_ns = 1'000'000'000;

constinit base::atomic<std::uint32_t> known_workers{0};
constinit base::atomic<std::uint32_t> known_max_blocked{0};

constinit turn the_turn;

// The path and what goes with it: in one's turn.
std::string& the_path() {
  static auto& path = *new std::string;
  return path;
}
constinit std::uint32_t copies_made = 0;
constinit std::uint32_t triggered_copies = 0;
constinit std::int64_t calibrated_at = 0;

std::string reason(int failure) { return std::strerror(failure); }

// Files of processes that have ended; the newest stays, it may be of one that has crashed just now.
void remove_stale_files(const std::string& directory) {
  auto found = os::files_in(directory, file_prefix, live_suffix);
  std::erase_if(found, [](const os::found_file& file) { return !os::is_abandoned(file.path); });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.changed_ns < b.changed_ns; });
  for (std::size_t i = 0; i + 1 < found.size(); ++i) os::remove_file(found[i].path);
}

std::string complaint_about(const settings& with) {
  if (with.records_per_thread < min_records_per_thread || with.records_per_thread > max_records_per_thread) {
    return "records = " + std::to_string(with.records_per_thread) + ": must be " +
           std::to_string(min_records_per_thread) + " to " + std::to_string(max_records_per_thread);
  }
  if (with.directory.empty()) return "directory = '': must name a directory";
  return {};
}

bool reserve_groups(void* context, std::uint32_t first, std::uint32_t count) noexcept {
  auto& shelf = *static_cast<tracing::shelf*>(context);
  return shelf.file.reserve(shelf::groups_at + first * sizeof(group_entry), count * sizeof(group_entry)) == 0;
}

void fill_header(file_header& header, std::uint32_t records_per_ring) {
  header.version = file_version;
  header.byte_order = byte_order_mark;
  header.header_bytes = sizeof(file_header);
  header.record_bytes = sizeof(record);
  header.file_bytes = shelf::bytes_for(records_per_ring);
  header.groups_at = shelf::groups_at;
  header.group_capacity = shelf::group_capacity;
  header.group_bytes = sizeof(group_entry);
  header.rings_at = shelf::rings_at;
  header.ring_capacity = shelf::ring_capacity;
  header.ring_bytes = sizeof(ring_header);
  header.records_at = shelf::records_at;
  header.records_per_ring = records_per_ring;
  header.state = static_cast<std::uint32_t>(file_state::live);
  header.pid = os::process_id();
  const std::string program = os::program_name();
  std::memcpy(header.program, program.data(), std::min(program.size(), sizeof header.program - 1));
}

void begin_clock(shelf& at) {
  const clock_kind clock = trace_clock::best();
  at.clock.choose(clock);
  at.header->clock = static_cast<std::uint32_t>(clock);
  at.clock.calibrate_first(*at.header);
  const auto since_first = static_cast<std::uint64_t>(detail::now_ns()) - at.header->pairs[0].monotonic_ns;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  at.header->started_wall_ns =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()) -
      since_first;
}

std::string lay_out(shelf& at, std::uint32_t records_per_ring) {
  const std::size_t fixed = sizeof(ring_header) * shelf::ring_capacity;
  int failure = at.file.reserve(0, shelf::header_bytes);
  if (failure == 0) failure = at.file.reserve(shelf::rings_at, fixed);
  at.records_per_ring = records_per_ring;
  if (failure == 0) failure = at.reserve_ring(0);
  if (failure != 0) return "no space for the rings (" + reason(failure) + ")";
  at.header = reinterpret_cast<file_header*>(at.file.data);
  at.rings = reinterpret_cast<ring_header*>(at.file.data + shelf::rings_at);
  at.records = reinterpret_cast<record*>(at.file.data + shelf::records_at);
  fill_header(*at.header, records_per_ring);
  begin_clock(at);
  at.groups.lay(reinterpret_cast<group_entry*>(at.file.data + shelf::groups_at), shelf::group_capacity,
                &reserve_groups, &at);
  // Last: who finds the magic finds the rest.
  std::memcpy(at.header->magic, file_magic, sizeof file_magic);
  return {};
}

std::string make_file(const settings& with) {
  remove_stale_files(with.directory);
  const std::string stem = with.directory + "/" + file_prefix + std::to_string(os::process_id());
  const std::string path = stem + live_suffix;
  if (os::is_abandoned(path)) os::remove_file(path);
  const std::uint32_t records = std::bit_ceil(with.records_per_thread);
  // All that may fail for want of memory comes before the file.
  std::string kept = path;
  std::string& file = the_path();
  shelf& at = the_shelf;
  if (const int failure = at.file.create(path, shelf::bytes_for(records)); failure != 0) {
    return "cannot create " + path + " (" + reason(failure) + ")";
  }
  if (std::string failure = lay_out(at, records); !failure.empty()) {
    at.file.close();
    at.header = nullptr;
    os::remove_file(path);
    return path + ": " + failure;
  }
  file.swap(kept);
  return {};
}

// The parent's file is the parent's: two writers in one ring would tear records.
void forget_in_child() noexcept {
  recording.store(0, base::relaxed);          // relaxed: the child has one thread
  the_shelf.era.fetch_add(1, base::relaxed);  // relaxed: as above
  the_shelf.file.leave_to_parent();
  the_shelf.header = nullptr;
  the_path().clear();
  the_turn.reset();
}

void tell_runtime(file_header& header) noexcept {
  // relaxed: figures
  live(header.workers).store(known_workers.load(base::relaxed), base::relaxed);
  live(header.max_blocked).store(known_max_blocked.load(base::relaxed), base::relaxed);
}

void set_threshold(std::uint64_t ns) noexcept {
  const std::uint64_t ticks = ns == 0 ? UINT64_MAX : the_shelf.clock.ticks_of(*the_shelf.header, ns);
  the_shelf.freeze_after.store(ticks, base::relaxed);  // relaxed: a threshold
}

void switch_to(bool on) noexcept {
  live(the_shelf.header->recording).store(on ? 1 : 0, base::relaxed);  // relaxed: a figure
  if (!on) emit({kind::trace_stopped});
  // [TR29] release: the file and its parts, for all who write to it; pairs with [TR30]
  recording.store(on ? 1 : 0, base::release);
  if (on) emit({kind::trace_started});
}

// Of the records there are: what they refer to stays.
template <class Mark>
void mark_records(shelf& at, Mark&& mark) {
  for (std::uint32_t i = 0; i < at.rings_used(); ++i) {
    const ring from = at.ring_at(i);
    for (std::uint64_t place = 0; place <= from.mask; ++place) {
      // A record that is overwritten meanwhile refers to nobody any more, its successor to somebody who lives.
      const record seen = ring::get(from.records[place]);
      mark(group_of(seen.what));
      if (refers_by_b(kind_of(seen.what))) mark(seen.b);
    }
  }
}

std::string copy_path() {
  const std::string stem = the_path().substr(0, the_path().size() - std::strlen(live_suffix));
  return stem + "-" + std::to_string(++copies_made) + ".tgtrace";
}

frozen copy_now(const std::string& path, const trigger& why) {
  if (the_shelf.header == nullptr) return {{}, "nothing was recorded: tracing was never switched on"};
  frozen copy{path.empty() ? copy_path() : path, {}};
  const int failure = copy_file(the_shelf, copy.path, why);
  if (failure == 0) return copy;
  return {{}, "cannot write " + copy.path + " (" + reason(failure) + ")"};
}

void follow_trigger(const trigger& why) {
  const turn::mine now(the_turn);
  if (triggered_copies++ >= max_triggered_copies) return;
  const frozen copy = copy_now({}, why);
  if (!copy.failure.empty()) std::fprintf(stderr, "threadgroup: trace: %s\n", copy.failure.c_str());
}

void calibrate_seldom() noexcept {
  const std::int64_t now = detail::now_ns();
  if (now - calibrated_at < calibrate_every_ns) return;
  calibrated_at = now;
  the_shelf.clock.calibrate(*the_shelf.header);
}

}  // namespace

std::string start(const settings& with) {
  if (std::string complaint = complaint_about(with); !complaint.empty()) return complaint;
  const turn::mine now(the_turn);
  static const int watched = (os::when_forked(&forget_in_child), 0);
  static_cast<void>(watched);
  if (the_shelf.header == nullptr) {
    if (std::string failure = make_file(with); !failure.empty()) return failure;
  }
  tell_runtime(*the_shelf.header);
  set_threshold(with.freeze_after_ns);
  if (!is_on()) switch_to(true);
  return {};
}

void stop() noexcept {
  const turn::mine now(the_turn);
  if (is_on()) switch_to(false);
}

frozen freeze(const std::string& path, freeze_reason why) {
  const turn::mine now(the_turn);
  return copy_now(path, {why});
}

std::string file_path() {
  const turn::mine now(the_turn);
  return the_path();
}

void describe_runtime(std::uint32_t workers, std::uint32_t max_blocked) noexcept {
  known_workers.store(workers, base::relaxed);          // relaxed: figures
  known_max_blocked.store(max_blocked, base::relaxed);  // relaxed: figures
  const turn::mine now(the_turn);
  if (the_shelf.header != nullptr) tell_runtime(*the_shelf.header);
}

void keep_house() noexcept {
  obey_orders();
  if (!is_on()) return;
  try {
    if (const auto why = take_trigger()) follow_trigger(*why);
    if (take_sweep()) {
      const turn::mine now(the_turn);
      the_shelf.groups.sweep([](auto&& mark) { mark_records(the_shelf, mark); });
    }
    const turn::mine now(the_turn);
    calibrate_seldom();
  } catch (const std::bad_alloc&) {
    // Tried again when there is the next reason.
  }
}

}  // namespace tg::tracing
