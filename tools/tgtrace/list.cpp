#include "tools/tgtrace/list.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tools/tgtrace/remote.h"

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

void list(const std::string& directory) {
  for (const pid_t process : reachable_processes())
    fmt::print("process {:>8}  {}\n", process, program_of(process));
  for (const std::string& path : traces_in(directory)) {
    const bool is_live = path.ends_with(".live");
    fmt::print("{}  {}\n",
               !is_live         ? "copy            "
               : is_owned(path) ? "being written   "
                                : "left by the dead",
               path);
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
