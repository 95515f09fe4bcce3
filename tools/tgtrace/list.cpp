#include "tools/tgtrace/list.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/trace/format.h"
#include "tools/tgtrace/remote.h"
#include "tools/tgtrace/terminal_text.h"

namespace tgtrace {
namespace {

// The owner of a live file holds a lock on it for as long as its process lives.
bool is_owned(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return true;
  const bool owned = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  ::close(descriptor);
  return owned;
}

std::vector<std::string> traces_in(const std::string& directory) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("threadgroup-") && (name.ends_with(".live") || name.ends_with(".tgtrace")))
      out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// What a file says of itself; empty if it is none of these, or still being made.
std::optional<tg::tracing::file_header> header_of(const std::string& path) {
  tg::tracing::file_header header{};
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(&header), sizeof header);
  if (!in || std::memcmp(header.magic, tg::tracing::file_magic, sizeof header.magic) != 0)
    return std::nullopt;
  header.program[sizeof header.program - 1] = '\0';
  return header;
}

const char* state_of(const std::string& path, const tg::tracing::file_header& header) {
  if (!path.ends_with(".live")) return "a copy";
  if (!is_owned(path)) return "left by the dead";
  return header.recording != 0 ? "recording now" : "switched off";
}

// Memory that it takes: most of a live file is holes.
double megabytes_of(const std::string& path) {
  constexpr double bytes_of_a_block = 512;
  constexpr double megabyte = 1 << 20;
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0
             ? static_cast<double>(about.st_blocks) * bytes_of_a_block / megabyte
             : 0;
}

void list(const std::string& directory) {
  const std::vector<pid_t> processes = reachable_processes();
  if (processes.empty()) fmt::print("no process here can be attached to\n");
  if (!processes.empty()) fmt::print("{:>8}  CAN BE ATTACHED TO\n", "PROCESS");
  for (const pid_t process : processes) fmt::print("{:>8}  {}\n", process, printable(program_of(process)));
  const std::vector<std::string> traces = traces_in(directory);
  if (traces.empty()) return fmt::print("\nno traces in {}\n", directory);
  fmt::print("\n{:>8}  {:<16} {:<16} {:>9}  TRACE\n", "PROCESS", "PROGRAM", "STATE", "MEMORY");
  for (const std::string& path : traces) {
    const auto header = header_of(path);
    if (!header) continue;
    fmt::print("{:>8}  {:<16} {:<16} {:>6.1f} MB  {}\n", header->pid, printable(header->program),
               state_of(path, *header), megabytes_of(path), printable(path));
  }
}

}  // namespace

void add_list(CLI::App& to) {
  auto directory = std::make_shared<std::string>("/dev/shm");
  CLI::App* command =
      to.add_subcommand("ls", "Lists processes that can be attached to, and the traces there are");
  command->add_option("directory", *directory, "Where to look for traces")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  command->callback([directory] { list(*directory); });
}

}  // namespace tgtrace
