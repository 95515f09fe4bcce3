#include "tools/tgtrace/remote.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace tgtrace {
namespace {

using tg::tracing::control_page;
using tg::tracing::order;

// The service thread may be busy with a copy for somebody else.
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::milliseconds look_again{50};

std::atomic_ref<std::uint32_t> live(std::uint32_t& field) { return std::atomic_ref(field); }

// A descriptor of the process that is its control page; empty: it has none.
std::string descriptor_of_page(pid_t process) {
  std::error_code failure;
  const std::string folder = fmt::format("/proc/{}/fd", process);
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target == fmt::format("/memfd:{} (deleted)", tg::tracing::control_name)) return entry.path().string();
  }
  if (failure) throw remote_error(fmt::format("process {}: {}", process, failure.message()));
  return {};
}

control_page* map_page(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) throw remote_error(fmt::format("{}: {}", path, std::strerror(errno)));
  const auto size = ::lseek(descriptor, 0, SEEK_END);
  void* where = MAP_FAILED;
  if (size >= static_cast<off_t>(sizeof(control_page)))
    where = ::mmap(nullptr, sizeof(control_page), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (where == MAP_FAILED) throw remote_error(fmt::format("{}: not a control page", path));
  return static_cast<control_page*>(where);
}

void unmap(control_page* page) noexcept { ::munmap(page, sizeof *page); }

template <std::size_t Size>
void write_text(char (&field)[Size], const std::string& text, const char* what) {
  if (text.size() >= Size)
    throw remote_error(fmt::format("{} '{}' is longer than {} bytes", what, text, Size - 1));
  std::memcpy(field, text.c_str(), text.size() + 1);
}

std::uint32_t own_id() { return static_cast<std::uint32_t>(::getpid()); }

}  // namespace

bool is_alive(pid_t process) noexcept { return ::kill(process, 0) == 0 || errno == EPERM; }

remote::remote(pid_t process) : process_(process) {
  const std::string path = descriptor_of_page(process);
  if (path.empty()) throw remote_error(fmt::format("process {} does not use threadgroup (yet)", process));
  page_ = map_page(path);
  const bool is_ours = std::memcmp(page_->magic, tg::tracing::control_magic, sizeof page_->magic) == 0;
  const bool is_known = is_ours && page_->version == tg::tracing::control_version;
  const bool is_its_own = page_->pid == static_cast<std::uint32_t>(process);
  if (is_known && is_its_own) return;
  const std::string why =
      !is_ours    ? "its control page is not one"
      : !is_known ? fmt::format("its library speaks version {} of the control page, tgtrace {}",
                                page_->version, tg::tracing::control_version)
                  : fmt::format("it has only inherited the control page of process {}", page_->pid);
  unmap(page_);
  throw remote_error(fmt::format("process {}: {}", process, why));
}

remote::remote(remote&& other) noexcept
    : process_(other.process_), page_(std::exchange(other.page_, nullptr)) {}

remote::~remote() {
  if (page_ != nullptr) unmap(page_);
}

std::string remote::start(const start_options& with) {
  take_turn();
  write_text(page_->directory, with.directory, "directory");
  page_->records_per_thread = with.records;
  page_->freeze_after_ns = static_cast<std::uint64_t>(with.freeze_after.count());
  return give(order::start);
}

std::string remote::stop() {
  take_turn();
  return give(order::stop);
}

std::string remote::freeze(const std::string& path) {
  take_turn();
  write_text(page_->path, path, "file name");
  return give(order::freeze);
}

// One tool at a time gives orders; a dead one's turn is over.
void remote::take_turn() {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    std::uint32_t caller = 0;
    if (live(page_->caller).compare_exchange_strong(caller, own_id()) || caller == own_id()) return;
    if (!is_alive(static_cast<pid_t>(caller))) {
      if (live(page_->caller).compare_exchange_strong(caller, own_id())) return;
    }
    if (std::chrono::steady_clock::now() > end)
      throw remote_error(fmt::format("process {} is being given orders by process {}", process_, caller));
    ::usleep(1000);
  }
}

void remote::end_turn() noexcept { live(page_->caller).store(0); }

std::string remote::give(order what) {
  struct turn_ends {
    remote& of;
    ~turn_ends() { of.end_turn(); }
  } const at_exit{*this};
  page_->what = static_cast<std::uint32_t>(what);
  const std::uint32_t request = live(page_->request).fetch_add(1) + 1;
  live(page_->bell).fetch_add(1);
  ::syscall(SYS_futex, &page_->bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  wait_for(request);
  was_recording_ = page_->was_recording != 0;
  const std::string answer(page_->answer, ::strnlen(page_->answer, sizeof page_->answer));
  if (page_->failed != 0) throw remote_error(fmt::format("process {}: {}", process_, answer));
  return answer;
}

void remote::wait_for(std::uint32_t request) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const timespec pause{0, std::chrono::nanoseconds(look_again).count()};
  for (std::uint32_t done; (done = live(page_->done).load()) != request;) {
    if (!is_alive(process_)) throw remote_error(fmt::format("process {} has ended", process_));
    if (std::chrono::steady_clock::now() > end)
      throw remote_error(fmt::format("process {} does not answer; is it stopped?", process_));
    ::syscall(SYS_futex, &page_->done, FUTEX_WAIT, done, &pause, nullptr, 0);
  }
}

std::vector<pid_t> reachable_processes() {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t process = 0;
    const auto [stopped, failure] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (failure != std::errc{} || stopped != name.data() + name.size()) continue;
    try {
      out.push_back(remote(process).process());
    } catch (const remote_error&) {
      // Another user's, another program's, or gone.
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string program_of(pid_t process) {
  std::ifstream in(fmt::format("/proc/{}/comm", process));
  std::string name;
  return std::getline(in, name) ? name : "?";
}

}  // namespace tgtrace
