// Writes a trace to the file that is named: three requests that share a pool, one of which is stopped by its deadline; or
// so many are, if a number follows.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

#include "tests/tgtrace/scene.h"

namespace {

using namespace tg_test;
using tracing::wait;
using tracing::wait_end;

constexpr int steps_a_request = 12;

// A request joins its steps; they are run by two workers in turn.
void request(scene& into, group_ref service, std::uint64_t id, std::uint64_t from, std::mt19937_64& random) {
  enum : std::size_t { main_ring, one, two, three };
  const auto steps = into.group("request " + std::to_string(id), service, 2, from + 20 * us);
  into.add(main_ring, from, service, id);
  into.push(one, from + 5 * us, kind::worker_woken);
  into.start(one, from + 15 * us, service, id);
  for (std::uint64_t k = 1; k <= steps_a_request; ++k) into.add(one, from + (20 + k) * us, steps, k);
  into.begin_wait(one, from + 40 * us, wait::join, service, steps);
  std::uint64_t free[] = {from + 60 * us, from + 75 * us};
  for (std::uint64_t k = 1; k <= steps_a_request; ++k) {
    const std::size_t which = free[0] <= free[1] ? 0 : 1;
    const std::uint64_t took = (50 + random() % 400) * us;
    const std::size_t ring = which == 0 ? two : three;
    into.start(ring, free[which], steps, k);
    if (k % 4 == 0) {
      into.begin_wait(ring, free[which] + took / 4, wait::blocking, steps, 0);
      into.end_wait(ring, free[which] + took / 2, wait::blocking, steps, 0, wait_end::done);
    }
    into.end(ring, free[which] + took, steps, k);
    free[which] += took + 2 * us;
  }
  const std::uint64_t last = std::max(free[0], free[1]);
  into.end_wait(one, last + 30 * us, wait::join, service, steps, wait_end::done);
  into.end(one, last + 60 * us, service, id);
  into.push(one, last + 80 * us, kind::worker_parked);
}

// Three tasks sleep until the event wakes them; two more are skipped.
void stopped(scene& into, group_ref service, std::uint64_t from) {
  const auto sleepers = into.group("stopped by deadline", service, 3, from);
  for (std::uint64_t k = 1; k <= 5; ++k) into.add(0, from + k * us, sleepers, k);
  for (std::uint64_t k = 1; k <= 3; ++k) {
    into.start(k, from + (10 + k) * us, sleepers, k);
    into.begin_wait(k, from + (20 + k) * us, wait::sleep, sleepers, 0);
  }
  into.push(0, from + 2 * ms, kind::event_set, sleepers, into.file().group(sleepers).id, 0, 4);
  for (std::uint64_t k = 1; k <= 3; ++k) {
    const std::uint64_t woken = from + 2 * ms + k * 90 * us;
    into.push(k, woken, kind::event_heard, sleepers, into.file().group(sleepers).id, 1, 4);
    into.end_wait(k, woken + 2 * us, wait::sleep, sleepers, 0, wait_end::event_set);
    into.end(k, woken + 300 * us, sleepers, k);
  }
  into.skip(1, from + 3 * ms, sleepers, 4, 4);
  into.skip(1, from + 3 * ms + us, sleepers, 5, 4);
}

scene demo(int deadlines) {
  scene made(4096);
  std::mt19937_64 random(3);
  const auto service = made.group("service");
  made.thread("main");
  for (const char* name : {"tg-0", "tg-1", "tg-2"}) made.worker(name);
  made.file().header().workers = 3;
  std::uint64_t from = 1 * ms;
  for (std::uint64_t id = 1; id <= 3; ++id, from += 5 * ms) request(made, service, id, from, random);
  for (int i = 0; i < deadlines; ++i, from += 5 * ms) stopped(made, service, from);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs("usage: tgtrace_demo_scene OUT [DEADLINES]\n", stderr);
    return 2;
  }
  demo(argc == 3 ? std::atoi(argv[2]) : 1).file().write(argv[1]);
  return 0;
}
