#include "tools/tgtrace/wait_table.h"

#include "tools/tgtrace/meaning.h"

namespace tgtrace {

using tg::tracing::detail_of;
using tg::tracing::record;

void wait_table::begin(const record& is, index on, time_ns at) {
  wait made;
  made.what = waiting_of(detail_of(is.what) & 0xf);
  made.thread = on;
  made.task = parts_.threads.task_on(on);
  made.group = parts_.groups.find(is.b & tg::tracing::group_ref_mask);
  made.began = at;
  if (made.what == waiting_for::future) made.future_of = is.a;
  made.inner = parts_.threads.is_waiting(on);
  m_.waits.push_back(made);
  parts_.threads.push(on, {frame::wait, static_cast<index>(m_.waits.size() - 1)});
}

void wait_table::end(const record& is, index on, time_ns at) {
  index which = parts_.threads.innermost(on, frame::wait);
  if (which == nothing || m_.waits[which].what != waiting_of(detail_of(is.what) & 0xf)) {
    begin(is, on, parts_.before(at, is.a));
    which = static_cast<index>(m_.waits.size() - 1);
    m_.waits[which].future_of = 0;  // the end of a wait does not name it
  }
  parts_.threads.pop(on, {frame::wait, which});
  m_.waits[which].ended = at;
  m_.waits[which].how = wait_end_of(detail_of(is.what) >> 4);
  parts_.threads.waited(on, which);
  note_frozen(is, which);
}

// The recorder knows how long the wait took for which it had the file made, and not whose it was.
void wait_table::note_frozen(const record& is, index which) {
  const auto& header = parts_.from.header;
  const index task = m_.waits[which].task;
  const bool is_it = header.frozen_task == 0 && header.frozen_ticks != 0 && is.a == header.frozen_ticks &&
                     tg::tracing::group_of(is.what) == header.frozen_group;
  if (is_it && task != nothing) m_.frozen.task = m_.tasks[task].id;
}

}  // namespace tgtrace
