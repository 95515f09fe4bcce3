#include "core/arena/mailbox.h"

#include <memory>

namespace tg::arena {
namespace {

shelf& after(shelf& last) {
  // [B4] acquire: the shelf is as it was made; pairs with [B12]
  shelf* next = last.next.load(base::acquire);
  if (next != nullptr) return *next;
  auto fresh = std::make_unique<shelf>();
  // [B12] acq_rel: an empty shelf; pairs with [B4]. Weaker would do for the taking over: where it succeeds nothing was there
  if (last.next.compare_exchange(next, fresh.get(), base::acq_rel, base::acquire)) next = fresh.release();
  return *next;
}

}  // namespace

mailboxes::~mailboxes() {
  // relaxed: nobody else is here any more
  for (shelf* at = first_.next.exchange(nullptr, base::relaxed); at != nullptr;) {
    const std::unique_ptr<shelf> spent(at);
    at = spent->next.load(base::relaxed);  // relaxed: as above
  }
}

void mailboxes::add(mailbox& mine) {
  const std::uint32_t number = listed_.fetch_add(1, base::relaxed);  // relaxed: numbers are handed out
  shelf* home = &first_;
  for (std::uint32_t i = 0; i < number / shelf::capacity; ++i) home = &after(*home);
  home->boxes[number % shelf::capacity] = &mine;
  mine.bit_ = std::uint64_t{1} << number % shelf::capacity;
  mine.home_ = home;
}

}  // namespace tg::arena
