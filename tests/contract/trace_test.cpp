// Promise: recording is switched on and off at any time, and what cannot be done is said and stops nothing.
// (trace.h)
#include "tests/support/fresh_process.h"

#include <gtest/gtest.h>
#include <threadgroup/threadgroup.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using namespace tg_test;
using namespace std::chrono_literals;

class trace : public fresh_process {};
class trace_variable : public fresh_process {
 protected:
  ~trace_variable() override { ::unsetenv("THREADGROUP_TRACE"); }
};

// What a bad option's exception says; empty: there was none.
std::string complaint_about(const tg::trace::options& options) {
  try {
    tg::trace::start(options);
  } catch (const tg::bad_options& bad) {
    return bad.what();
  }
  return {};
}

bool works() {
  tg::group all("all");
  for (int i = 0; i < 10; ++i) all.add_task([] {});
  return all.join().succeeded == 10;
}

void remove(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

TEST_F(trace, is_off_unless_it_is_asked_for) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    return works() && holds(!tg::trace::is_on(), "off") && holds(tg::trace::file().empty(), "no file");
  });
}

TEST_F(trace, is_switched_on_and_off_while_the_process_works) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    bool fine = true;
    for (int i = 0; i < 20 && fine; ++i) {
      fine = tg::trace::start() && tg::trace::is_on() && works();
      tg::trace::stop();
      fine = fine && !tg::trace::is_on() && works();
    }
    const bool there = std::filesystem::exists(tg::trace::file());
    remove(tg::trace::file());
    return holds(fine, "on, off, and all tasks ran") && holds(there, "the file stays");
  });
}

TEST_F(trace, a_copy_is_written_where_it_is_wanted) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::trace::start();
    works();
    const std::string wanted = tg::trace::file() + ".copy";
    const std::string got = tg::trace::freeze(wanted);
    const std::string other = tg::trace::freeze();
    const bool there = std::filesystem::exists(wanted) && std::filesystem::exists(other);
    for (const std::string& path : {wanted, other, tg::trace::file()}) remove(path);
    return holds(got == wanted, "the path") && holds(there, "the files") &&
           holds(other != wanted, "another one");
  });
}

TEST_F(trace, a_copy_of_nothing_is_an_error_that_says_so) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    try {
      tg::trace::freeze();
    } catch (const tg::error& failure) {
      return holds(std::string(failure.what()).find("nothing was recorded") != std::string::npos,
                   failure.what());
    }
    return holds(false, "no exception");
  });
}

TEST_F(trace, a_copy_is_never_written_over_a_file) {
  TG_EXPECT_IN_FRESH_PROCESS([] {
    tg::trace::start();
    const std::string path = tg::trace::freeze();
    bool refused = false;
    try {
      tg::trace::freeze(path);
    } catch (const tg::error& failure) {
      refused = std::string(failure.what()).find(path) != std::string::npos;
    }
    for (const std::string& left : {path, tg::trace::file()}) remove(left);
    return holds(refused, "an error that names the file");
  });
}

TEST_F(trace, bad_options_name_field_and_value) {
  EXPECT_NE(complaint_about({.records_per_thread = 3}).find("trace::options::records_per_thread = 3"),
            std::string::npos);
  EXPECT_NE(complaint_about({.directory = ""}).find("trace::options::directory = ''"), std::string::npos);
  EXPECT_NE(complaint_about({.freeze_after = -1ns}).find("trace::options::freeze_after = -1ns"),
            std::string::npos);
  EXPECT_FALSE(tg::trace::is_on());
}

TEST_F(trace, without_a_file_it_stays_off_with_a_line_and_all_works) {
  const auto start_where_nothing_is = [] {
    const bool on = tg::trace::start({.directory = "/no/such/folder"});
    run_and_exit([&] { return holds(!on, "stays off") && holds(!tg::trace::is_on(), "off") && works(); });
  };
  EXPECT_EXIT(start_where_nothing_is(), testing::ExitedWithCode(0),
              "threadgroup: tracing stays off: cannot create /no/such/folder/threadgroup-.*No such file");
}

TEST_F(trace_variable, switches_recording_on) {
  for (const char* value : {"1", "on", "records=1024,freeze=50ms", "dir=/dev/shm"}) {
    SCOPED_TRACE(value);
    ::setenv("THREADGROUP_TRACE", value, 1);
    TG_EXPECT_IN_FRESH_PROCESS([] {
      const bool fine = works() && holds(tg::trace::is_on(), "on");
      remove(tg::trace::file());
      return fine;
    });
  }
}

TEST_F(trace_variable, may_say_that_it_stays_off) {
  for (const char* value : {"", "0", "off"}) {
    SCOPED_TRACE(value);
    ::setenv("THREADGROUP_TRACE", value, 1);
    TG_EXPECT_IN_FRESH_PROCESS([] { return works() && holds(!tg::trace::is_on(), "off"); });
  }
}

TEST_F(trace_variable, that_says_nothing_sensible_is_an_error_that_names_it) {
  for (const char* value :
       {"yes", "2", "records=5", "records=x", "freeze=5", "freeze=5h", "dir=", "on,off", ","}) {
    SCOPED_TRACE(value);
    ::setenv("THREADGROUP_TRACE", value, 1);
    TG_EXPECT_IN_FRESH_PROCESS([] {
      try {
        tg::group fails("fails");
      } catch (const tg::bad_options& bad) {
        const std::string expected =
            std::string("THREADGROUP_TRACE = '") + std::getenv("THREADGROUP_TRACE") + "'";
        return holds(std::string(bad.what()).find(expected) != std::string::npos, bad.what());
      }
      return holds(false, "no exception");
    });
  }
}

}  // namespace
