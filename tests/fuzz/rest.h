// What a runtime must look like when a program is over.
#pragma once

#include <threadgroup/threadgroup.h>

#include <string>

namespace tg_fuzz {

// No task's record is in use, and nobody counts as blocked. `program` is printed if that does not come about.
void expect_all_given_back(const tg::runtime& of, const std::string& program);

}  // namespace tg_fuzz
