// A trace told in a few words: who adds, starts and ends what, and when. Times are nanoseconds from the start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/trace/format.h"
#include "tests/support/trace_file.h"
#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/model.h"
#include "tools/tgtrace/reader.h"

namespace tg_test {

namespace tracing = tg::tracing;

using tracing::group_ref;
using tracing::kind;

inline constexpr std::uint64_t us = 1'000;
inline constexpr std::uint64_t ms = 1'000'000;
// Stamps are not small: a trace begins some time after the machine was started.
inline constexpr std::uint64_t scene_begin = 100'000 * ms;

class scene {
 public:
  explicit scene(std::uint32_t records_per_ring = 1024) : file_(records_per_ring) {}

  trace_file& file() { return file_; }

  group_ref group(std::string_view name, group_ref parent = 0, std::uint32_t limit = 32,
                  std::uint64_t born = 0) {
    const group_ref made = file_.add_group(name, parent, limit);
    file_.group(made).entered = at(born);
    return made;
  }
  std::size_t thread(std::string_view name) { return file_.add_ring(++last_tid_, name); }
  std::size_t worker(std::string_view name) {
    const std::size_t made = thread(name);
    push(made, 0, kind::worker_came);
    return made;
  }

  void push(std::size_t ring, std::uint64_t when, kind what, group_ref group = 0, std::uint64_t a = 0,
            std::uint64_t b = 0, std::uint8_t detail = 0) {
    file_.push(ring, at(when), what, group, a, b, detail);
  }
  void add(std::size_t ring, std::uint64_t when, group_ref group, std::uint64_t id) {
    push(ring, when, kind::task_added, group, id);
  }
  void start(std::size_t ring, std::uint64_t when, group_ref group, std::uint64_t id) {
    push(ring, when, kind::task_started, group, id);
  }
  void end(std::size_t ring, std::uint64_t when, group_ref group, std::uint64_t id,
           tracing::outcome how = tracing::outcome::value) {
    push(ring, when, kind::task_ended, group, id, 0, static_cast<std::uint8_t>(how));
  }
  void skip(std::size_t ring, std::uint64_t when, group_ref group, std::uint64_t id, std::uint8_t cause,
            std::uint64_t ran = 0) {
    push(ring, when, kind::task_skipped, group, id, ran, cause);
  }
  void run(std::size_t ring, std::uint64_t from, std::uint64_t to, group_ref group, std::uint64_t id) {
    start(ring, from, group, id);
    end(ring, to, group, id);
  }
  void begin_wait(std::size_t ring, std::uint64_t when, tracing::wait what, group_ref of, group_ref on) {
    push(ring, when, kind::wait_began, of, 0, on, static_cast<std::uint8_t>(what));
  }
  void end_wait(std::size_t ring, std::uint64_t when, tracing::wait what, group_ref of, group_ref on,
                tracing::wait_end how, std::uint64_t took = 0) {
    const unsigned detail = static_cast<unsigned>(how) << 4 | static_cast<unsigned>(what);
    push(ring, when, kind::wait_ended, of, took, on, static_cast<std::uint8_t>(detail));
  }

  std::string bytes() const { return file_.bytes(); }

  static std::uint64_t at(std::uint64_t when) { return scene_begin + when; }

 private:
  trace_file file_;
  std::uint32_t last_tid_ = 100;
};

// What most traces here begin with: one group, a thread outside that adds its tasks, a worker that runs them.
struct plain_scene {
  scene made;
  group_ref group;
  std::size_t outside;
  std::size_t one;
};
inline plain_scene scene_of(std::string_view group, std::uint32_t limit = 32,
                            std::uint32_t records_per_ring = 1024) {
  plain_scene fresh{scene(records_per_ring), 0, 0, 0};
  fresh.group = fresh.made.group(group, 0, limit);
  fresh.outside = fresh.made.thread("main");
  fresh.one = fresh.made.worker("tg-0");
  return fresh;
}

// Of bytes at any address: a reader wants them aligned.
inline tgtrace::raw_trace read(std::string_view raw) {
  std::vector<std::uint64_t> aligned(raw.size() / sizeof(std::uint64_t) + 1);
  std::memcpy(aligned.data(), raw.data(), raw.size());
  return tgtrace::read_trace(std::as_bytes(std::span(aligned)).first(raw.size()));
}

inline tgtrace::model model_of(const scene& from) { return tgtrace::build_model(read(from.bytes())); }

inline tgtrace::findings findings_of(const tgtrace::model& m) { return tgtrace::find_out(m, 10, {}); }

}  // namespace tg_test
