// A fault on purpose, given from outside: operations at certain places of the program get a weaker order, or do not
// happen. tools/mutate tries out this way what the tests would miss; nothing has to be compiled for it.
//
//   TG_MODEL_MUTATE=ORDER[/ORDER]@OFFSET[,OFFSET...]   the order, and that of a failed exchange, at these places
//   TG_MODEL_MUTATE=drop@OFFSET[,OFFSET...]            stores, changes and wakes at these places do not happen; an
//                                                      exchange that would succeed says so
//   TG_MODEL_MUTATE=none                               nothing; each test tells which places it has come by, those
//                                                      first where something was explored
//
// A place is where the program goes on after its call of a hook, counted from its first byte.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace model::mutation {

struct orders {
  std::memory_order success;
  std::memory_order failure;
};

// What an operation at `where` uses instead.
orders applied(orders given, const void* where);
bool is_dropped(const void* where);
// How often either changed something.
std::uint64_t times();
bool is_wanted();
// With "none": the offsets since the last call, as text.
std::string places_met(bool explored);
// The schedule says whether what runs is explored.
inline constinit bool explores = true;

}  // namespace model::mutation
