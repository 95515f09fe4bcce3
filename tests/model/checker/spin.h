// For the stand-ins, which are compiled with the code under test.
#pragma once

#include <cstdint>

namespace model {

void spin() noexcept;
std::uint64_t ticks() noexcept;

}  // namespace model
