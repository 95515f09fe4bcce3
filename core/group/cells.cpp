#include "core/group/cells.h"

#include "core/group/engine.h"

#include <bit>
#include <memory>
#include <new>

namespace tg::groups {
namespace {

// Free cells that a list may have beside as many as are in use.
constexpr std::uint32_t trim_slack = 8;

constexpr std::uint64_t with_top(std::uint64_t stack, std::uint32_t top) noexcept {
  return ((stack >> 32) + 1) << 32 | top;
}

void link(slot& of, callback_cell& cell) noexcept {
  of.cells_listed.fetch_add(1, base::relaxed);           // relaxed: a figure
  cell.at.store(callback_cell::claimed, base::relaxed);  // relaxed: published by the exchange
  // [K24] acquire: the cells that were listed before, for who comes to them by this one; pairs with [K2]
  callback_cell* first = of.cells.load(base::acquire);
  do {
    // [K27] release: what it leads to, for a walker that has stood on it since it was in the list before; pairs with [K26]
    cell.next.store(first, base::release);
    // [K2] seq_cst: the cell is complete, and listed before its registrant looks at the event; pairs with [K15], [K24].
    // As [K24] if it fails
  } while (!of.cells.compare_exchange(first, &cell, base::seq_cst, base::acquire));
}

bool is_leaving(const callback_cell& cell) noexcept {
  return cell.at.load(base::relaxed) == callback_cell::leaving;  // relaxed: marked by this thread
}

// Of cells that this thread has marked; how many have left. A walker that stands on one goes on by its link.
std::uint32_t unlink_leaving(slot& of) noexcept {
  cell_store& store = of.owner->cells;
  // The first of the list stays: registrants exchange it. What follows it changes by this thread only.
  callback_cell* kept = of.cells.load(base::seq_cst);  // as [K15]; weaker would do, as long as it acquires
  if (is_leaving(*kept)) {
    kept->at.store(callback_cell::free, base::relaxed);  // relaxed: published by the push
    store.push(of.free_cells, *kept);
  }
  std::uint32_t gone = 0;
  callback_cell* cell = kept->next.load(base::relaxed);  // relaxed: acquired with the first
  while (cell != nullptr) {
    callback_cell* const next = cell->next.load(base::relaxed);  // relaxed: as above
    if (is_leaving(*cell)) {
      // [K28] release: as [K27], of cells linked anew since a walker came to the kept one; pairs with [K26]
      kept->next.store(next, base::release);
      cell->at.store(callback_cell::free, base::relaxed);  // relaxed: published by the giving
      store.push(of.spare_cells, *cell);
      ++gone;
    } else {
      kept = cell;
    }
    cell = next;
  }
  of.cells_listed.fetch_sub(gone, base::relaxed);  // relaxed: a figure
  return gone;
}

// False: nothing could be done.
bool trim(slot& of) noexcept {
  std::uint32_t marked = 0;
  const std::uint32_t goal = of.cells_listed.load(base::relaxed) / 2;  // relaxed: a figure
  for (; marked < goal; ++marked) {
    callback_cell* const cell = of.owner->cells.pop(of.free_cells);
    if (cell == nullptr) break;
    cell->at.store(callback_cell::leaving, base::relaxed);  // relaxed: for walkers it is as free as before
  }
  return marked != 0 && unlink_leaving(of) != 0;
}

void trim_if_long(slot& of) noexcept {
  const auto is_long = [&of] {
    // relaxed: figures; whoever frees a cell next looks again
    const std::uint32_t in_use = of.cells_in_use.load(base::relaxed);
    return of.cells_listed.load(base::relaxed) > 2 * in_use + trim_slack;  // relaxed: as above
  };
  for (bool goes_on = true; goes_on && is_long();) {
    // [K29] acquire: the list as the trimmer before has left it; pairs with [K30]
    if (of.trimming_cells.exchange(true, base::acquire)) return;
    goes_on = trim(of);
    // [K30] release: the list; pairs with [K29]
    of.trimming_cells.store(false, base::release);
  }
}

}  // namespace

cell_store::~cell_store() {
  for (const auto& chunk : chunks_) delete[] chunk.load(base::relaxed);  // relaxed: the runtime has ended
}

unsigned cell_store::chunk_of(std::uint32_t index) noexcept {
  return static_cast<unsigned>(std::bit_width(index / first_chunk + 1)) - 1;
}

callback_cell& cell_store::at(std::uint32_t index) const noexcept {
  const unsigned chunk = chunk_of(index);
  // [K31] acquire: the chunk's cells; pairs with [K32]. Weaker would do for cells that come by a stack
  return chunks_[chunk].load(base::acquire)[index - first_chunk * ((1u << chunk) - 1)];
}

void cell_store::provide(unsigned chunk) {
  if (chunk == max_chunks) throw std::bad_alloc();
  callback_cell* seen = chunks_[chunk].load(base::relaxed);  // relaxed: the exchange decides
  if (seen != nullptr) return;
  auto fresh = std::make_unique<callback_cell[]>(std::size_t{first_chunk} << chunk);
  // [K32] release: the cells; pairs with [K31]
  if (chunks_[chunk].compare_exchange(seen, fresh.get(), base::release, base::relaxed)) fresh.release();
}

callback_cell& cell_store::make(slot& of) {
  std::uint32_t index = made_.load(base::relaxed);  // relaxed: the exchange decides
  do {
    provide(chunk_of(index));
    // relaxed: numbers are handed out, nothing is published
  } while (!made_.compare_exchange(index, index + 1, base::relaxed, base::relaxed));
  callback_cell& fresh = at(index);
  fresh.index = index;
  fresh.of = &of;
  return fresh;
}

callback_cell* cell_store::pop(stack& from) const noexcept {
  // [K1] acquire: the cell below the top, and the top's; pairs with [K4]
  std::uint64_t seen = from.load(base::acquire);
  while (const auto top = static_cast<std::uint32_t>(seen)) {
    callback_cell& cell = at(top - 1);
    const std::uint32_t below = cell.next_free.load(base::relaxed);  // relaxed: the tag proves it was current
    // [K3] acquire: the cell as its last registrant left it; pairs with [K4]. Weaker would do where it succeeds: the tag
    // says that the value is the one that was acquired before
    if (from.compare_exchange(seen, with_top(seen, below), base::acquire, base::acquire)) return &cell;
  }
  return nullptr;
}

void cell_store::push(stack& to, callback_cell& free) noexcept {
  std::uint64_t seen = to.load(base::relaxed);  // relaxed: the exchange decides
  do {
    free.next_free.store(static_cast<std::uint32_t>(seen),
                         base::relaxed);  // relaxed: published by the exchange
    // [K4] release: the cell is empty; pairs with [K1], [K3]
  } while (!to.compare_exchange(seen, with_top(seen, free.index + 1), base::release, base::relaxed));
}

callback_cell& claim_cell(slot& of) {
  cell_store& store = of.owner->cells;
  callback_cell* cell = store.pop(of.free_cells);
  if (cell != nullptr) {
    cell->at.store(callback_cell::claimed, base::relaxed);  // relaxed: published by the arming
  } else {
    cell = store.pop(of.spare_cells);
    if (cell == nullptr) cell = &store.make(of);
    link(of, *cell);
  }
  of.cells_in_use.fetch_add(1, base::relaxed);  // relaxed: a figure
  return *cell;
}

void set_free(callback_cell& cell) noexcept {
  slot& of = *cell.of;
  cell.source = std::stop_source(std::nostopstate);
  cell.at.store(callback_cell::free, base::relaxed);  // relaxed: published by the push
  cell_store::push(of.free_cells, cell);
  of.cells_in_use.fetch_sub(1, base::relaxed);  // relaxed: a figure
  trim_if_long(of);
}

}  // namespace tg::groups
