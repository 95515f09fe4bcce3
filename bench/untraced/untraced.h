// The library once more in this process, compiled without the emit points of the recorder.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

double untraced_ns_per_task(std::size_t count, std::uint32_t limit);

}  // namespace bench
