#include <nlohmann/json.hpp>

#include "tools/tgtrace/report.h"

namespace tgtrace {
namespace {

using nlohmann::json;

json of(const distribution& from) {
  const percentiles p = from.summary();
  if (p.samples == 0) return {{"samples", 0}};
  return {{"samples", p.samples}, {"p50", p.p50}, {"p90", p.p90},    {"p99", p.p99},
          {"p99.9", p.p999},      {"max", p.max}, {"total", p.total}};
}

json of(const task_counts& from) {
  return {{"added", from.added},          {"run", from.run()},       {"failed", from.failed},
          {"skipped", from.skipped},      {"running", from.running}, {"queued", from.queued},
          {"incomplete", from.incomplete}};
}

json of(const figures& from) {
  return {{"tasks", of(from.tasks)},
          {"queue_ns", of(from.queue)},
          {"run_ns", of(from.run)},
          {"blocked_ns", of(from.blocked)},
          {"wake_ns", of(from.wake)},
          {"start_ns", of(from.start)},
          {"queued_while_full_ns", from.queued_while_full},
          {"life_ns", from.life},
          {"may_lack_records", from.may_lack}};
}

json id_or_null(const model& m, index group) { return group == nothing ? json() : json(m.groups[group].id); }

json limit_or_null(std::uint32_t limit) { return limit == unknown_limit ? json() : json(limit); }

json of_group(const model& m, index g, const figures& from) {
  json one = of(from);
  one["id"] = m.groups[g].id;
  one["name"] = m.groups[g].name;
  one["parent"] = id_or_null(m, m.groups[g].parent);
  one["limit"] = limit_or_null(from.limit);
  one["limit_reached_share"] = from.full_share;
  return one;
}

json of(const node& from) {
  json one = of(from.of);
  one["name"] = from.name;
  one["parent"] = from.parent == nothing ? json() : json(from.parent);
  one["groups"] = from.groups.size();
  one["least_limit"] = limit_or_null(from.least_limit);
  one["largest_limit"] = limit_or_null(from.largest_limit);
  one["limit_reached_share"] = from.of.full_share;
  return one;
}

json of(const model& m, const lateness& from) {
  const task& one = m.tasks[from.task];
  json parts = json::array();
  for (const part& p : from.parts) parts.push_back({{"what", p.what}, {"ns", p.took}});
  return {{"group", m.groups[one.group].name},
          {"group_id", m.groups[one.group].id},
          {"task", one.id},
          {"total_ns", from.total},
          {"behind_limit_ns", from.queued.behind_limit},
          {"no_worker_ns", from.queued.no_worker},
          {"at_cap_ns", from.queued.at_cap},
          {"on_the_way_ns", from.queued.on_the_way},
          {"why_late", parts}};
}

json of(const model& m, const critical_path& from) {
  json sums = json::object();
  for (std::size_t k = 0; k < path_kinds; ++k) sums[name_of(static_cast<path_kind>(k))] = from.sums[k];
  json steps = json::array();
  for (const path_step& one : from.steps) {
    json step = {{"what", name_of(one.what)}, {"from_ns", one.when.from}, {"to_ns", one.when.to}};
    if (one.task != nothing) {
      step["task"] = m.tasks[one.task].id;
      step["group"] = m.groups[m.tasks[one.task].group].name;
    }
    if (one.thread != nothing) step["thread"] = m.threads[one.thread].name;
    if (one.wait != nothing) step["wait"] = name_of(m.waits[one.wait].what);
    steps.push_back(std::move(step));
  }
  return {{"root", m.groups[from.root].name},
          {"root_id", m.groups[from.root].id},
          {"length_ns", from.when.length()},
          {"may_lack_records", m.lost.may_touch(from.when.from)},
          {"sums_ns", sums},
          {"steps", steps}};
}

json of(const losses& from) {
  return {{"overwritten", from.overwritten},   {"struck_by_signals", from.struck},
          {"without_ring", from.without_ring}, {"groups_without_entry", from.groups_without_entry},
          {"damaged", from.damaged},           {"file_is_cut", from.is_cut},
          {"whole_from_ns", from.whole_from}};
}

json of(const model& m, const freeze& from) {
  if (from.why.empty()) return {};
  return {{"why", from.why},
          {"group", from.group == nothing ? json() : json(m.groups[from.group].name)},
          {"task", from.task == 0 ? json() : json(from.task)},
          {"took_ns", from.took}};
}

}  // namespace

std::string report_json(const model& m, const findings& found) {
  json all = {{"program", m.program},        {"pid", m.pid},
              {"length_ns", m.length},       {"records", m.records},
              {"threads", m.threads.size()}, {"workers", m.workers == 0 ? json() : json(m.workers)},
              {"lost", of(m.lost)},          {"remarks", m.remarks},
              {"whole", of(found.whole)},    {"not_known", found.not_known}};
  all["frozen"] = of(m, m.frozen);
  json& pauses = all["pauses"] = json::array();
  for (const pause& one : m.pauses) pauses.push_back({one.from, one.to});
  json& groups = all["groups"] = json::array();
  for (index g = 0; g < m.groups.size(); ++g) groups.push_back(of_group(m, g, found.groups[g]));
  json& tree = all["tree"] = json::array();
  for (const node& one : found.tree.nodes) tree.push_back(of(one));
  json& slowest = all["slowest"] = json::array();
  for (const lateness& one : found.slowest) slowest.push_back(of(m, one));
  json& paths = all["critical_paths"] = json::array();
  for (const critical_path& one : found.paths) paths.push_back(of(m, one));
  json& warnings = all["warnings"] = json::array();
  for (const warning& one : found.warnings) {
    warnings.push_back({{"kind", one.kind},
                        {"group", id_or_null(m, one.group)},
                        {"worst_ns", one.took},
                        {"text", one.text}});
  }
  // Names are the user's bytes: what is not UTF-8 in them is replaced.
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tgtrace
