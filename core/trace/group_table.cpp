#include "core/trace/group_table.h"

#include <algorithm>
#include <cstring>

namespace tg::tracing {
namespace {

constexpr std::uint32_t max_generation = 65535;

constexpr std::uint32_t as_word(entry_state state) noexcept { return static_cast<std::uint32_t>(state); }

entry_state state_of(const group_entry& entry) noexcept {
  // [TR10] acquire: all records of an ended group were written before; pairs with [TR11]
  return static_cast<entry_state>(live(entry.state).load(base::acquire));
}

std::uint32_t next_generation(const group_entry& entry) noexcept {
  const std::uint32_t before =
      live(entry.generation).load(base::relaxed);  // relaxed: this thread has the entry
  return before >= max_generation ? 1 : before + 1;
}

void write_name(group_entry& entry, std::string_view name) noexcept {
  char bytes[sizeof entry.name] = {};
  const std::size_t size = std::min(name.size(), sizeof bytes - 1);
  if (size != 0) std::memcpy(bytes, name.data(), size);
  for (std::size_t at = 0; at < sizeof bytes; at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, sizeof word);
    // relaxed: published by the state
    live_word(&entry.name[at]).store(word, base::relaxed);
  }
}

void write_facts(group_entry& entry, const group_facts& facts, std::uint64_t stamp) noexcept {
  // relaxed: published by the state
  live(entry.id).store(facts.id, base::relaxed);
  live(entry.parent).store(facts.parent, base::relaxed);
  live(entry.entered).store(stamp, base::relaxed);
  live(entry.ended).store(0, base::relaxed);
  live(entry.deadline_ns).store(facts.deadline_ns, base::relaxed);
  live(entry.max_pending).store(facts.max_pending, base::relaxed);
  live(entry.limit).store(facts.limit, base::relaxed);
  live(entry.flags).store(facts.flags, base::relaxed);
  write_name(entry, facts.name);
}

}  // namespace

void group_table::lay(group_entry* entries, std::uint32_t capacity, reserve_fn reserve,
                      void* context) noexcept {
  entries_ = entries;
  capacity_ = capacity;
  reserve_ = reserve;
  context_ = context;
  // relaxed: nobody else knows the table
  fresh_.store(0, base::relaxed);
  reserved_.store(0, base::relaxed);
  swept_at_.store(0, base::relaxed);
  free_.store(0, base::relaxed);
}

group_ref group_table::enter(const group_facts& facts, std::uint64_t stamp) noexcept {
  std::uint32_t index = take_free();
  if (index == no_entry) index = take_fresh();
  if (index == no_entry) return 0;
  group_entry& entry = entries_[index];
  const std::uint32_t generation = next_generation(entry);
  live(entry.state)
      .store(as_word(entry_state::taken), base::relaxed);  // relaxed: the generation publishes it
  // [TR12] release: readers who meet the new generation see that the entry is being filled; pairs with [TR13]. Beyond the
  // model, in which nobody copies
  live(entry.generation).store(generation, base::release);
  write_facts(entry, facts, stamp);
  // [TR11] release: what the entry says, and, of an ended group, all its records; pairs with [TR10], [TR13]
  live(entry.state).store(as_word(entry_state::living), base::release);
  return make_ref(index, static_cast<std::uint16_t>(generation));
}

void group_table::set_limit(group_ref of, std::uint32_t limit) noexcept {
  live(entries_[entry_of(of)].limit).store(limit, base::relaxed);  // relaxed: a figure
}

void group_table::end(group_ref of, std::uint64_t stamp) noexcept {
  group_entry& entry = entries_[entry_of(of)];
  live(entry.ended).store(stamp, base::relaxed);                        // relaxed: published by the state
  live(entry.state).store(as_word(entry_state::ended), base::release);  // as [TR11]
}

void group_table::give_back(group_ref of) noexcept {
  live(entries_[entry_of(of)].state)
      .store(as_word(entry_state::free), base::relaxed);  // relaxed: as in enter
  push_free(entry_of(of));
}

std::uint32_t group_table::take_free() noexcept {
  // [TR14] acquire: the entry as it was freed; pairs with [TR15]
  std::uint64_t seen = free_.load(base::acquire);
  while (static_cast<std::uint32_t>(seen) != 0) {
    const auto index = static_cast<std::uint32_t>(seen) - 1;
    // relaxed: the tag proves it was current
    const std::uint64_t below = live(entries_[index].next_free).load(base::relaxed);
    const std::uint64_t wanted = ((seen >> 32) + 1) << 32 | below;
    // as [TR14]; weaker would do where it succeeds: by its tag the value is the one that was acquired by the look before
    if (free_.compare_exchange(seen, wanted, base::acquire, base::acquire)) return index;
  }
  return no_entry;
}

void group_table::push_free(std::uint32_t index) noexcept {
  std::uint64_t seen = free_.load(base::relaxed);  // relaxed: the exchange decides
  std::uint64_t wanted = 0;
  do {
    // relaxed: published by the exchange
    live(entries_[index].next_free).store(static_cast<std::uint32_t>(seen), base::relaxed);
    wanted = ((seen >> 32) + 1) << 32 | (index + 1);
    // [TR15] release: the entry is free; pairs with [TR14]
  } while (!free_.compare_exchange(seen, wanted, base::release, base::relaxed));
}

std::uint32_t group_table::take_fresh() noexcept {
  std::uint32_t index = fresh_.load(base::relaxed);  // relaxed: the exchange decides
  do {
    if (index >= capacity_ || !reserve_up_to(index + 1)) return no_entry;
    // relaxed: numbers are handed out, nothing is published
  } while (!fresh_.compare_exchange(index, index + 1, base::relaxed, base::relaxed));
  return index;
}

// Chunk by chunk; two threads that reserve the same one do no harm.
bool group_table::reserve_up_to(std::uint32_t count) noexcept {
  std::uint32_t seen = reserved_.load(base::relaxed);  // relaxed: memory that was reserved stays so
  while (seen < count) {
    const std::uint32_t more = std::min(chunk, capacity_ - seen);
    if (!reserve_(context_, seen, more)) return false;
    // relaxed: as above
    if (reserved_.compare_exchange(seen, seen + more, base::relaxed, base::relaxed)) seen += more;
  }
  return true;
}

std::uint32_t group_table::used() const noexcept { return fresh_.load(base::relaxed); }  // relaxed: a figure

bool group_table::wants_sweep() const noexcept {
  // relaxed: a hint
  return fresh_.load(base::relaxed) - swept_at_.load(base::relaxed) >= chunk / 2;
}

std::vector<std::uint32_t> group_table::ended_entries() const {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < used(); ++i) {
    if (state_of(entries_[i]) == entry_state::ended) out.push_back(i);
  }
  return out;
}

// Up to one that is kept already, whose ancestors are.
void group_table::keep_ancestors(std::vector<bool>& kept, std::uint32_t of) const {
  for (std::uint32_t at = of;;) {
    // relaxed: fixed while the entry is kept
    const group_ref parent = live(entries_[at].parent).load(base::relaxed);
    at = entry_of(parent);
    if (parent == 0 || at >= kept.size() || kept[at]) return;
    kept[at] = true;
  }
}

std::uint32_t group_table::free_all_but(const std::vector<std::uint32_t>& ended, std::vector<bool>& kept) {
  std::vector<bool> may_go(kept.size());
  for (const std::uint32_t index : ended) may_go[index] = true;
  // Who is not ended stays; of these a newcomer may refer to a parent that is looked at only now.
  for (std::uint32_t i = 0; i < kept.size(); ++i) {
    if (!may_go[i]) kept[i] = kept[i] || state_of(entries_[i]) != entry_state::free;
  }
  for (std::uint32_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) keep_ancestors(kept, i);
  }
  std::uint32_t freed = 0;
  for (const std::uint32_t index : ended) {
    if (kept[index]) continue;
    give_back(make_ref(index, 1));
    ++freed;
  }
  swept_at_.store(used(), base::relaxed);  // relaxed: a hint
  return freed;
}

}  // namespace tg::tracing
