#include <nlohmann/json.hpp>

#include "tools/tgtrace/export.h"
#include "tools/tgtrace/timeline.h"

namespace tgtrace {
namespace {

using nlohmann::json;

// Trace events count in microseconds.
double us(time_ns at) { return static_cast<double>(at) / 1e3; }

class writer {
 public:
  writer(const model& m, const timeline& drawn) : m_(m), drawn_(drawn) {}

  std::string write() {
    note_name("process_name", 0, m_.program);
    for (index t = 0; t < drawn_.tracks.size(); ++t) note_name("thread_name", tid_of(t), path_of(t));
    for (const slice& one : drawn_.slices) add(one);
    const json all = {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events_)}};
    return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  }

 private:
  // This format knows no tree of tracks, and no track that is not a thread: groups get numbers no thread has.
  std::uint64_t tid_of(index t) const {
    constexpr std::uint64_t beyond_threads = std::uint64_t{1} << 32;
    return drawn_.tracks[t].tid != 0 ? drawn_.tracks[t].tid : beyond_threads + t;
  }

  std::string path_of(index t) const {
    std::string path = drawn_.tracks[t].name;
    for (index p = drawn_.tracks[t].parent; p != nothing; p = drawn_.tracks[p].parent) {
      path = drawn_.tracks[p].name + " / " + path;
    }
    return path;
  }

  json base(const char* phase, std::uint64_t tid) const {
    return {{"ph", phase}, {"pid", m_.pid}, {"tid", tid}};
  }

  void note_name(const char* what, std::uint64_t tid, const std::string& name) {
    json event = base("M", tid);
    event["name"] = what;
    event["args"] = {{"name", name}};
    events_.push_back(std::move(event));
  }

  void add(const slice& one) {
    json event = base(one.is_instant ? "i" : "X", tid_of(one.track));
    event["name"] = one.name;
    event["cat"] = one.category;
    event["ts"] = us(one.from);
    if (one.is_instant) {
      event["s"] = "t";
    } else {
      event["dur"] = us(one.to - one.from);
    }
    if (!one.note.empty()) event["args"] = {{"outcome", one.note}};
    events_.push_back(std::move(event));
    for (const std::uint64_t flow : one.flows_out) add_flow("s", one, flow);
    if (one.flow_in != 0) add_flow("f", one, one.flow_in);
  }

  void add_flow(const char* phase, const slice& at, std::uint64_t id) {
    json event = base(phase, tid_of(at.track));
    event["name"] = id % 2 == 1 ? "add to start" : "set to heard";
    event["cat"] = "flow";
    event["id"] = id;
    event["ts"] = us(at.from);
    if (*phase == 'f') event["bp"] = "e";  // binds to the slice around it
    events_.push_back(std::move(event));
  }

  const model& m_;
  const timeline& drawn_;
  json events_ = json::array();
};

}  // namespace

std::string chrome_trace(const model& m) { return writer(m, timeline_of(m)).write(); }

}  // namespace tgtrace
