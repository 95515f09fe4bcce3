// What became of tasks: who sees that one has ended sees what it did, however it has ended and whoever has counted it.
#include "tests/model/runtime_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>

namespace {

using namespace model_test;
using namespace std::chrono_literals;

// What a task does: plain writes, so that who reads them without having seen its end is found.
struct deeds {
  int first = 0;
  int second = 0;
  base::atomic<std::uint32_t> ended{0};  // a hint when to look, which tells nothing of what was written
  void check() const { model::check(first == 1 && second == 1, "an end is seen, and not what came before"); }
};

// Writes when it is destroyed, by whoever skips its task.
class on_skip {
 public:
  explicit on_skip(deeds& at) : at_(&at) {}
  on_skip(on_skip&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}
  on_skip(const on_skip&) = delete;
  on_skip& operator=(const on_skip&) = delete;
  ~on_skip() {
    if (at_ == nullptr) return;
    at_->second = 1;
    at_->ended.fetch_add(1, base::relaxed);
  }
  void operator()() const { model::fail("a task of a set group has run"); }

 private:
  deeds* at_;
};

// Two tasks that end beside each other, so that one is not the lead's.
void add_two(tg::group& to, deeds& done, bool fails) {
  for (int* one : {&done.first, &done.second}) {
    to.add_task([&done, one, fails] {
      *one = 1;
      done.ended.fetch_add(1, base::relaxed);
      if (fails) throw std::runtime_error("on purpose");
    });
  }
}

// One look, about when the last of them ends.
void expect_seen_if_complete(tg::group& group, const deeds& done, std::uint32_t tasks) {
  for (int i = 0; i < 30 && done.ended.load(base::relaxed) != tasks; ++i) model::spin();
  for (unsigned looks = model::any_of(3); looks > 0; --looks)
    static_cast<void>(done.ended.load(base::relaxed));
  const bool complete = group.join_for(0ns).complete;
  if (complete) done.check();
  model::reached(complete ? "complete" : "not yet");
}

TEST(accounts, figures_come_after_what_succeeded) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at(2);
    tg::group group("succeed", at.in());
    deeds done;
    add_two(group, done, false);
    while (group.stats().succeeded != 2) model::spin();
    done.check();
  });
}

TEST(accounts, a_join_that_only_looks_comes_after_what_succeeded) {
  model::explore(of_runtime({"complete", "not yet"}, 6'000), [] {
    runtime_model at(2);
    tg::group group("succeed", at.in());
    deeds done;
    add_two(group, done, false);
    expect_seen_if_complete(group, done, 2);
  });
}

TEST(accounts, figures_come_after_what_failed) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at(2);
    tg::group group("fail", at.in());
    deeds done;
    add_two(group, done, true);
    while (group.stats().failed != 2) model::spin();
    done.check();
    static_cast<void>(group.join());
  });
}

// Failures that are not counted yet are on the same list as those that are told.
TEST(accounts, an_incomplete_report_tells_failures_beside_others) {
  model::explore(of_runtime({"one", "both"}, 8'000), [] {
    runtime_model at(2);
    tg::group group("fail", at.in());
    deeds done;
    add_two(group, done, true);
    tg::join_report report = group.join_for(0ns);
    while (report.failed == 0) {
      model::spin();
      report = group.join_for(0ns);
    }
    model::check(report.failures.size() == report.failed, "a counted failure is not told");
    for (const tg::task_failure& one : report.failures)
      model::check(one.exception != nullptr, "a failure without a cause");
    model::reached(report.failed == 1 ? "one" : "both");
    if (!report.complete) static_cast<void>(group.join());
  });
}

TEST(accounts, figures_come_after_what_was_skipped) {
  model::explore(of_runtime({}, 6'000), [] {
    runtime_model at;
    tg::group group("skip", at.limited(0));
    deeds done{.first = 1};
    group.add_task(on_skip(done));
    model::thread setter([&] { group.set_event(); });
    while (group.stats().skipped == 0) model::spin();
    done.check();
  });
}

TEST(accounts, a_join_that_only_looks_comes_after_what_was_skipped) {
  model::explore(of_runtime({"complete", "not yet"}, 6'000), [] {
    runtime_model at;
    tg::group group("skip", at.limited(0));
    deeds done{.first = 1};
    group.add_task(on_skip(done));
    model::thread setter([&] { group.set_event(); });
    expect_seen_if_complete(group, done, 1);
  });
}

// A task that is being skipped does not run, at no moment; afterwards one that does is one.
TEST(accounts, what_is_skipped_is_never_said_to_run) {
  model::explore(of_runtime({"beside", "after"}, 6'000), [] {
    runtime_model at;
    tg::group group("skip", at.limited(0));
    deeds gone;
    group.add_task(on_skip(gone));
    std::optional<model::thread> setter;
    setter.emplace([&] { group.set_event(); });
    const tg::group_stats seen = group.stats();
    model::check(seen.running == 0, "what is skipped is said to run");
    model::reached(seen.pending == 0 ? "after" : "beside");
    setter.reset();
    const model::calm end;
    model::check(group.reset_event(), "nothing speaks against a reset");
    group.set_max_concurrent(1);
    group.add_task([&] { model::check(group.stats().running == 1, "a running task is not counted"); });
    static_cast<void>(group.join());
  });
}

}  // namespace
