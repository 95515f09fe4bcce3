// tg::trace: options and the environment variable checked, then the recorder's session.
#include "core/api/trace.h"

#include "core/os/process.h"
#include "core/trace/recorder.h"
#include "core/trace/session.h"

#include <threadgroup/error.h>
#include <threadgroup/trace.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

namespace tg {
namespace {

constexpr const char* variable = "THREADGROUP_TRACE";

void check(const trace::options& with) {
  const auto reject = [](const std::string& field, const std::string& value, const std::string& why) {
    throw bad_options("threadgroup: trace::options::" + field + " = " + value + ": " + why);
  };
  if (with.records_per_thread < tracing::min_records_per_thread ||
      with.records_per_thread > tracing::max_records_per_thread) {
    reject("records_per_thread", std::to_string(with.records_per_thread),
           "must be " + std::to_string(tracing::min_records_per_thread) + " to " +
               std::to_string(tracing::max_records_per_thread));
  }
  if (with.directory.empty()) reject("directory", "''", "must name a directory");
  if (with.freeze_after.count() < 0) {
    reject("freeze_after", std::to_string(with.freeze_after.count()) + "ns", "must not be negative");
  }
}

[[noreturn]] void reject_variable(std::string_view text, const std::string& why) {
  throw bad_options(std::string("threadgroup: ") + variable + " = '" + std::string(text) + "': " + why);
}

std::optional<std::uint64_t> number_in(std::string_view text, std::string_view& rest) {
  std::uint64_t number = 0;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(stopped - text.data()));
  return number;
}

std::optional<std::chrono::nanoseconds> time_in(std::string_view text) {
  constexpr struct {
    std::string_view name;
    std::uint64_t ns;
  } units[] = {{"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}};
  std::string_view rest;
  const auto number = number_in(text, rest);
  if (!number) return std::nullopt;
  for (const auto& unit : units) {
    if (rest != unit.name) continue;
    if (*number > static_cast<std::uint64_t>(INT64_MAX) / unit.ns) return std::nullopt;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(*number * unit.ns));
  }
  return std::nullopt;
}

void apply(std::string_view part, std::string_view whole, trace::options& with) {
  const std::size_t at = part.find('=');
  const std::string_view key = part.substr(0, at);
  const std::string_view value = at == std::string_view::npos ? std::string_view{} : part.substr(at + 1);
  if (key == "dir" && !value.empty()) {
    with.directory = value;
  } else if (key == "records") {
    std::string_view rest;
    const auto number = number_in(value, rest);
    if (!number || !rest.empty() || *number < tracing::min_records_per_thread ||
        *number > tracing::max_records_per_thread) {
      reject_variable(whole, "records must be a number from " +
                                 std::to_string(tracing::min_records_per_thread) + " to " +
                                 std::to_string(tracing::max_records_per_thread));
    }
    with.records_per_thread = *number;
  } else if (key == "freeze") {
    const auto time = time_in(value);
    if (!time) reject_variable(whole, "freeze must be a whole number with a unit: ns, us, ms or s");
    with.freeze_after = *time;
  } else {
    reject_variable(whole, "must be 0, off, 1, on, or of dir=D, records=N and freeze=TIME");
  }
}

std::optional<trace::options> options_in(std::string_view text) {
  if (text.empty() || text == "0" || text == "off") return std::nullopt;
  trace::options with;
  if (text == "1" || text == "on") return with;
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find(',');
    apply(rest.substr(0, end), text, with);
    if (end == std::string_view::npos) return with;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

void trace_as_environment_says() {
  const char* text = os::environment(variable);
  if (text == nullptr) return;
  if (const auto with = options_in(text)) trace::start(*with);
}

namespace trace {

bool start(const options& with) {
  check(with);
  const std::string failure =
      tracing::start({with.directory, static_cast<std::uint32_t>(with.records_per_thread),
                      static_cast<std::uint64_t>(with.freeze_after.count())});
  if (!failure.empty()) std::fprintf(stderr, "threadgroup: tracing stays off: %s\n", failure.c_str());
  return failure.empty();
}

void stop() noexcept { tracing::stop(); }
bool is_on() noexcept { return tracing::is_on(); }
std::string file() { return tracing::file_path(); }

std::string freeze(std::string_view path) {
  tracing::frozen copy = tracing::freeze(std::string(path));
  if (!copy.failure.empty()) throw error("threadgroup: trace: " + copy.failure);
  return std::move(copy.path);
}

}  // namespace trace
}  // namespace tg
