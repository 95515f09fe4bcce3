// Nested groups: tasks that each make a group of ten tasks and join it; the time for each inner task.
#include "bench/support/contest.h"
#include "bench/support/tbb_peer.h"
#include "bench/support/timing.h"

#include <threadgroup/threadgroup.h>

#include <future>
#include <stdexcept>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t inner_tasks = 10;

struct nested_work {
  std::size_t outer = 0;
  std::size_t depth = 1;  // groups inside each other below the outer one
  unsigned workers = 2;
};

double per_inner(std::int64_t start, const nested_work& work) {
  return static_cast<double>(now_ns() - start) / static_cast<double>(work.outer * work.depth * inner_tasks);
}

// A group with ten tasks, the first of which does the same one level further down.
void our_inner(std::size_t depth) {
  tg::group inner;
  for (std::size_t i = 0; i < inner_tasks; ++i) {
    inner.add_task([below = i == 0 ? depth - 1 : 0] {
      if (below > 0) our_inner(below);
    });
  }
  if (inner.join().succeeded != inner_tasks) throw std::logic_error("threadgroup lost an inner task");
}

void tbb_inner(std::size_t depth) {
  tbb::task_group inner;
  for (std::size_t i = 0; i < inner_tasks; ++i) {
    inner.run([below = i == 0 ? depth - 1 : 0] {
      if (below > 0) tbb_inner(below);
    });
  }
  inner.wait();
}

double our_outer(const nested_work& work) {
  tg::group outer;
  const std::int64_t start = now_ns();
  for (std::size_t i = 0; i < work.outer; ++i) outer.add_task(&our_inner, work.depth);
  outer.join().throw_if_failed();
  return per_inner(start, work);
}

double tbb_outer(const nested_work& work) {
  double found = 0;
  joined_arena(work.workers).execute([&] {
    tbb::task_group outer;
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < work.outer; ++i) outer.run([&work] { tbb_inner(work.depth); });
    outer.wait();
    found = per_inner(start, work);
  });
  return found;
}

// Has no groups: ten futures take a group's place.
void async_inner(std::size_t depth) {
  std::vector<std::future<void>> inner;
  for (std::size_t i = 0; i < inner_tasks; ++i) {
    inner.push_back(std::async(std::launch::async, [below = i == 0 ? depth - 1 : 0] {
      if (below > 0) async_inner(below);
    }));
  }
  for (std::future<void>& one : inner) one.get();
}

// A thread for each: as many outer tasks at once as there are workers.
double async_outer(const nested_work& work) {
  std::vector<std::future<void>> outer;
  const std::int64_t start = now_ns();
  for (unsigned i = 0; i < work.workers; ++i) {
    outer.push_back(std::async(std::launch::async, [&work, i] {
      for (std::size_t k = i; k < work.outer; k += work.workers) async_inner(work.depth);
    }));
  }
  for (std::future<void>& one : outer) one.get();
  return per_inner(start, work);
}

template <class Run>
outcome warmed(Run&& run, const nested_work& work) {
  nested_work little = work;
  little.outer = work.outer / 20 + 1;
  run(little);
  return {run(work)};
}

contest nested(const std::string& name, const nested_work& work) {
  return {"P3",
          name,
          "ns an inner task",
          {{ours, [=] { return warmed(&our_outer, work); }},
           {"tbb_task_group", [=] { return warmed(&tbb_outer, work); }}}};
}

std::vector<contest> contests(const scale& size) {
  std::vector<contest> all;
  all.push_back(nested("nested/ten_each", {.outer = size.count(10'000), .workers = size.workers}));
  all.back().targets = {{{"tbb_task_group"}, 0.5}};
  const nested_work few{.outer = size.count(200), .workers = size.workers};
  all.back().contenders.push_back({"std_async", [=] { return warmed(&async_outer, few); }});
  if (!size.growth) return all;
  for (std::size_t depth : {1u, 10u, 100u, 1'000u}) {
    all.push_back(nested("nested/depth:" + std::to_string(depth),
                         {.outer = size.count(10'000) / depth + 1, .depth = depth, .workers = size.workers}));
    all.back().axis = "groups inside each other";
    all.back().at = static_cast<double>(depth);
  }
  return all;
}

const entry nested_entry(&contests);

}  // namespace
}  // namespace bench
