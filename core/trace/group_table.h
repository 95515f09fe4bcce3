// Names, parents and limits of groups, in the file beside the rings.
//
// enter, end, give_back: any thread; lock-free, no heap. An entry whose group has ended stays as it is until
// a sweep has found no record that refers to it; sweeps are the housekeeper's, one at a time.
#pragma once

#include "core/base/cpu.h"
#include "core/trace/ring.h"

#include <span>
#include <string_view>
#include <vector>

namespace tg::tracing {

// What is told of a group when it is entered.
struct group_facts {
  std::uint64_t id = 0;
  group_ref parent = 0;
  std::string_view name;
  std::uint32_t limit = 0;
  std::uint32_t flags = 0;
  std::int64_t deadline_ns = INT64_MAX;
  std::uint64_t max_pending = UINT64_MAX;
};

class group_table {
 public:
  // Sees to it that the memory of `count` entries from `first` on can be written; false: there is none.
  using reserve_fn = bool (*)(void* context, std::uint32_t first, std::uint32_t count) noexcept;

  // Before anybody else knows the table.
  void lay(group_entry* entries, std::uint32_t capacity, reserve_fn reserve, void* context) noexcept;

  // 0: there is no place.
  group_ref enter(const group_facts& facts, std::uint64_t stamp) noexcept;
  void set_limit(group_ref of, std::uint32_t limit) noexcept;
  // Nobody writes a record for the group any more.
  void end(group_ref of, std::uint64_t stamp) noexcept;
  // Entered, but no record refers to it.
  void give_back(group_ref of) noexcept;

  // Entries below this number have been used.
  std::uint32_t used() const noexcept;
  // The table grew since the last sweep, so one may find entries to be used again.
  bool wants_sweep() const noexcept;
  // Frees the entries of ended groups to which neither `referred(mark)` nor an entry that stays refers; how
  // many. `referred` calls mark(group_ref) for each record there is. Allocates.
  template <class Referred>
  std::uint32_t sweep(Referred&& referred);

  const group_entry& at(std::uint32_t index) const noexcept { return entries_[index]; }

 private:
  static constexpr std::uint32_t chunk = 4096;
  static constexpr std::uint32_t no_entry = UINT32_MAX;

  std::uint32_t take_free() noexcept;
  std::uint32_t take_fresh() noexcept;
  bool reserve_up_to(std::uint32_t count) noexcept;
  void push_free(std::uint32_t index) noexcept;
  std::vector<std::uint32_t> ended_entries() const;
  void keep_ancestors(std::vector<bool>& kept, std::uint32_t of) const;
  std::uint32_t free_all_but(const std::vector<std::uint32_t>& ended, std::vector<bool>& kept);

  group_entry* entries_ = nullptr;
  std::uint32_t capacity_ = 0;
  reserve_fn reserve_ = nullptr;
  void* context_ = nullptr;
  base::atomic<std::uint32_t> fresh_{0};     // entries from here on were never used
  base::atomic<std::uint32_t> reserved_{0};  // entries below have memory
  base::atomic<std::uint32_t> swept_at_{0};  // fresh_ when the last sweep ended
  base::atomic<std::uint64_t> free_{0};      // {tag 32 | index + 1}: stack
};

template <class Referred>
std::uint32_t group_table::sweep(Referred&& referred) {
  // First: a record that refers to one of these was written before its group ended, so the look below sees it.
  const std::vector<std::uint32_t> ended = ended_entries();
  std::vector<bool> kept(used());
  referred([&](group_ref ref) {
    if (ref != 0 && entry_of(ref) < kept.size()) kept[entry_of(ref)] = true;
  });
  return free_all_but(ended, kept);
}

}  // namespace tg::tracing
