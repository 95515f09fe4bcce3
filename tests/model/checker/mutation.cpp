#include "tests/model/checker/mutation.h"

#include "tests/model/checker/trace.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace model::mutation {
namespace {

struct fault {
  bool wanted = false;
  bool drops = false;
  bool only_tells = false;
  orders instead{};
  std::vector<std::uintptr_t> places;
};

[[noreturn]] void refuse(const std::string& text) {
  std::cerr << "TG_MODEL_MUTATE is '" << text
            << "'; it must be ORDER[/ORDER]@OFFSET,... or drop@OFFSET,... or none\n";
  std::exit(2);
}

std::memory_order order_named(const std::string& name, const std::string& text) {
  static const std::array<std::pair<const char*, std::memory_order>, 5> known{
      {{"relaxed", std::memory_order_relaxed},
       {"acquire", std::memory_order_acquire},
       {"release", std::memory_order_release},
       {"acq_rel", std::memory_order_acq_rel},
       {"seq_cst", std::memory_order_seq_cst}}};
  for (const auto& [known_name, order] : known) {
    if (name == known_name) return order;
  }
  refuse(text);
}

fault parsed(const std::string& text) {
  fault out;
  out.wanted = true;
  out.only_tells = text == "none";
  if (out.only_tells) return out;
  const std::size_t at = text.find('@');
  if (at == std::string::npos) refuse(text);
  const std::string what = text.substr(0, at);
  out.drops = what == "drop";
  if (!out.drops) {
    const std::size_t slash = what.find('/');
    out.instead.success = order_named(what.substr(0, slash), text);
    out.instead.failure =
        slash == std::string::npos ? std::memory_order_relaxed : order_named(what.substr(slash + 1), text);
  }
  const std::uintptr_t base = trace::load_address();
  for (const char* from = text.c_str() + at; *from != 0;) {
    char* end = nullptr;
    out.places.push_back(base + std::strtoull(from + 1, &end, 16));
    if (end == from + 1 || (*end != ',' && *end != 0)) refuse(text);
    from = end;
  }
  std::sort(out.places.begin(), out.places.end());
  return out;
}

const fault& given() {
  static const fault one = [] {
    const char* text = std::getenv("TG_MODEL_MUTATE");
    return text == nullptr || *text == 0 ? fault{} : parsed(text);
  }();
  return one;
}

std::uint64_t count = 0;
std::array<std::set<std::uintptr_t>, 2> met;  // the second: where something was explored

bool is_here(const void* where) {
  if (given().only_tells) {
    met[explores ? 1 : 0].insert(reinterpret_cast<std::uintptr_t>(where));
    return false;
  }
  const auto& places = given().places;
  const bool here = std::binary_search(places.begin(), places.end(), reinterpret_cast<std::uintptr_t>(where));
  if (here) ++count;
  return here;
}

}  // namespace

orders applied(orders usual, const void* where) {
  if (!given().wanted || given().drops || !is_here(where)) return usual;
  return given().instead;
}

bool is_dropped(const void* where) { return (given().drops || given().only_tells) && is_here(where); }
std::uint64_t times() { return count; }
bool is_wanted() { return given().wanted; }

std::string places_met(bool explored) {
  std::ostringstream out;
  for (const std::uintptr_t one : std::exchange(met[explored ? 1 : 0], {}))
    out << ' ' << std::hex << one - trace::load_address();
  return std::move(out).str();
}

}  // namespace model::mutation
