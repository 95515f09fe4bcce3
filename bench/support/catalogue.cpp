#include "bench/support/catalogue.h"

#include "bench/support/pool_peers.h"

#include <sstream>

namespace bench {
namespace {

#if defined(NDEBUG) && defined(__OPTIMIZE__)
constexpr bool optimised = true;
#else
constexpr bool optimised = false;
#endif

#ifdef __clang__
constexpr const char* compiler = __VERSION__;
#else
constexpr const char* compiler = "GCC " __VERSION__;
#endif

// Names here are ours: letters, digits and a few signs, but a compiler may call itself anything.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + '"';
}

template <class Range, class Print>
std::string list(const Range& range, Print&& print) {
  std::string out = "[";
  for (const auto& one : range) out += (out.size() > 1 ? ", " : "") + print(one);
  return out + "]";
}

std::string number(double value) {
  std::ostringstream out;
  out.precision(12);
  out << value;
  return out.str();
}

std::string target_json(const target& aim) {
  return "{\"peers\": " + list(aim.peers, quoted) + ", \"factor\": " + number(aim.factor) +
         ", \"metric\": " + quoted(aim.metric.empty() ? "figure" : aim.metric) + "}";
}

std::string contest_json(const contest& one) {
  return "\n  {\"question\": " + quoted(one.question) + ", \"name\": " + quoted(one.name) +
         ", \"unit\": " + quoted(one.unit) + ", \"axis\": " + quoted(one.axis) +
         ", \"at\": " + number(one.at) + ",\n   \"contenders\": " +
         list(one.contenders, [](const contender& each) { return quoted(each.name); }) +
         ",\n   \"targets\": " + list(one.targets, target_json) + "}";
}

}  // namespace

std::string catalogue_json(const std::vector<contest>& contests, std::size_t repetitions) {
  return "{\"contests\": " + list(contests, contest_json) +
         ",\n \"absent\": " + list(absent_peers(), quoted) +
         ",\n \"repetitions\": " + std::to_string(repetitions) +
         ",\n \"optimised\": " + (optimised ? "true" : "false") + ",\n \"compiler\": " + quoted(compiler) +
         "}\n";
}

}  // namespace bench
