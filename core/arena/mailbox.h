// Where a thread leaves the ticket of a group that it has just added to, while somebody awake will come by:
// its owner often joins the group at once, takes the ticket back, and no line has travelled to another core.
//
// Each thread has one for each runtime; it holds at most one ticket. Owner: exchange in, take back. Others:
// take. Protocol: core/arena/README.md.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#include <cstdint>

namespace tg::arena {

class alignas(base::cache_line) mailbox {
 public:
  static constexpr std::uint32_t nothing = UINT32_MAX;

  // Answers with what was there before.
  std::uint32_t put(std::uint32_t group) noexcept {
    // [B1] seq_cst: of this and a worker's parking, leaving or blocking, and of the looks that follow each,
    // one sees the other: forbidden is a ticket in a mailbox that nobody will look at; pairs with [B2], [B3]
    return group_of(content_.exchange(std::uint64_t{++puts_} << 32 | group, base::seq_cst));
  }

  bool is_empty() const noexcept {
    // [B2] seq_cst: a worker's look after it has parked, left or blocked; pairs with [B1]
    return group_of(content_.load(base::seq_cst)) == nothing;
  }

  std::uint32_t take() noexcept {
    if (is_empty()) return nothing;
    // [B3] seq_cst: the ticket is the caller's alone; pairs with [B1]
    return group_of(content_.exchange(nothing, base::seq_cst));
  }

  // Only what was there at the look before, too: its owner has had the time to take it back.
  // `fresh` is raised for one that has come since.
  std::uint32_t take_if_old(bool& fresh) noexcept {
    std::uint64_t seen = content_.load(base::relaxed);  // relaxed: the exchange decides
    const auto put = static_cast<std::uint32_t>(seen >> 32);
    if (group_of(seen) == nothing) return nothing;
    if (seen_put_.exchange(put, base::relaxed) != put) {  // relaxed: a hint
      fresh = true;
      return nothing;
    }
    // as [B3]
    return content_.compare_exchange(seen, nothing, base::seq_cst, base::relaxed) ? group_of(seen) : nothing;
  }

  // True: it was there, and is the caller's again. By the owner.
  bool take_back(std::uint32_t group) noexcept {
    std::uint64_t seen = content_.load(base::relaxed);  // relaxed: only the owner puts tickets here
    if (group_of(seen) != group) return false;
    return content_.compare_exchange(seen, nothing, base::seq_cst, base::relaxed);  // as [B3]
  }

 private:
  friend class mailboxes;
  static constexpr std::uint32_t group_of(std::uint64_t content) noexcept {
    return static_cast<std::uint32_t>(content);
  }

  base::atomic<std::uint64_t> content_{nothing};  // {number of the put 32 | group 32}
  mailbox* next_ = nullptr;                       // fixed once listed
  std::uint32_t puts_ = 0;                        // the owner's
  alignas(base::cache_line) base::atomic<std::uint32_t> seen_put_{
      0};  // the lookers': what the last of them saw
};

// All of a runtime's. The list only grows; threads that end leave theirs to threads that come.
class mailboxes {
 public:
  void add(mailbox& mine) noexcept {
    mine.next_ = first_.load(base::relaxed);  // relaxed: the exchange decides
    // [B4] seq_cst: a mailbox is listed before anything is put into it; pairs with [B5]
    while (!first_.compare_exchange(mine.next_, &mine, base::seq_cst, base::relaxed)) {
    }
  }

  // A ticket from any of them; mailbox::nothing: all were empty when they were looked at.
  std::uint32_t take_any() noexcept {
    return first_of([](mailbox& at) { return at.take(); });
  }
  std::uint32_t take_any_old(bool& fresh) noexcept {
    return first_of([&](mailbox& at) { return at.take_if_old(fresh); });
  }

  bool all_empty() const noexcept {
    for (const mailbox* at = first_.load(base::seq_cst); at != nullptr; at = at->next_) {  // as [B5]
      if (!at->is_empty()) return false;
    }
    return true;
  }

 private:
  template <class Take>
  std::uint32_t first_of(Take&& take) noexcept {
    // [B5] seq_cst: pairs with [B4]
    for (mailbox* at = first_.load(base::seq_cst); at != nullptr; at = at->next_) {
      const std::uint32_t group = take(*at);
      if (group != mailbox::nothing) return group;
    }
    return mailbox::nothing;
  }

  base::atomic<mailbox*> first_{nullptr};
};

}  // namespace tg::arena
