#include "tests/fuzz/rest.h"

#include "tests/fuzz/mismatch.h"
#include "tests/fuzz/patience.h"

namespace tg_fuzz {

void expect_all_given_back(const tg::runtime& of, const std::string& program) {
  tg::runtime_stats now;
  const bool at_rest = eventually([&] {
    now = of.stats();
    return now.task_records_in_use == 0 && now.blocked == 0;
  });
  if (at_rest) return;
  mismatch(program, "it is over, and " + std::to_string(now.task_records_in_use) +
                        " task records are in use, " + std::to_string(now.blocked) +
                        " tasks count as blocked");
}

}  // namespace tg_fuzz
