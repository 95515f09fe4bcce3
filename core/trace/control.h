// What the recorder leaves to the service thread, and how that thread is called: by threads that record, and,
// through the control page, by the tool. The page is not in the model, which has no files.
#pragma once

#include "core/base/atomic.h"
#include "core/trace/format.h"

#include <optional>

namespace tg::tracing {

// The futex on which the process's service thread sleeps, so that others can ring it, the tool too. One runtime
// has it at a time; the first one makes the control page that it is in, without which the tool cannot attach,
// and all else works.
class bell {
 public:
  bell() noexcept;
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;
  ~bell();
  base::atomic<std::uint32_t>* word() const noexcept { return word_; }  // nullptr: another one has it

 private:
  base::atomic<std::uint32_t>* word_ = nullptr;
};

struct trigger {
  freeze_reason why = freeze_reason::none;
  group_ref group = 0;
  std::uint64_t task = 0;
  std::uint64_t ticks = 0;
};

// Any thread, signal handlers too; no heap. The first trigger of several that wait counts.
void ask_to_freeze(const trigger& what) noexcept;
void ask_to_sweep() noexcept;

// The service thread's.
std::optional<trigger> take_trigger() noexcept;
bool take_sweep() noexcept;
// Carries out what the tool has ordered, if it has.
void obey_orders() noexcept;

}  // namespace tg::tracing
