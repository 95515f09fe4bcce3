// The field numbers are those of Perfetto's protos/perfetto/trace/.
#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_writer.hpp>

#include "tools/tgtrace/export.h"
#include "tools/tgtrace/timeline.h"

namespace tgtrace {
namespace {

enum class trace_field : protozero::pbf_tag_type { packet = 1 };
enum class packet_field : protozero::pbf_tag_type {
  timestamp = 8,
  sequence_id = 10,
  track_event = 11,
  sequence_flags = 13,
  track_descriptor = 60
};
enum class track_field : protozero::pbf_tag_type {
  uuid = 1,
  name = 2,
  process = 3,
  thread = 4,
  parent_uuid = 5,
  sibling_merge_behavior = 15
};
enum class process_field : protozero::pbf_tag_type { pid = 1, name = 6 };
enum class thread_field : protozero::pbf_tag_type { pid = 1, tid = 2, name = 5 };
enum class event_field : protozero::pbf_tag_type {
  annotation = 4,
  type = 9,
  track_uuid = 11,
  category = 22,
  name = 23,
  flow = 47,
  terminating_flow = 48
};
enum class annotation_field : protozero::pbf_tag_type { text = 6, name = 10 };
enum event_type : std::int32_t { slice_begin = 1, slice_end = 2, instant = 3 };

using trace_builder = protozero::pbf_builder<trace_field>;
using packet_builder = protozero::pbf_builder<packet_field>;

constexpr std::uint32_t our_sequence = 1;
constexpr std::uint32_t state_cleared = 1;
constexpr std::int32_t never_merged = 2;
constexpr std::uint64_t process_uuid = 1;

std::uint64_t uuid_of(index track) { return process_uuid + 1 + track; }

class writer {
 public:
  writer(const model& m, const timeline& drawn) : m_(m), drawn_(drawn), trace_(out_) {}

  std::string write() {
    describe_process();
    for (index t = 0; t < drawn_.tracks.size(); ++t) describe_track(t);
    std::vector<const slice*> open;
    for (const slice& one : drawn_.slices) {
      while (!open.empty() && (open.back()->track != one.track || open.back()->to <= one.from)) close(open);
      event(one, one.from, one.is_instant ? instant : slice_begin);
      if (!one.is_instant) open.push_back(&one);
    }
    while (!open.empty()) close(open);
    return std::move(out_);
  }

 private:
  void describe_process() {
    packet_builder packet(trace_, trace_field::packet);
    packet.add_uint32(packet_field::sequence_id, our_sequence);
    packet.add_uint32(packet_field::sequence_flags, state_cleared);
    protozero::pbf_builder<track_field> track(packet, packet_field::track_descriptor);
    track.add_uint64(track_field::uuid, process_uuid);
    protozero::pbf_builder<process_field> process(track, track_field::process);
    process.add_int32(process_field::pid, static_cast<std::int32_t>(m_.pid));
    process.add_string(process_field::name, m_.program);
  }

  void describe_track(index which) {
    const track& one = drawn_.tracks[which];
    packet_builder packet(trace_, trace_field::packet);
    packet.add_uint32(packet_field::sequence_id, our_sequence);
    protozero::pbf_builder<track_field> track(packet, packet_field::track_descriptor);
    track.add_uint64(track_field::uuid, uuid_of(which));
    track.add_string(track_field::name, one.name);
    track.add_uint64(track_field::parent_uuid, one.parent == nothing ? process_uuid : uuid_of(one.parent));
    if (one.tid == 0) {
      // Two groups of one name are two groups.
      track.add_int32(track_field::sibling_merge_behavior, never_merged);
      return;
    }
    protozero::pbf_builder<thread_field> thread(track, track_field::thread);
    thread.add_int32(thread_field::pid, static_cast<std::int32_t>(m_.pid));
    thread.add_int32(thread_field::tid, static_cast<std::int32_t>(one.tid));
    thread.add_string(thread_field::name, one.name);
  }

  void close(std::vector<const slice*>& open) {
    event(*open.back(), open.back()->to, slice_end);
    open.pop_back();
  }

  void event(const slice& one, time_ns at, event_type type) {
    packet_builder packet(trace_, trace_field::packet);
    packet.add_uint64(packet_field::timestamp, static_cast<std::uint64_t>(m_.first_monotonic_ns + at));
    packet.add_uint32(packet_field::sequence_id, our_sequence);
    protozero::pbf_builder<event_field> event(packet, packet_field::track_event);
    event.add_enum(event_field::type, type);
    event.add_uint64(event_field::track_uuid, uuid_of(one.track));
    if (type == slice_end) return;
    event.add_string(event_field::category, one.category);
    event.add_string(event_field::name, one.name);
    for (const std::uint64_t flow : one.flows_out) event.add_fixed64(event_field::flow, flow);
    if (one.flow_in != 0) event.add_fixed64(event_field::terminating_flow, one.flow_in);
    if (one.note.empty()) return;
    protozero::pbf_builder<annotation_field> annotation(event, event_field::annotation);
    annotation.add_string(annotation_field::name, "outcome");
    annotation.add_string(annotation_field::text, one.note);
  }

  const model& m_;
  const timeline& drawn_;
  std::string out_;
  trace_builder trace_;
};

}  // namespace

std::string perfetto_trace(const model& m) { return writer(m, timeline_of(m)).write(); }

}  // namespace tgtrace
