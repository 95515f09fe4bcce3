#include "bench/untraced/untraced.h"

#include "bench/untraced/empty_tasks.h"

namespace bench {

double untraced_ns_per_task(std::size_t count, std::uint32_t limit) { return ns_per_task(count, limit); }

}  // namespace bench
