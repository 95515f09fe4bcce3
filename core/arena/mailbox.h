// Where a thread leaves the ticket of a group that it has just added to, while somebody awake will come by:
// its owner often joins the group at once, takes the ticket back, and no line has travelled to another core.
//
// Each thread has one for each runtime; it holds at most one ticket. Owner: exchange in, take back. Others:
// take. Who looks goes over the mailboxes that were used since a worker last parked, not over all there are: a
// thread that added once an hour ago costs nothing. Protocol: core/arena/README.md.
#pragma once

#include "core/base/atomic.h"
#include "core/base/cpu.h"

#include <bit>
#include <cstdint>

namespace tg::arena {

class mailbox;

// 64 mailboxes and which of them may hold a ticket.
struct shelf {
  static constexpr std::uint32_t capacity = 64;

  base::atomic<std::uint64_t> in_use{0};  // raised by owners who put, cleared by who parks
  mailbox* boxes[capacity] = {};          // published by the first bit of each
  base::atomic<shelf*> next{nullptr};

  void raise(std::uint64_t bit) noexcept {
    // [B10] seq_cst: after the ticket was put; of this and a look at the bits, or their clearing and the look at
    // the ticket that follows it, one sees the other; pairs with [B5], [B11]
    if ((in_use.load(base::seq_cst) & bit) == 0) in_use.fetch_or(bit, base::seq_cst);
  }
};

class alignas(base::cache_line) mailbox {
 public:
  static constexpr std::uint32_t nothing = UINT32_MAX;

  // Answers with what was there before.
  std::uint32_t put(std::uint32_t group) noexcept {
    // [B1] seq_cst: of this and a worker's parking, leaving or blocking, and of the looks that follow each,
    // one sees the other: forbidden is a ticket in a mailbox that nobody will look at; pairs with [B2], [B3]
    const std::uint64_t before = content_.exchange(std::uint64_t{++puts_} << 32 | group, base::seq_cst);
    if (home_ != nullptr) home_->raise(bit_);
    return group_of(before);
  }

  bool is_empty() const noexcept {
    // [B2] seq_cst: a worker's look after it has parked, left or blocked; pairs with [B1]
    return group_of(content_.load(base::seq_cst)) == nothing;
  }

  std::uint32_t take() noexcept {
    if (is_empty()) return nothing;
    // [B3] acquire: what came before the ticket was put, which may be another one than was looked at; pairs with [B1]
    return group_of(content_.exchange(nothing, base::acquire));
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
    return content_.compare_exchange(seen, nothing, base::acquire, base::relaxed) ? group_of(seen) : nothing;
  }

  // True: it was there, and is the caller's again. By the owner.
  bool take_back(std::uint32_t group) noexcept {
    std::uint64_t seen = content_.load(base::relaxed);  // relaxed: only the owner puts tickets here
    if (group_of(seen) != group) return false;
    // relaxed: it takes what the owner itself has put, and who finds nothing there needs nothing of it
    return content_.compare_exchange(seen, nothing, base::relaxed, base::relaxed);
  }

 private:
  friend class mailboxes;
  static constexpr std::uint32_t group_of(std::uint64_t content) noexcept {
    return static_cast<std::uint32_t>(content);
  }

  base::atomic<std::uint64_t> content_{nothing};  // {number of the put 32 | group 32}
  shelf* home_ = nullptr;                         // fixed once listed
  std::uint64_t bit_ = 0;
  std::uint32_t puts_ = 0;  // the owner's
  alignas(base::cache_line) base::atomic<std::uint32_t> seen_put_{
      0};  // the lookers': what the last of them saw
};

// All of a runtime's. Shelves are only ever added; threads that end leave theirs to threads that come.
class mailboxes {
 public:
  mailboxes() = default;
  mailboxes(const mailboxes&) = delete;
  mailboxes& operator=(const mailboxes&) = delete;
  ~mailboxes();

  // Allocates for every 64th; throws std::bad_alloc. Once for each mailbox.
  void add(mailbox& mine);

  // A ticket from any of them; mailbox::nothing: all were empty when they were looked at.
  std::uint32_t take_any() noexcept {
    return first_of([](mailbox& at) { return at.take(); });
  }
  std::uint32_t take_any_old(bool& fresh) noexcept {
    return first_of([&](mailbox& at) { return at.take_if_old(fresh); });
  }

  bool all_empty() const noexcept {
    return all_of([](const shelf&, std::uint64_t, const mailbox& at) { return at.is_empty(); });
  }
  // By who parks: the same, and what is empty is not looked into any more until it is used again.
  bool put_away() noexcept {
    return all_of([](shelf& on, std::uint64_t bit, const mailbox& at) {
      if (!at.is_empty()) return false;
      // [B11] seq_cst: before one more look at the ticket; pairs with [B10]. Could be left out: who looks would go on
      // looking into all that were ever used
      on.in_use.fetch_and(~bit, base::seq_cst);
      if (at.is_empty()) return true;
      on.raise(bit);
      return false;
    });
  }

 private:
  // visit(shelf, bit, mailbox) for those that may hold a ticket, as long as it answers true.
  template <class Visit>
  bool all_of(Visit&& visit) const noexcept {
    // [B5] seq_cst: the mailboxes that were used, after the looker's change of the load word; pairs with [B10]
    for (auto* on = const_cast<shelf*>(&first_); on != nullptr;
         on = on->next.load(base::acquire)) {                                                   // as [B4]
      for (std::uint64_t bits = on->in_use.load(base::seq_cst); bits != 0; bits &= bits - 1) {  // as [B5]
        if (!visit(*on, bits & -bits, *on->boxes[std::countr_zero(bits)])) return false;
      }
    }
    return true;
  }

  template <class Take>
  std::uint32_t first_of(Take&& take) noexcept {
    std::uint32_t found = mailbox::nothing;
    all_of([&](const shelf&, std::uint64_t, mailbox& at) { return (found = take(at)) == mailbox::nothing; });
    return found;
  }

  shelf first_;
  base::atomic<std::uint32_t> listed_{0};
};

}  // namespace tg::arena
