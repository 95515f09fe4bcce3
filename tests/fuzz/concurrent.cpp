#include "tests/fuzz/concurrent.h"

#include "tests/fuzz/free_thread.h"
#include "tests/fuzz/mismatch.h"
#include "tests/fuzz/rest.h"
#include "tests/fuzz/runtimes.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tg_fuzz {
namespace {

// Waits for the threads with a bound, so that a program that hangs is printed.
class gathering {
 public:
  explicit gathering(std::size_t expected) : missing_(expected) {}
  void arrive() {
    const std::lock_guard lock(mutex_);
    if (--missing_ == 0) all_here_.notify_one();
  }
  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return all_here_.wait_until(lock, std::chrono::steady_clock::now() + 2 * patience,
                                [&] { return missing_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t missing_;
};

class free_run {
 public:
  explicit free_run(const free_program& program)
      : program_(program), text_(to_text(program)), world_{program, found_, {}, {}} {
    echo(text_);
    for (std::size_t number = 0; number < program.groups.size(); ++number) make_group(number);
  }

  void run_threads();
  void settle();

 private:
  void make_group(std::size_t number);
  void settle_group(std::size_t number);
  void throw_out(const std::string& what) const {
    if (!what.empty()) mismatch(text_, what);
  }

  const free_program& program_;
  const std::string text_;
  findings found_;
  free_world world_;
};

std::chrono::steady_clock::duration until_deadline(due when) {
  return when == due::past   ? std::chrono::seconds(-1)
         : when == due::soon ? std::chrono::steady_clock::duration(std::chrono::microseconds(300))
                             : std::chrono::steady_clock::duration(long_time);
}

void free_run::make_group(std::size_t number) {
  const free_group& plan = program_.groups[number];
  auto counts = std::make_unique<ledger>();
  counts->name = "group " + std::to_string(number);
  counts->found = &found_;
  counts->highest_limit = plan.highest_limit;
  world_.ledgers.push_back(std::move(counts));
  tg::group_options options;
  options.max_concurrent = plan.plan.limit;
  options.max_pending = plan.plan.max_pending;
  options.on_event = plan.plan.on_event;
  options.on_failure = plan.plan.on_failure;
  options.max_kept_exceptions = plan.plan.max_kept;
  if (plan.plan.deadline != due::never)
    options.deadline = std::chrono::steady_clock::now() + until_deadline(plan.plan.deadline);
  const std::string& name = world_.ledgers.back()->name;
  if (plan.parent != none) {
    tg::group& parent = *world_.groups[static_cast<std::size_t>(plan.parent)];
    world_.groups.push_back(std::make_unique<tg::group>(parent, name, options));
    return;
  }
  options.on = program_.on_small_runtime ? &small_runtime() : &default_runtime();
  world_.groups.push_back(std::make_unique<tg::group>(name, options));
}

void free_run::run_threads() {
  gathering end(program_.threads.size());
  std::vector<std::thread> threads;
  for (int number = 0; number < static_cast<int>(program_.threads.size()); ++number) {
    threads.emplace_back([this, number, &end] {
      free_thread(world_, number).run();
      end.arrive();
    });
  }
  if (!end.wait()) throw_out("a thread does not come to an end. " + found_.first());
  for (std::thread& thread : threads) thread.join();
  throw_out(found_.first());
}

void free_run::settle_group(std::size_t number) {
  tg::group& of = *world_.groups[number];
  ledger& counts = *world_.ledgers[number];
  if (program_.groups[number].may_be_paused) of.set_max_concurrent(counts.highest_limit);
  const tg::join_report report = of.join_for(patience);
  if (!report.complete) throw_out(counts.name + " does not come to an end. " + found_.first());
  counts.add_up(report);
  counts.is_over = true;
  throw_out(counts.imbalance(of.stats()));
}

void free_run::settle() {
  for (std::size_t number = 0; number < world_.groups.size(); ++number) settle_group(number);
  // Parents first: their children go on without them.
  for (auto& group : world_.groups) group.reset();
  throw_out(found_.first());
}

}  // namespace

void run_concurrent(bytes input) {
  const free_program program = decode_free(input);
  tg::runtime& runtime = program.on_small_runtime ? small_runtime() : default_runtime();
  {
    free_run here(program);
    here.run_threads();
    here.settle();
  }
  expect_all_given_back(runtime, to_text(program));
}

}  // namespace tg_fuzz
