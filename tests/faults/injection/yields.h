// A processor that is yielded and comes back late.
#pragma once

namespace tg_test {

// As long as one lives, who yields in the library first calls `before(context)`. One at a time.
class late_yields {
 public:
  late_yields(void (*before)(void* context), void* context) noexcept;
  late_yields(const late_yields&) = delete;
  late_yields& operator=(const late_yields&) = delete;
  ~late_yields();
};

}  // namespace tg_test
