// Tasks wait for tasks that are queued: a blocked runner is replaced, up to the cap; beyond it a joiner serves its group.
// Forbidden: all workers blocked on tasks that are queued.
//
// Abstracts crew::block, unblock, stalled, rotate and tend (core/arena/crew.cpp, runner.cpp), engine::tick
// (core/group/engine.cpp) and the joiner's wait_for_end_or_work (core/flow/wait.cpp), on the load word of crew.h. One
// worker, and one more for one that is blocked. The task of group 1 waits for that of group 2, and this one for that
// of group 3, which has a joiner. Each group has one task; who comes for it after the joiner finds nothing.
//
// BUG_blocks_and_calls_nobody (end state): a runner that blocks [B9] does not look whether somebody has to come
// BUG_blocks_in_two_steps (end state): it looks whom to call, and then counts itself as blocked
// BUG_cap_stays (end state): blocked runners do not raise the cap
// BUG_stalled_and_no_call (end state): nobody calls the housekeeper
// BUG_entry_is_lost (end state): the housekeeper takes an entry and does not put it back
// BUG_joiner_looks_first (end state): the joiner looks for work, and then makes itself known [W5]
#include "threads.h"

#define WORKERS 1
#ifdef BUG_cap_stays
#define MAX_BLOCKED 0
#else
#define MAX_BLOCKED 1
#endif
#define ENTRIES 3
#ifdef BUG_stalled_and_no_call
#define call_housekeeper() skip
#else
#define call_housekeeper() tick = true
#endif
#include "crew.h"

bool queued[4];
bool done[4];
bool tick;          // the housekeeper is called
bool waiting;       // the joiner
byte wait_seq;


inline wake_waiters() { wait_seq++; futex_wake_all() }

inline block() {
#ifdef BUG_blocks_and_calls_nobody
  blocked++;
  whom = nobody;
#else
#ifdef BUG_blocks_in_two_steps
  atomic { call_for() }
  blocked++;
#else
  atomic { blocked++; call_for() }  // [B9]
#endif
#endif
  carry_out()
}

// Runs the group's task if nobody has.
inline serve_group(group) {
  if
  :: atomic { queued[group] -> queued[group] = false }
    if
    :: group != 3 && !done[group + 1] ->
      block();
      done[group + 1];
      blocked--                     // unblock
    :: else
    fi;
    done[group] = true;
    if
    :: group == 3 && waiting -> wake_waiters()
    :: else
    fi
  :: else -> reached
  fi
}

proctype runner(byte me) {
  byte entry;
  mtype whom;
home:
end:
  atomic { called != 0 -> called-- }
idle_again:
  find_work(home);
serve:
  serve_group(entry);
  after_work(serve, home);
  goto idle_again
}

proctype adder(byte group) {
  mtype whom;
  queued[group] = true;
  announce(group)
}

// Sleeps until its group's task is done, or may be run by itself. Its bit is 3.
active proctype joiner() {
  byte seq;
  do
  :: seq = wait_seq;                // [W1]
#ifdef BUG_joiner_looks_first
    if
    :: done[3] -> break
    :: queued[3] && !done[3] -> goto helps
    :: else
    fi;
    waiting = true;
    seq = wait_seq;
#else
    waiting = true;                 // [W5]
    if
    :: done[3] -> break
    :: queued[3] && !done[3] -> goto helps
    :: else
    fi;
#endif
    futex_wait(wait_seq, seq, 3);
    waiting = false
  od;
  goto over;
helps:
  if
  :: atomic { queued[3] -> queued[3] = false }
    done[3] = true
  :: else -> done[3]
  fi;
over:
  skip
}

// It looks once when it is called. The core's looks again every now and then while the runtime is stalled: not needed here.
active proctype housekeeper() {
  byte entry, left;
  mtype whom;
end:
  do
  :: atomic { tick -> tick = false }
    left = (stalled -> ready : 0);
    do
    :: atomic { left != 0 && ready != 0 -> ready--; left-- }  // rotate
      pop_ready();
#ifndef BUG_entry_is_lost
      ready_queue!entry;
      atomic { ready++; call_for() }
      if
      :: whom != nobody -> carry_out()
      :: else
      fi;
#endif
      if                                                      // look_at_stalled
      :: entry == 3 -> wake_waiters()
      :: else
      fi
    :: left == 0 || ready == 0 -> break
    od
  od
}

init {
  atomic {
    run runner(0);
    run runner(1);
    run adder(1);
    run adder(2);
    run adder(3)
  }
  done[1] && done[2] && done[3]
}
