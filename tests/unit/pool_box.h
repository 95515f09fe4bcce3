// A pool with a cache for each thread of a test.
#pragma once

#include "core/memory/pool.h"

#include <cstddef>
#include <deque>

namespace tg_test {

class pool_box {
 public:
  pool_box(std::size_t record_size, std::size_t records, std::size_t max_records, std::size_t threads,
           tg::memory::sharing how = tg::memory::sharing::by_magazines)
      : pool_(record_size, records, max_records, how) {
    for (std::size_t i = 0; i < threads; ++i) caches_.emplace_back(pool_);
  }

  tg::memory::pool& pool() { return pool_; }
  tg::memory::pool::cache& cache(std::size_t thread = 0) { return caches_[thread]; }

  // Records that somebody has taken and not given back; exact while nobody takes or gives.
  std::size_t in_use() const {
    std::size_t kept = 0;
    for (const auto& cache : caches_) kept += tg::memory::pool::kept(cache);
    return pool_.out() - kept;
  }

 private:
  tg::memory::pool pool_;
  std::deque<tg::memory::pool::cache> caches_;
};

}  // namespace tg_test
