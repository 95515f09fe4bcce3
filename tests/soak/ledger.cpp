#include "tests/soak/ledger.h"

#include "tests/support/stress.h"

#include <cstdio>

namespace soak {

void fault(std::string_view what) {
  constexpr std::uint64_t told = 20;
  if (counted.faults.fetch_add(1) >= told) return;
  std::fprintf(stderr,
               "soak: FAULT in scene '%s': %.*s\n      again: tools/soak --seed %llu --from-phase %llu\n",
               position::scene, static_cast<int>(what.size()), what.data(),
               static_cast<unsigned long long>(tg_test::stress_seed()),
               static_cast<unsigned long long>(now_at.phase.load()));
}

}  // namespace soak
