#include "tests/fuzz/ledger.h"

namespace tg_fuzz {
namespace {

std::string unequal(const char* what, std::size_t left, std::size_t right) {
  return left == right
             ? ""
             : std::string(what) + ": " + std::to_string(left) + " and " + std::to_string(right) + "; ";
}

}  // namespace

std::string ledger::imbalance(const tg::group_stats& stats) const {
  std::string text = unequal("running, none", stats.running, 0) + unequal("pending, none", stats.pending, 0) +
                     unequal("succeeded, returned", stats.succeeded, returned) +
                     unequal("failed, threw", stats.failed, threw) +
                     unequal("ended, added", stats.succeeded + stats.failed + stats.skipped, added) +
                     unequal("callables destroyed, added", destroyed, added) +
                     unequal("started, ran to an end", started, returned + threw + gave_up) +
                     unequal("succeeded as told by joins, by stats", told_succeeded, stats.succeeded) +
                     unequal("failed as told by joins, by stats", told_failed, stats.failed) +
                     unequal("skipped as told by joins, by stats", told_skipped, stats.skipped);
  if (stats.skipped < gave_up) text += "more tasks gave up than were skipped";
  return text.empty() ? "" : name + ": " + text;
}

}  // namespace tg_fuzz
