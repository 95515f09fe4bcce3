#include "core/trace/control.h"

#include "core/os/futex.h"
#include "core/os/process.h"
#include "core/os/shared_file.h"
#include "core/trace/control_format.h"
#include "core/trace/recorder.h"
#include "core/trace/session.h"
#include "core/trace/turn.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tg::tracing {
namespace {

constinit os::shared_file control_file;
constinit base::atomic<control_page*> page{nullptr};
constinit turn opening;
constinit bool was_opened = false;  // in one's turn
constinit base::atomic<std::uint32_t> bell_without_page{0};
constinit base::atomic<std::uint32_t> bell_claimed{0};

enum class asking : std::uint32_t { nothing, writing, asked };
constinit base::atomic<asking> freeze_asked{asking::nothing};
constinit trigger asked_for;  // the writer's, then the service thread's
constinit base::atomic<std::uint32_t> sweep_asked{0};

control_page* the_page() noexcept {
  // [TR20] acquire: the page is filled in; pairs with [TR21]. Beyond the model, which has no page
  return page.load(base::acquire);
}

base::atomic<std::uint32_t>& the_bell() noexcept {
  control_page* at = the_page();
  return at == nullptr ? bell_without_page : live(at->bell);
}

void ring_bell() noexcept {
  // [TR22] release: what the bell is for; pairs with [H2]
  the_bell().fetch_add(1, base::release);
  os::futex_wake_shared(the_bell());
}

// A child has a mapping of its parent's page, whose bell it must not ring.
void close_in_child() noexcept {
  page.store(nullptr, base::relaxed);  // relaxed: the child has one thread
  opening.reset();
  was_opened = false;
  bell_claimed.store(0, base::relaxed);                // relaxed: as above
  sweep_asked.store(0, base::relaxed);                 // relaxed: as above
  freeze_asked.store(asking::nothing, base::relaxed);  // relaxed: as above
  control_file.leave_to_parent();
}

template <std::size_t Size>
std::string text_in(const char (&field)[Size]) {
  return {field, std::find(field, field + Size, '\0')};
}

template <std::size_t Size>
void write_text(char (&field)[Size], const std::string& text) noexcept {
  const std::size_t size = std::min(text.size(), Size - 1);
  std::memcpy(field, text.data(), size);
  field[size] = '\0';
}

struct reply {
  bool failed;
  std::string text;
};

reply start_as_ordered(control_page& at) {
  settings with;
  at.was_recording = is_on() ? 1 : 0;
  // Who only wants to look must not take the threshold away that the program was given.
  if (at.was_recording != 0 && at.freeze_after_ns == 0) return {false, file_path()};
  if (const std::string directory = text_in(at.directory); !directory.empty()) with.directory = directory;
  if (at.records_per_thread != 0) with.records_per_thread = at.records_per_thread;
  with.freeze_after_ns = at.freeze_after_ns;
  const std::string failure = start(with);
  return failure.empty() ? reply{false, file_path()} : reply{true, failure};
}

reply carry_out(control_page& at) {
  switch (static_cast<order>(at.what)) {
    case order::start:
      return start_as_ordered(at);
    case order::stop:
      stop();
      return {false, file_path()};
    case order::freeze: {
      const frozen copy = freeze(text_in(at.path));
      return copy.failure.empty() ? reply{false, copy.path} : reply{true, copy.failure};
    }
  }
  return {true, "no such order: " + std::to_string(at.what)};
}

void open_page() noexcept {
  const turn::mine now(opening);
  if (was_opened) return;
  was_opened = true;
  static const int watched = (os::when_forked(&close_in_child), 0);
  static_cast<void>(watched);
  if (control_file.create_unnamed(control_name, sizeof(control_page)) != 0) return;
  if (control_file.reserve(0, sizeof(control_page)) != 0) return control_file.close();
  auto* at = reinterpret_cast<control_page*>(control_file.data);
  at->version = control_version;
  at->pid = os::process_id();
  std::memcpy(at->magic, control_magic, sizeof control_magic);
  // [TR21] release: the page; pairs with [TR20]
  page.store(at, base::release);
}

}  // namespace

bell::bell() noexcept {
  open_page();
  if (bell_claimed.exchange(1, base::relaxed) == 0) word_ = &the_bell();  // relaxed: one has it
}

bell::~bell() {
  if (word_ != nullptr) bell_claimed.store(0, base::relaxed);  // relaxed: one has it
}

void ask_to_freeze(const trigger& what) noexcept {
  auto seen = asking::nothing;
  // [TR23] acquire: the one before was taken; pairs with [TR24]
  if (!freeze_asked.compare_exchange(seen, asking::writing, base::acquire, base::relaxed)) return;
  asked_for = what;
  // [TR25] release: the trigger; pairs with [TR26]
  freeze_asked.store(asking::asked, base::release);
  ring_bell();
}

std::optional<trigger> take_trigger() noexcept {
  // [TR26] acquire: the trigger; pairs with [TR25]
  if (freeze_asked.load(base::acquire) != asking::asked) return std::nullopt;
  const trigger taken = asked_for;
  // [TR24] release: it was read; pairs with [TR23]
  freeze_asked.store(asking::nothing, base::release);
  return taken;
}

void ask_to_sweep() noexcept {
  if (sweep_asked.load(base::relaxed) != 0) return;              // relaxed: a hint
  if (sweep_asked.exchange(1, base::relaxed) == 0) ring_bell();  // relaxed: a hint
}

bool take_sweep() noexcept {
  // relaxed: a hint; the sweep looks for itself
  return sweep_asked.load(base::relaxed) != 0 && sweep_asked.exchange(0, base::relaxed) != 0;
}

void obey_orders() noexcept {
  control_page* at = the_page();
  if (at == nullptr) return;
  // [TR27] acquire: the order; pairs with [TR28], with the tool's own accesses between
  const std::uint32_t request = live(at->request).load(base::acquire);
  if (request == live(at->done).load(base::relaxed)) return;  // relaxed: this thread's
  reply answer{true, "out of memory"};
  try {
    answer = carry_out(*at);
  } catch (const std::bad_alloc&) {
  }
  at->failed = answer.failed ? 1 : 0;
  write_text(at->answer, answer.text);
  // [TR28] release: the answer; pairs with [TR27], as above
  live(at->done).store(request, base::release);
  os::futex_wake_shared(live(at->done));
}

}  // namespace tg::tracing
