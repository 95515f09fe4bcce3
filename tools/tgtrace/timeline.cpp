#include "tools/tgtrace/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace tgtrace {
namespace {

// Flows of tasks are odd, those of events even, none is 0.
std::uint64_t flow_of_task(index task) { return 2 * std::uint64_t{task} + 1; }
std::uint64_t flow_of_heard(index hearing) { return 2 * std::uint64_t{hearing} + 2; }

class drawing {
 public:
  explicit drawing(const model& m) : m_(m) {}

  timeline draw() {
    for (const thread& one : m_.threads) result_.tracks.push_back({one.name, nothing, one.tid});
    draw_threads();
    draw_groups();
    draw_events();
    sort();
    nest();
    return std::move(result_);
  }

 private:
  time_ns or_last(time_ns at) const { return is_known(at) ? at : m_.length; }

  std::string label(const task& one) const {
    return fmt::format("{} #{}", m_.groups[one.group].name.empty() ? "group" : m_.groups[one.group].name,
                       one.id);
  }

  static std::string note(const task& one) {
    if (one.how == ending::skipped) return fmt::format("skipped: {}", name_of(one.why));
    return one.how == ending::value ? "" : name_of(one.how);
  }

  void instant(index track, time_ns at, std::string name, const char* category,
               std::vector<std::uint64_t> out = {}, std::uint64_t in = 0) {
    result_.slices.push_back({track, at, at, std::move(name), category, true, std::move(out), in, ""});
  }

  void draw_threads() {
    for (index i = 0; i < m_.tasks.size(); ++i) {
      const task& one = m_.tasks[i];
      const bool flows = is_known(one.added) && is_known(one.started) && one.adder != nothing;
      if (is_known(one.added) && one.adder != nothing) {
        std::vector<std::uint64_t> out;
        if (flows) out.push_back(flow_of_task(i));
        instant(one.adder, one.added, "add " + label(one), "add", std::move(out));
      }
      if (is_known(one.started)) {
        result_.slices.push_back({one.runner,
                                  one.started,
                                  or_last(one.ended),
                                  label(one),
                                  "task",
                                  false,
                                  {},
                                  flows ? flow_of_task(i) : 0,
                                  note(one)});
      }
    }
    for (const wait& one : m_.waits) {
      std::string name = name_of(one.what);
      if (one.group != nothing) name += fmt::format(" '{}'", m_.groups[one.group].name);
      result_.slices.push_back(
          {one.thread, one.began, or_last(one.ended), std::move(name), "wait", false, {}, 0, ""});
    }
  }

  void draw_groups() {
    track_of_group_.assign(m_.groups.size(), nothing);
    std::vector<index> todo;
    for (index g = 0; g < m_.groups.size(); ++g) {
      if (m_.groups[g].parent == nothing) todo.push_back(g);
    }
    // Parents first, whatever their order in the table.
    for (std::size_t i = 0; i < todo.size(); ++i) {
      const group& one = m_.groups[todo[i]];
      track_of_group_[todo[i]] =
          add_track(one.name, one.parent == nothing ? nothing : track_of_group_[one.parent]);
      todo.insert(todo.end(), one.children.begin(), one.children.end());
    }
    std::vector<std::vector<index>> tasks(m_.groups.size());
    for (index i = 0; i < m_.tasks.size(); ++i) {
      if (is_known(m_.tasks[i].started)) tasks[m_.tasks[i].group].push_back(i);
    }
    for (index g = 0; g < m_.groups.size(); ++g) draw_lanes(g, tasks[g]);
  }

  index add_track(std::string name, index parent) {
    result_.tracks.push_back({std::move(name), parent, 0});
    return static_cast<index>(result_.tracks.size() - 1);
  }

  // Each task on the first lane that is free by then.
  void draw_lanes(index g, std::vector<index>& tasks) {
    std::sort(tasks.begin(), tasks.end(),
              [this](index a, index b) { return m_.tasks[a].started < m_.tasks[b].started; });
    std::vector<time_ns> free_from;
    std::vector<index> lanes;
    for (const index i : tasks) {
      const task& one = m_.tasks[i];
      const auto free =
          std::find_if(free_from.begin(), free_from.end(), [&](time_ns at) { return at <= one.started; });
      const auto lane = static_cast<std::size_t>(free - free_from.begin());
      if (free == free_from.end()) {
        free_from.push_back(0);
        lanes.push_back(add_track(fmt::format("running {}", lane + 1), track_of_group_[g]));
      }
      free_from[lane] = or_last(one.ended);
      result_.slices.push_back({lanes[lane],
                                one.started,
                                or_last(one.ended),
                                fmt::format("#{}", one.id),
                                "group",
                                false,
                                {},
                                0,
                                note(one)});
    }
  }

  void draw_events() {
    std::vector<std::vector<std::uint64_t>> heard_of(m_.settings.size());
    for (index i = 0; i < m_.hearings.size(); ++i) {
      const hearing& one = m_.hearings[i];
      if (one.setting != nothing) heard_of[one.setting].push_back(flow_of_heard(i));
      instant(one.thread, one.at, "event heard", "event", {}, one.setting == nothing ? 0 : flow_of_heard(i));
    }
    for (index i = 0; i < m_.settings.size(); ++i) {
      const setting& one = m_.settings[i];
      const std::string name = fmt::format("event set: {}", name_of(one.why));
      instant(one.thread, one.at, name, "event", std::move(heard_of[i]));
      if (one.group != nothing) instant(track_of_group_[one.group], one.at, name, "event");
    }
  }

  void sort() {
    std::stable_sort(result_.slices.begin(), result_.slices.end(), [](const slice& a, const slice& b) {
      if (a.track != b.track) return a.track < b.track;
      if (a.from != b.from) return a.from < b.from;
      return a.to > b.to;
    });
  }

  // A slice ends with the one around it at the latest: the end of one may have been lost.
  void nest() {
    std::vector<time_ns> ends;
    index track = nothing;
    for (slice& one : result_.slices) {
      if (one.track != track) ends.clear();
      track = one.track;
      one.from = std::max<time_ns>(one.from, 0);
      one.to = std::max(one.to, one.from);
      while (!ends.empty() && ends.back() <= one.from) ends.pop_back();
      if (!ends.empty()) one.to = std::min(one.to, ends.back());
      if (!one.is_instant) ends.push_back(one.to);
    }
  }

  const model& m_;
  timeline result_;
  std::vector<index> track_of_group_;
};

}  // namespace

timeline timeline_of(const model& m) { return drawing(m).draw(); }

}  // namespace tgtrace
