// Programs of public operations, made of the input's bytes: README.md.
#include "tests/fuzz/concurrent.h"
#include "tests/fuzz/sequential.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tg_fuzz::bytes input(data, size);
  if (input.below(2) == 0) {
    tg_fuzz::run_sequential(input);
  } else {
    tg_fuzz::run_concurrent(input);
  }
  return 0;
}
