#include "tools/tgtrace/thread_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace tgtrace {
namespace {

using tg::tracing::kind;
using tg::tracing::kind_of;

// Who wrote the records before the first thread_began that is left.
std::uint64_t first_owner(const raw_ring& ring) {
  for (const tg::tracing::record& one : ring.records) {
    if (kind_of(one.what) == kind::thread_began) return one.b;
  }
  return ring.header.owner;
}

}  // namespace

index thread_table::make(std::uint32_t ring, std::uint64_t tid) {
  thread made;
  made.tid = static_cast<std::uint32_t>(tid);
  const index which = static_cast<index>(m_.threads.size());
  if (current_[ring] == nothing) made.overwritten = from_.rings[ring].overwritten;
  current_[ring] = which;
  m_.threads.push_back(std::move(made));
  doing_.emplace_back();
  last_wait_.push_back(nothing);
  return which;
}

index thread_table::of(std::uint32_t ring) {
  return current_[ring] == nothing ? make(ring, first_owner(from_.rings[ring])) : current_[ring];
}

void thread_table::pop(index thread, frame one) {
  std::vector<frame>& all = doing_[thread];
  const auto found = std::find(all.rbegin(), all.rend(), one);
  if (found != all.rend()) all.erase(std::prev(found.base()), all.end());
}

index thread_table::innermost(index thread, frame::type what) const {
  const std::vector<frame>& all = doing_[thread];
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [what](const frame& f) { return f.what == what; });
  return found == all.rend() ? nothing : found->which;
}

void thread_table::forget_what_they_do() {
  for (auto& all : doing_) all.clear();
}

// The header of a ring knows the name of its last owner only.
void thread_table::finish() {
  for (std::size_t ring = 0; ring < current_.size(); ++ring) {
    if (current_[ring] != nothing) m_.threads[current_[ring]].name = from_.rings[ring].header.thread_name;
  }
  for (thread& one : m_.threads) {
    if (one.name.empty()) one.name = fmt::format("thread {}", one.tid);
  }
}

}  // namespace tgtrace
