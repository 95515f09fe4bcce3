#include "core/group/accounts.h"

#include "core/os/backoff.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace tg::groups {

struct failure_node {
  task_failure failure;
  std::uint64_t order;  // how many tasks of the slot had thrown before
  failure_node* next;
  base::atomic<bool> may_be_told{false};  // the task is counted, or about to be
};

namespace {

std::uint64_t minus(std::uint64_t total, std::uint64_t part) noexcept {
  return total > part ? total - part : 0;
}

using failure_list = std::vector<task_failure>;

// The first failures of those before `bound` that may be told, in their order, and no more than are counted; nullptr: there
// are none. Tasks that fail beside each other may have come to the list in another order, and may end in a third one.
std::shared_ptr<const failure_list> list_before(const failure_node* newest, std::uint64_t bound,
                                                std::size_t counted) {
  std::vector<const failure_node*> told;
  for (; newest != nullptr; newest = newest->next) {
    // relaxed: who is counted has published it
    if (newest->order < bound && newest->may_be_told.load(base::relaxed)) told.push_back(newest);
  }
  if (told.empty() || counted == 0) return nullptr;
  std::sort(told.begin(), told.end(), [](auto* a, auto* b) { return a->order < b->order; });
  if (told.size() > counted) told.resize(counted);
  auto list = std::make_shared<failure_list>();
  for (const failure_node* one : told) list->push_back(one->failure);
  return list;
}

void delete_all(failure_node* at) noexcept {
  while (at != nullptr) delete std::exchange(at, at->next);
}

void push(slot& of, failure_node& node) noexcept {
  node.next = of.failures.load(base::relaxed);  // relaxed: the exchange decides
  // [A5] release: the node; pairs with [A6]
  while (!of.failures.compare_exchange(node.next, &node, base::release, base::relaxed)) {
  }
}

// The first `failed` failures of a slot whose tasks up to there have ended, out of its list; later ones stay for the next
// join, as they are. Of the collector: pushers change the head, and it alone what is behind.
failure_node* take_failures(slot& of, std::uint64_t failed) noexcept {
  // relaxed: a failure that is told was kept before its task was counted
  if (of.failures.load(base::relaxed) == nullptr) return nullptr;
  // [A6] acquire: the nodes; pairs with [A5]
  failure_node* newest = of.failures.load(base::acquire);
  while (newest->order < failed) {
    // as [A6]; weaker would do where it succeeds: the look before has acquired the same list
    if (of.failures.compare_exchange(newest, nullptr, base::acquire, base::acquire)) return newest;
  }
  while (newest->next != nullptr && newest->next->order >= failed) newest = newest->next;
  return std::exchange(newest->next, nullptr);
}

// One at a time looks at what has been joined and takes from it.
class collector {
 public:
  explicit collector(slot& of) noexcept : of_(of) {
    // [A3] acquire: what the one before took; pairs with [A4]
    for (os::backoff wait; of_.collecting.exchange(1, base::acquire) != 0;) wait.pause();
  }
  ~collector() {
    // [A4] release: what was taken; pairs with [A3]
    of_.collecting.store(0, base::release);
  }
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

 private:
  slot& of_;
};

join_report since_last_join(const slot& of, const counts& now) noexcept {
  join_report report;
  report.failed =
      minus(now.failed, of.joined_failed.load(base::relaxed));  // relaxed: written by collectors only
  report.skipped = minus(now.skipped, of.joined_skipped);
  report.succeeded = minus(minus(now.ended, of.joined_ended), report.failed + report.skipped);
  return report;
}

void tell(join_report& report, std::shared_ptr<const failure_list> failures) noexcept {
  if (failures == nullptr) return;
  report.keep_alive = std::move(failures);
  report.failures = *report.keep_alive;
}

}  // namespace

namespace {

counts counts_of(const slot& of) noexcept {
  // [A1] acquire: the failures of all that is counted; pairs with [A2], [A8]
  const std::uint64_t failed = of.failed.load(base::acquire);
  const std::uint64_t skipped = of.skipped.load(base::acquire);                  // as [A1]
  const std::uint64_t succeeded = of.tasks.succeeded.load(base::acquire);        // as [A1]
  const std::uint64_t by_lead = of.tasks.succeeded_by_lead.load(base::acquire);  // as [A1]
  return {succeeded + by_lead + failed + skipped, failed, skipped};
}

// After a waiter's mark. Of somebody who has left also what it had counted as the lead.
counts marked_counts_of(const slot& of) noexcept {
  static_cast<void>(of.limits.read());  // as [L1]
  // [A7] seq_cst: as [A1], and after the mark; pairs with [A2]
  const std::uint64_t failed = of.failed.load(base::seq_cst);
  // as [A7]; weaker would do, as long as it acquires: a drainer leaves by [L3] and looks again, and of who skips as a worker
  // the waiter sees the event, or what has reset it after a look at the count
  const std::uint64_t skipped = of.skipped.load(base::seq_cst);
  const std::uint64_t succeeded = of.tasks.succeeded.load(base::seq_cst);        // as [A7]
  const std::uint64_t by_lead = of.tasks.succeeded_by_lead.load(base::acquire);  // as [A1]
  return {succeeded + by_lead + failed + skipped, failed, skipped};
}

}  // namespace

void see_ends(const slot& of) noexcept {
  of.tasks.see_claims();
  static_cast<void>(marked_counts_of(of));
}

std::optional<counts> drained_counts(slot& of) noexcept {
  const counts now = marked_counts_of(of);
  if (of.tasks.claims_if_empty(of.owner->segments) != now.ended) return std::nullopt;
  return now;
}

failure_node* keep_failure(slot& of, task_id id, const std::exception_ptr& what) noexcept {
  const std::uint64_t order = of.failing.fetch_add(1, base::relaxed);  // relaxed: a number for each
  // relaxed: a figure
  if (order - of.joined_failed.load(base::relaxed) >= of.max_kept_exceptions) return nullptr;
  // Without memory for it the failure is counted and not kept.
  auto* node = new (std::nothrow) failure_node{{id, what}, order, nullptr};
  if (node != nullptr) push(of, *node);
  return node;
}

void may_be_told(failure_node& kept) noexcept {
  kept.may_be_told.store(true, base::relaxed);  // relaxed: published by the count
}

// Each figure is read after the one that it is taken from: what moves meanwhile is missed, never invented.
group_stats load_of(const slot& of) noexcept {
  const std::uint64_t pushes = of.tasks.pushes(of.owner->segments);
  const std::uint64_t claims = of.tasks.claims(of.owner->segments);
  // [A10] acquire: of who skips no more, what it has counted; pairs with [A9]
  const std::uint64_t skipped_now = of.skippers.load(base::acquire);
  const std::uint64_t ended = counts_of(of).ended;
  group_stats out;
  out.running = minus(claims, ended + skipped_now);
  out.pending = minus(pushes, claims);
  out.limit = of.limits.read().limit();  // as [L1]: of a later tenant's limit, also that tenant's birth
  return out;
}

group_stats stats_of(const slot& of) noexcept {
  group_stats out = load_of(of);
  const counts now = counts_of(of);
  out.failed = now.failed - of.first_failed;
  out.skipped = now.skipped - of.first_skipped;
  out.succeeded = now.ended - of.first_number - out.failed - out.skipped;
  return out;
}

join_report complete_report(slot& of, const counts& drained) {
  join_report report;
  std::unique_ptr<failure_node, void (*)(failure_node*)> taken(nullptr, &delete_all);
  {
    const collector alone(of);
    // Of overlapping joins the first takes all; what another has taken since is not told twice.
    if (drained.ended > of.joined_ended) {
      report = since_last_join(of, drained);
      // Before anything is taken: without memory for the list the next join tells all.
      if (report.failed != 0)
        tell(report, list_before(of.failures.load(base::acquire), drained.failed, report.failed));  // as [A6]
      of.joined_ended = drained.ended;
      of.joined_failed.store(drained.failed, base::relaxed);  // relaxed: as in since_last_join
      of.joined_skipped = drained.skipped;
      if (report.failed != 0) taken.reset(take_failures(of, drained.failed));
    }
  }
  report.complete = true;
  return report;
}

join_report incomplete_report(slot& of) {
  const collector alone(of);
  join_report report = since_last_join(of, counts_of(of));
  tell(report, list_before(of.failures.load(base::acquire), UINT64_MAX, report.failed));  // as [A6]
  return report;
}

void drop_failures(slot& of) noexcept { delete_all(take_failures(of, UINT64_MAX)); }

}  // namespace tg::groups
