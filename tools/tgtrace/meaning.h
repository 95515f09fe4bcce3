// The numbers in records as the words of the model. A number that no word is for becomes the word for nothing special.
#pragma once

#include <cstdint>

#include "tools/tgtrace/model.h"

namespace tgtrace {

cause cause_of(std::uint64_t detail) noexcept;
waiting_for waiting_of(std::uint64_t detail) noexcept;
wait_end wait_end_of(unsigned detail) noexcept;

}  // namespace tgtrace
