#include "tests/model/checker/trace.h"

#include <link.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

namespace model::trace {
namespace {

struct entry {
  unsigned thread;
  const char* what;
  std::string name;
  std::uint64_t value;
  unsigned behind;
  const void* where;
};

bool wanted_now = false;
const void* last_place = nullptr;
std::vector<entry> entries;
std::map<const void*, std::size_t> names;

std::string program() {
  char path[4096];
  const auto size = ::readlink("/proc/self/exe", path, sizeof path);
  return {path, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// The innermost line that is in the project, not in the wrapper of atomics or in the standard library.
bool is_telling(const std::string& line) {
  return line.find("/c++/") == std::string::npos && line.find("detail/atomic.h") == std::string::npos &&
         line.find("??") == std::string::npos;
}

std::string shortened(std::string line) {
  for (const char* folder : {"/core/", "/include/threadgroup/", "/tests/model/"}) {
    const std::size_t found = line.rfind(folder);
    if (found != std::string::npos) return line.substr(found + 1);
  }
  return line;
}

// One run of addr2line for all: "-a" marks where the frames of the next address begin.
std::map<const void*, std::string> lines_of(const std::vector<entry>& of) {
  std::map<const void*, std::string> out;
  for (const entry& one : of) out[one.where];
  std::ostringstream command;
  command << "addr2line -a -i -e '" << program() << '\'' << std::hex;
  for (const auto& [where, line] : out)
    command << " 0x" << reinterpret_cast<std::uintptr_t>(where) - load_address() - 1;
  FILE* answers = ::popen((command.str() + " 2>/dev/null").c_str(), "r");
  if (answers == nullptr) return out;
  auto at = out.begin();
  bool begun = false;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, answers) != nullptr) {
    std::string line(buffer);
    line.erase(line.find_last_not_of('\n') + 1);
    if (line.rfind("0x", 0) == 0) {
      if (std::exchange(begun, true)) ++at;
    } else if (at != out.end() && at->second.empty() && is_telling(line)) {
      at->second = shortened(line);
    }
  }
  ::pclose(answers);
  return out;
}

}  // namespace

std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* to) {
        *static_cast<std::uintptr_t*>(to) = info->dlpi_addr;
        return 1;
      },
      &address);
  return address;
}

void begin_schedule(bool wanted) {
  wanted_now = wanted;
  entries.clear();
  names.clear();
}

void at(const void* where) noexcept { last_place = where; }

void step(unsigned thread, const char* what, const void* address, std::uint64_t value, unsigned behind) {
  if (!wanted_now) return;
  entries.push_back({thread, what, address == nullptr ? "" : name_of(address), value, behind, last_place});
}

std::string name_of(const void* address) {
  const auto found = names.emplace(address, names.size()).first;
  return "@" + std::to_string(found->second);
}

std::string last_line() {
  const entry last{0, "", {}, 0, 0, last_place};
  return lines_of({last}).begin()->second;
}

std::string text() {
  if (entries.empty()) return {};
  std::ostringstream out;
  constexpr std::size_t most = 1500;
  if (entries.size() > most) {
    out << "  ... " << entries.size() - most << " steps before\n";
    entries.erase(entries.begin(), entries.end() - most);
  }
  const auto lines = lines_of(entries);
  for (const entry& one : entries) {
    out << "  T" << one.thread << "  " << one.what;
    if (!one.name.empty()) out << ' ' << one.name << " = 0x" << std::hex << one.value << std::dec;
    if (one.behind != 0) out << " (" << one.behind << " behind)";
    out << "  " << lines.at(one.where) << '\n';
  }
  return out.str();
}

}  // namespace model::trace
