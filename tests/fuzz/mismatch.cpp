#include "tests/fuzz/mismatch.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace tg_fuzz {

void mismatch(const std::string& program, const std::string& what) {
  // The first of several threads tells; the others wait for the end.
  static std::mutex telling;
  telling.lock();
  std::fprintf(stderr, "\n%s\nMISMATCH: %s\n", program.c_str(), what.c_str());
  std::fflush(stderr);
  std::abort();
}

void echo(const std::string& line) {
  static const bool is_wanted = std::getenv("TG_FUZZ_ECHO") != nullptr;
  if (is_wanted) std::fprintf(stderr, "%s", line.c_str());
}

}  // namespace tg_fuzz
