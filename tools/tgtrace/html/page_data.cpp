#include "tools/tgtrace/html/page_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/tgtrace/report.h"

namespace tgtrace {
namespace {

using nlohmann::json;

constexpr std::size_t most_path_steps = 5000;

// In the page -1 is what is unknown, or nothing.
time_ns at(time_ns when) { return is_known(when) ? std::max<time_ns>(when, 0) : -1; }
std::int64_t at(index which) { return which == nothing ? -1 : std::int64_t{which}; }

class writer {
 public:
  writer(const model& m, const findings& found, std::size_t most_tasks)
      : m_(m), found_(found), first_(m.tasks.size() > most_tasks ? m.tasks.size() - most_tasks : 0) {}

  std::string write() {
    json all = {{"length", m_.length}, {"left_out", first_},  {"threads", threads()}, {"tasks", tasks()},
                {"waits", waits()},    {"sets", sets()},      {"heards", heards()},   {"parked", parked()},
                {"path", path()},      {"slowest", slowest()}};
    json report = json::parse(report_json(m_, found_));
    report.erase("critical_paths");
    report.erase("groups");
    all["report"] = std::move(report);
    return in_script(all.dump(-1, ' ', false, json::error_handler_t::replace));
  }

 private:
  // A name must not end the element: "<" stands in strings only, and is written as \u003c.
  static std::string in_script(const std::string& text) {
    std::string safe;
    safe.reserve(text.size());
    for (const char c : text) {
      if (c == '<') {
        safe += "\\u003c";
      } else {
        safe += c;
      }
    }
    return safe;
  }

  std::int64_t shown_task(index t) const {
    return t == nothing || t < first_ ? -1 : std::int64_t{t} - static_cast<std::int64_t>(first_);
  }

  // The page knows nodes of the tree, and calls them groups.
  std::int64_t node_of(index group) const { return group == nothing ? -1 : at(found_.tree.of_group[group]); }

  json threads() const {
    json list = json::array();
    for (const thread& one : m_.threads) list.push_back({one.name, one.is_worker, one.tid});
    return list;
  }

  json tasks() const {
    json list = json::array();
    for (std::size_t i = first_; i < m_.tasks.size(); ++i) {
      const task& one = m_.tasks[i];
      list.push_back({node_of(one.group), one.id, at(one.added), at(one.started), at(one.ended),
                      at(one.runner), static_cast<int>(one.how), static_cast<int>(one.why),
                      shown_task(one.within)});
    }
    return list;
  }

  json waits() const {
    json list = json::array();
    for (const wait& one : m_.waits) {
      if (one.inner || shown_task(one.task) < 0) continue;
      list.push_back({static_cast<int>(one.what), at(one.thread), shown_task(one.task), node_of(one.group),
                      at(one.began), at(one.ended)});
    }
    return list;
  }

  json sets() const {
    json list = json::array();
    for (const setting& one : m_.settings) {
      list.push_back({node_of(one.group), at(one.thread), static_cast<int>(one.why), at(one.at)});
    }
    return list;
  }

  json heards() const {
    json list = json::array();
    for (const hearing& one : m_.hearings) {
      list.push_back({at(one.setting), at(one.thread), at(one.at), at(one.from), node_of(one.group)});
    }
    return list;
  }

  // Of each thread: from the moment it parked to the next one that is known of it.
  json parked() const {
    std::vector<time_ns> since(m_.threads.size(), unknown);
    json list = json::array();
    for (std::size_t t = 0; t < m_.threads.size(); ++t) list.push_back(json::array());
    for (const worker_moment& one : m_.moments) {
      if (is_known(since[one.thread])) list[one.thread].push_back({since[one.thread], one.at});
      const bool sleeps = one.what == worker_step::parked || one.what == worker_step::left;
      since[one.thread] = sleeps ? one.at : unknown;
    }
    for (std::size_t t = 0; t < since.size(); ++t) {
      if (is_known(since[t])) list[t].push_back({since[t], m_.length});
    }
    return list;
  }

  // The longest one; its shortest steps are left out if there are too many.
  json path() const {
    json list = json::array();
    if (found_.paths.empty()) return list;
    std::vector<path_step> steps = found_.paths.front().steps;
    if (steps.size() > most_path_steps) {
      const auto bound = steps.begin() + most_path_steps;
      std::nth_element(steps.begin(), bound, steps.end(), [](const path_step& a, const path_step& b) {
        return a.when.length() > b.when.length();
      });
      steps.erase(bound, steps.end());
    }
    for (const path_step& one : steps) {
      list.push_back({static_cast<int>(one.what), shown_task(one.task), one.when.from, one.when.to});
    }
    return list;
  }

  json slowest() const {
    json list = json::array();
    for (const lateness& one : found_.slowest) list.push_back(shown_task(one.task));
    return list;
  }

  const model& m_;
  const findings& found_;
  const std::size_t first_;
};

}  // namespace

std::string page_data(const model& m, const findings& found, std::size_t most_tasks) {
  return writer(m, found, most_tasks).write();
}

}  // namespace tgtrace
