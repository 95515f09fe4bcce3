// Tickets are pushed while runners come, park, are called and leave.
// Forbidden: a ready group, an idle worker, and no wake-up.
//
// Abstracts crew::announce, call_for, carry_out, run, idle, take_ready, park, sleep_until_called and after_work
// (core/arena/crew.cpp, runner.cpp) on the load word (core/arena/load.h). The first three tasks need three workers at
// once. Mailboxes are in mailbox.pml, blocked runners in compensation.pml.
//
// BUG_counts_before_the_push (assertion): an entry is counted [C3] before it is in the queue
// BUG_calls_only_if_nobody_is_idle (end state): who pushes calls nobody as long as somebody is idle
// BUG_parks_in_two_steps (end state): a runner looks at ready and then parks, in two changes [B8]
// BUG_sleeps_without_a_look (end state): a runner falls asleep though a permit is there
// BUG_leaves_though_called (end state): a runner whose time is over leaves [C4] with its permit on the way
#include "threads.h"

#define WORKERS 3
#define MAX_BLOCKED 0
#define ENTRIES 4
#define call_housekeeper() skip
#include "crew.h"

byte begun, served;

proctype runner(byte me) {
  byte entry;
home:
end:
  atomic { called != 0 -> called-- }
idle_again:
  find_work(home);
serve:
  begun++;
  begun >= WORKERS;
  served++;
  after_work(serve, home);
  goto idle_again
}

proctype adder(byte entries) {
  mtype whom;
  do
  :: entries != 0 -> announce(1); entries--
  :: else -> break
  od
}

init {
  atomic {
    run runner(0);
    run runner(1);
    run runner(2);
    run adder(2);
    run adder(2)
  }
  served == ENTRIES;
}
