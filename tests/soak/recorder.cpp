#include "tests/soak/recorder.h"

#include "tests/soak/ledger.h"
#include "tests/support/stress.h"

#include <threadgroup/error.h>
#include <threadgroup/trace.h>

#include <stdlib.h>

#include <string>
#include <system_error>

namespace soak {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t records_per_thread = 1024;

void copy_and_remove(const fs::path& to) {
  try {
    tg::trace::freeze(to.string());
    fs::remove(to);
  } catch (const tg::error& why) {
    fault(why.what());
  }
}

void switch_again_and_again(const fs::path& folder, const std::atomic<bool>& over, std::uint64_t stream) {
  tg_test::random_source random(stream);
  for (std::size_t round = 0; !over; ++round) {
    if (!holds(tg::trace::start({.directory = folder.string(), .records_per_thread = records_per_thread}),
               "the recorder could not be started")) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random.below(60)));
    if (random.one_in(8)) copy_and_remove(folder / "copy.tgtrace");
    tg::trace::stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random.below(20)));
  }
}

}  // namespace

trace_folder::trace_folder() {
  std::error_code none;
  const fs::path memory =
      fs::is_directory("/dev/shm", none) ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string name = (memory / "threadgroup-soak-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

trace_folder::~trace_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

recorder::recorder(const trace_folder& into, std::uint64_t stream)
    : thread_([this, folder = into.path(), stream] { switch_again_and_again(folder, over_, stream); }) {}

recorder::~recorder() {
  over_ = true;
  thread_.join();
}

}  // namespace soak
