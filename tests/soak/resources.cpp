#include "tests/soak/resources.h"

#include "tests/soak/ledger.h"
#include "tests/support/bounded.h"
#include "tests/support/process_status.h"

#include <threadgroup/detail/task_record.h>
#include <threadgroup/runtime.h>

#include <malloc.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TG_SOAK_SANITIZED 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TG_SOAK_SANITIZED 1
#endif
#endif

namespace soak {
namespace {

// A sanitizer keeps what was freed, on purpose.
#ifdef TG_SOAK_SANITIZED
constexpr bool judges_memory = false;
#else
constexpr bool judges_memory = true;
#endif

constexpr std::size_t warm_up_rests = 8;
// What arenas of the heap and stacks of new threads may still come to after the first phases. A leak of a few bytes
// in a task, a set or a birth passes it within minutes.
constexpr std::size_t allowance = std::size_t{24} << 20;
// Main, vigil, the two service threads, one parked spare; a sanitizer has one of its own.
constexpr std::size_t standing_threads = 6;

// The recorder's file, which is shared memory and has its full size at last, is left out.
std::size_t resident_bytes() { return tg_test::status_field("RssAnon:") * 1024; }

// More tasks or groups at once than ever before make the pools grow, which keep what they have. Prewarmed, all of it was
// resident at the beginning.
std::size_t pool_bytes() {
  constexpr std::size_t group_record = 512;  // eight cache lines, core/group/slot.h
  const tg::runtime_stats now = tg::runtime::instance().stats();
  return now.task_records * sizeof(tg::detail::task_record) + now.group_records * group_record;
}

std::string figure(std::string_view what, std::size_t is, std::size_t most) {
  return std::string(what) + ": " + std::to_string(is) + ", at most " + std::to_string(most);
}

}  // namespace

resources::resources()
    : most_threads_(standing_threads + tg::runtime::instance().stats().workers +
                    std::max(1u, std::thread::hardware_concurrency())) {}

void resources::check_at_rest() {
  const tg::runtime& runtime = tg::runtime::instance();
  static_cast<void>(tg_test::eventually([&] {
    const tg::runtime_stats now = runtime.stats();
    return now.task_records_in_use + now.group_records_in_use + now.blocked == 0 &&
           tg_test::thread_count() <= most_threads_;
  }));
  const tg::runtime_stats now = runtime.stats();
  holds(now.task_records_in_use == 0, figure("task records in use at rest", now.task_records_in_use, 0));
  holds(now.group_records_in_use == 0, figure("groups alive at rest", now.group_records_in_use, 0));
  holds(now.blocked == 0, figure("blocked tasks at rest", now.blocked, 0));
  holds(tg_test::thread_count() <= most_threads_,
        figure("threads at rest", tg_test::thread_count(), most_threads_));
  if (judges_memory) check_memory();
}

void resources::check_memory() {
  ::malloc_trim(0);
  const std::size_t now = resident_bytes() - pool_bytes();
  if (rests_++ < warm_up_rests) {
    base_ = std::max(base_, now);
    return;
  }
  growth_ = static_cast<std::int64_t>(now) - static_cast<std::int64_t>(base_);
  holds(now <= base_ + allowance, figure("resident bytes beside the pools' at rest", now, base_ + allowance));
}

}  // namespace soak
