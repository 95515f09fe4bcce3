// Recording is switched on and off from outside, in a process that was started without it and goes on working.
#include "tests/support/bounded.h"
#include "tests/support/fresh_process.h"
#include "tests/support/trace_view.h"
#include "tests/trace/folder.h"
#include "tests/trace/page.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <sys/wait.h>

#include <csignal>

namespace {

using namespace tg_test;
using tg::tracing::order;
using tracing::kind;

// Works until it is told to end, and ends well only if nothing was lost.
class working_process {
 public:
  working_process() {
    int ends[2];
    int ready[2];
    EXPECT_EQ(::pipe(ends) + ::pipe(ready), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends[1]);
      run_and_exit([&] { return work(ends[0], ready[1]); });
    }
    ::close(ends[0]);
    ::close(ready[1]);
    quit_ = ends[1];
    char is_ready = 0;
    EXPECT_EQ(::read(ready[0], &is_ready, 1), 1);
    ::close(ready[0]);
  }
  pid_t id() const { return child_; }
  bool ends_well() {
    ::close(quit_);
    int status = 0;
    ::waitpid(child_, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  static bool work(int quit, int ready) {
    ::fcntl(quit, F_SETFL, O_NONBLOCK);
    std::size_t ran = 0;
    std::size_t added = 0;
    for (bool first = true;; first = false) {
      tg::group busy("busy", {.max_concurrent = 2});
      for (int i = 0; i < 50; ++i, ++added) busy.add_task([] {});
      ran += busy.join().succeeded;
      if (first && ::write(ready, "r", 1) != 1) return false;
      char byte = 0;
      if (::read(quit, &byte, 1) == 0) break;
    }
    return holds(ran == added, "every task ran");
  }

  pid_t child_ = -1;
  int quit_ = -1;
};

TEST(trace_attach, a_process_that_does_not_record_can_be_told_to) {
  const folder here;
  working_process process;
  control_page_of page(process.id());
  ASSERT_TRUE(page.found());
  const std::string file = page.give(order::start, here.path());
  ASSERT_EQ(file, here.path() + "/threadgroup-" + std::to_string(process.id()) + ".live");
  std::string copy;
  ASSERT_TRUE(eventually([&] {
    if (!copy.empty()) std::filesystem::remove(copy);
    copy = page.give(order::freeze);
    return trace_view(copy).count(kind::task_ended, "busy") != 0;
  }));
  const trace_view seen(copy);
  ASSERT_TRUE(seen.is_valid());
  EXPECT_EQ(seen.header().pid, static_cast<std::uint32_t>(process.id()));
  EXPECT_TRUE(process.ends_well());
}

TEST(trace_attach, a_hundred_times_and_the_process_goes_on) {
  const folder here;
  working_process process;
  control_page_of page(process.id());
  ASSERT_TRUE(page.found());
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(page.give(order::start, here.path()).empty()) << i;
    ASSERT_FALSE(page.give(order::stop).empty()) << i;
  }
  const trace_view seen(page.give(order::freeze));
  ASSERT_TRUE(seen.is_valid());
  EXPECT_EQ(seen.header().recording, 0u);
  EXPECT_EQ(here.files(".live").size(), 1u);
  EXPECT_TRUE(process.ends_well());
}

TEST(trace_attach, a_look_leaves_the_threshold_as_the_program_has_set_it) {
  const folder here;
  auto options = here.here();
  options.freeze_after = std::chrono::milliseconds(20);
  ASSERT_TRUE(tg::trace::start(options));
  tg::group late("late");
  control_page_of page(::getpid());
  ASSERT_TRUE(page.found());
  ASSERT_EQ(page.give(order::start), tg::trace::file());
  late.add_task([] { std::this_thread::sleep_for(std::chrono::milliseconds(60)); });
  static_cast<void>(late.join());
  EXPECT_TRUE(eventually([&] { return !here.files(".tgtrace").empty(); }));
}

TEST(trace_attach, an_order_that_cannot_be_carried_out_is_answered) {
  working_process process;
  control_page_of page(process.id());
  ASSERT_TRUE(page.found());
  EXPECT_TRUE(page.give(order::freeze).empty());
  EXPECT_TRUE(page.give(order::start, "/no/such/folder").empty());
  EXPECT_TRUE(page.give(static_cast<order>(99)).empty());
  EXPECT_TRUE(process.ends_well());
}

}  // namespace
