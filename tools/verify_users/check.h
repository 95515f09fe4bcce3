// Is one account usable?
#pragma once

#include <string>

#include "passwd.h"

namespace verify_users {

enum class verdict { valid, invalid, undecided, stopped };  // undecided: an error that may pass

struct check_result {
  verdict what = verdict::stopped;
  const char* part = "";  // "home" or "shell": which one failed
  int error = 0;          // errno
};

// One attempt: asks the file system.
check_result check_once(const account& who);
// For the user: "valid" or what is wrong.
std::string describe(const account& who, const check_result& result);

}  // namespace verify_users
