// tg::runtime: options checked, the default one made at its first use, and set_all_events for it. The default runtime is
// not in the model: it is made once in a process.
#include "core/api/trace.h"
#include "core/flow/stages.h"
#include "core/group/roster.h"
#include "core/os/backoff.h"
#include "core/os/process.h"
#include "core/os/thread.h"

#include <threadgroup/error.h>
#include <threadgroup/event.h>
#include <threadgroup/inspect.h>
#include <threadgroup/runtime.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

namespace tg {
namespace {

using detail::engine;

constexpr std::uint32_t max_threads = 1023;
constexpr std::size_t max_task_records = std::size_t{1} << 26;
constexpr std::size_t max_thread_name = 15;
constexpr int max_cpu = 1023;

[[noreturn]] void reject(const std::string& field, const std::string& value, const std::string& why) {
  throw bad_options("threadgroup: " + field + " = " + value + ": " + why);
}

void check_range(const char* field, std::size_t value, std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return;
  reject(std::string("runtime_options::") + field, std::to_string(value),
         "must be " + std::to_string(least) + " to " + std::to_string(most));
}

runtime_options checked(runtime_options options) {
  check_range("workers", options.workers, 0, max_threads);
  check_range("max_blocked", options.max_blocked, 0, max_threads);
  check_range("task_records", options.task_records, 1, max_task_records);
  check_range("group_records", options.group_records, 1, event::forest::max_places - 2);
  if (options.linger.count() < 0) {
    reject("runtime_options::linger", std::to_string(options.linger.count()) + "us", "must not be negative");
  }
  if (options.thread_name.size() > max_thread_name) {
    reject("runtime_options::thread_name", "'" + options.thread_name + "'", "longer than 15 bytes");
  }
  for (const int cpu : options.cpus) {
    if (cpu < 0 || cpu > max_cpu) reject("runtime_options::cpus", std::to_string(cpu), "no such processor");
  }
  if (options.workers == 0) options.workers = std::min(os::hardware_threads(), max_threads);
  constexpr auto longest = std::chrono::hours(24);
  if (options.linger > longest) options.linger = longest;
  return options;
}

void override_from_environment(const char* variable, std::uint32_t& value) {
  const char* text = os::environment(variable);
  if (text == nullptr || *text == '\0') return;
  std::uint32_t number = 0;
  const char* end = text + std::strlen(text);
  const auto [stopped, failure] = std::from_chars(text, end, number);
  if (failure != std::errc{} || stopped != end || number > max_threads) {
    reject(variable, "'" + std::string(text) + "'",
           "must be a number from 0 to " + std::to_string(max_threads));
  }
  value = number;
}

engine* make_engine(const runtime_options& options) {
  auto made = std::make_unique<engine>(options, flow::upcalls());
  group_options errands;
  errands.max_concurrent = limiter::limit_word::max_limit;
  detail::slot& group = flow::make_group(*made, made->backstage, "threadgroup", errands);
  // [S7] release: the group; pairs with [S8]. Weaker would do: who has something for it has got that from a thread that
  // knows the runtime
  made->errands.store(&group, base::release);
  groups::roster::enter(*made);
  return made.release();
}

// Of the options of configure. They are exchanged while storing, which is quick, and taken by who makes the default
// runtime: for ever, or until that has failed.
enum class phase : std::uint32_t { open, storing, taken };
constinit base::atomic<phase> default_phase{phase::open};
constinit base::atomic<engine*> default_engine{nullptr};

runtime_options& configured_options() {
  static auto& options = *new runtime_options;
  return options;
}

// False: they are taken.
bool try_leave_open(phase to) noexcept {
  for (os::backoff wait;;) {
    auto expected = phase::open;
    // [I1] acquire: the options as the one before has left them; pairs with [I2]
    if (default_phase.compare_exchange(expected, to, base::acquire, base::relaxed)) return true;
    if (expected == phase::taken) return false;
    wait.pause();
  }
}

void open_again() noexcept {
  // [I2] release: the options; pairs with [I1]
  default_phase.store(phase::open, base::release);
}

// One thread at a time. A first use that fails has been none.
class making_default {
 public:
  making_default() noexcept { static_cast<void>(try_leave_open(phase::taken)); }
  making_default(const making_default&) = delete;
  making_default& operator=(const making_default&) = delete;
  ~making_default() {
    // relaxed: written by this thread
    if (default_engine.load(base::relaxed) == nullptr) open_again();
  }

  static runtime_options options() {
    runtime_options options = configured_options();
    override_from_environment("THREADGROUP_WORKERS", options.workers);
    override_from_environment("THREADGROUP_MAX_BLOCKED", options.max_blocked);
    trace_as_environment_says();
    return options;
  }
};

std::string list_of(const std::vector<int>& numbers) {
  std::string out;
  for (const int number : numbers) out += (out.empty() ? "" : ", ") + std::to_string(number);
  return out;
}

// The first field that says something, and what; workers if none does.
std::pair<const char*, std::string> first_stated(const runtime_options& options) {
  const runtime_options usual;
  const auto is = [](auto value) { return std::to_string(value); };
  if (options.workers != usual.workers) return {"workers", is(options.workers)};
  if (options.max_blocked != usual.max_blocked) return {"max_blocked", is(options.max_blocked)};
  if (options.task_records != usual.task_records) return {"task_records", is(options.task_records)};
  if (options.group_records != usual.group_records) return {"group_records", is(options.group_records)};
  if (options.linger != usual.linger) return {"linger", is(options.linger.count()) + "us"};
  if (options.thread_name != usual.thread_name) return {"thread_name", "'" + options.thread_name + "'"};
  if (options.cpus != usual.cpus) return {"cpus", list_of(options.cpus)};
  return {"workers", is(options.workers)};
}

[[noreturn]] void reject_late(const runtime_options& options) {
  const auto [field, value] = first_stated(options);
  reject(std::string("runtime_options::") + field, value,
         "too late: the default runtime is in use, or being made, already");
}

[[noreturn]] void die_with_living_groups(std::size_t count) noexcept {
  std::fprintf(stderr, "threadgroup: a runtime is destroyed while %zu of its groups live\n", count);
  std::terminate();
}

}  // namespace

runtime& runtime::instance() {
  static runtime& the = []() -> runtime& {
    const making_default making;
    auto& made = *new runtime(making_default::options());
    // [I3] release: the runtime is complete; pairs with [I4]
    default_engine.store(made.engine_, base::release);
    return made;
  }();
  the.engine_->check_fork();
  return the;
}

void runtime::configure(const runtime_options& options) {
  static_cast<void>(checked(options));
  // All that may fail comes before anybody can wait for the end of it.
  runtime_options copy = options;
  runtime_options& configured = configured_options();
  if (!try_leave_open(phase::storing)) {
    if (const engine* made = default_engine.load(base::acquire)) made->check_fork();  // as [I4]
    reject_late(options);
  }
  std::swap(configured, copy);
  open_again();
}

runtime::runtime(const runtime_options& options) : engine_(make_engine(checked(options))) {}

runtime::~runtime() {
  if (engine_->forked()) return;
  if (const std::size_t living = engine_->living_groups(); living != 0) die_with_living_groups(living);
  groups::roster::leave(*engine_);
  flow::end_group(*engine_, *engine_->errands.load(base::relaxed));  // relaxed: written at construction
  engine_->shut_down();
  engine_->set_left_events();
  // Futures that are still out keep the records, and with them the pools, for ever.
  if (engine_->records_in_use(engine_->tasks, &groups::local::share::tasks) == 0) delete engine_;
}

void runtime::prewarm() {
  engine_->check_fork();
  engine_->tasks.prefault();
  engine_->segments.prefault();
  engine_->ready_segments.prefault();
  engine_->slots.prefault();
  engine_->crew.prewarm();
}

runtime_stats runtime::stats() const { return engine_->stats(); }

namespace detail {
void add_to_snapshot(engine& runtime, forest_snapshot& out);
}

forest_snapshot snapshot() {
  forest_snapshot out;
  bool is_any = false;
  groups::roster::for_each([&](engine& runtime) {
    is_any = true;
    detail::add_to_snapshot(runtime, out);
  });
  if (is_any) return out;
  engine* parents = default_engine.load(base::acquire);  // as [I4]
  if (parents != nullptr) parents->check_fork();
  return out;
}

void set_all_events(event_cause cause) {
  // [I4] acquire: the runtime is complete; pairs with [I3]
  engine* runtime = default_engine.load(base::acquire);
  if (runtime == nullptr) return;
  runtime->check_fork();
  flow::set_all_events(*runtime, cause, flow::setter::thread);
}

void set_all_events_from_signal(event_cause cause) noexcept {
  engine* runtime = default_engine.load(base::acquire);  // as [I4]
  if (runtime != nullptr && !runtime->forked())
    flow::set_all_events(*runtime, cause, flow::setter::signal_handler);
}

}  // namespace tg
