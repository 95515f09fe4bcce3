// The memory for records is reserved before they are written: where there is none, recording stays off, or what has no
// place is counted, and the program goes on.
#include "tests/support/fresh_process.h"
#include "tests/support/trace_view.h"
#include "tests/trace/folder.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

namespace {

using namespace tg_test;
using tracing::kind;

// For this process alone, the folder has so much memory and no more. False: it may not mount anything here.
bool bound_memory_of(const std::string& path, const char* size) {
  const int apart = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
  return ::unshare(apart) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, size) == 0;
}

bool works() {
  tg::group all("all", {.max_concurrent = 1});
  for (int i = 0; i < 10; ++i) all.add_task([] {});
  return all.join().succeeded == 10;
}

bool may_mount_here() {
  const folder here;
  return exit_code_of_fork([&] { return bound_memory_of(here.path(), "size=256k"); }) == 0;
}

// In a process of its own, whose folder has so much memory; what it says on stderr is part of the promise.
template <class What>
void with_memory(const char* size, const char* says, What&& what) {
  if (!may_mount_here()) GTEST_SKIP() << "this process may not mount anything";
  const folder here;
  const auto child = [&] {
    run_and_exit([&] { return holds(bound_memory_of(here.path(), size), "mounted") && what(here); });
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), says);
}

TEST(trace_memory, without_space_it_stays_off_with_a_line_and_leaves_no_file) {
  with_memory(
      "size=256k", "tracing stays off: .*no space for the rings .No space left", [](const folder& here) {
        return holds(!tg::trace::start(here.here()), "stays off") && holds(!tg::trace::is_on(), "off") &&
               works() && holds(std::filesystem::is_empty(here.path()), "no file");
      });
}

TEST(trace_memory, a_thread_without_space_for_a_ring_goes_on_and_its_records_are_counted) {
  // Room for the first ring of 512 kB, and for no second one.
  with_memory("size=900k", "", [](const folder& here) {
    if (!holds(tg::trace::start(here.here(1 << 14)), "on") || !works()) return false;
    std::jthread([] { works(); }).join();
    tg::trace::stop();
    const std::string outside = "/dev/shm/threadgroup-" + std::to_string(::getpid()) + "-test.copy";
    const std::string copy = tg::trace::freeze(outside);
    const trace_view seen(copy);
    std::filesystem::remove(copy);
    return holds(seen.rings() == 1, "one ring") && holds(seen.header().lost_without_ring != 0, "counted") &&
           holds(seen.header().groups_without_entry != 0, "groups without an entry are counted");
  });
}

}  // namespace
