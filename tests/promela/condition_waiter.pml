// Two threads wait for conditions: what the first one looks at is changed by a task that ends and by who calls notify;
// the second one's is never met, the event that the first one sets is what it hears.
// Forbidden: a true predicate that nobody looks at before the next poll; there is no poll here.
//
// Abstracts wait_for_condition (core/flow/wait.cpp), notify (core/flow/control.cpp), count_ended and wake_slow
// (core/flow/complete.cpp), and set_event with its wake pass as far as it concerns waiters (core/flow/set.cpp). Another
// task of the group never ends, so the group is not drained.
//
// BUG_reads_the_number_late (end state): the waiter reads wait_seq [W1] after its look
// BUG_registers_late (end state): the waiter looks, and then makes itself known [W5]
// BUG_notify_moves_no_number (end state): notify wakes and does not raise wait_seq [W2]
// BUG_notify_looks_first (end state): notify looks for waiters [W6] before what it tells of is there
// BUG_task_looks_first (end state): the end of a task looks for waiters [W4] before it is counted [A2]
// BUG_wakes_at_the_last_task_only (end state): the end of a task wakes nobody unless the group is drained
// BUG_raises_no_hint (end state): the waiter leaves no hint for setters [E2]
#include "threads.h"

bool told, task_is_done;  // what the predicate looks at
byte waiting, wait_seq;
bool set, hint;

inline wake_waiters() {
  wait_seq++;                    // [W2]
  futex_wake_all()
}

inline set_event() {
  set = true;                    // [V2]
  if
  :: hint ->                     // [E1]
    hint = false;                // [E5]
    wake_waiters()
  :: else
  fi
}

#define predicate (told && task_is_done && me == 0)

proctype waiter(byte me) {
  byte seq;
  do
  ::
#ifndef BUG_reads_the_number_late
    seq = wait_seq;              // [W1]
#endif
#ifndef BUG_registers_late
    waiting++;                   // [W5]
#endif
#ifndef BUG_raises_no_hint
    hint = true;                 // [E2]
#endif
    if
    :: predicate -> set_event(); break
    :: else
    fi;
    if
    :: set -> break              // [E3]
    :: else
    fi;
#ifdef BUG_registers_late
    waiting++;
#endif
#ifdef BUG_reads_the_number_late
    seq = wait_seq;
#endif
    futex_wait(wait_seq, seq, me);
    waiting--
  od;
  waiting--
}

active proctype notifier() {
  bool waits;
#ifdef BUG_notify_looks_first
  waits = waiting != 0;
  told = true;
  wait_seq++;
#else
  told = true;
#ifndef BUG_notify_moves_no_number
  wait_seq++;                    // as [W2]
#endif
  waits = waiting != 0;          // as [W6]
#endif
  if
  :: waits -> futex_wake_all()
  :: else -> reached
  fi
}

active proctype task() {
  bool waits;
#ifdef BUG_task_looks_first
  waits = waiting != 0;
  task_is_done = true;
#else
  task_is_done = true;           // counted by [A2]
  waits = waiting != 0;          // [W4]
#endif
  if
#ifdef BUG_wakes_at_the_last_task_only
  :: waits
#else
  :: waits -> wake_waiters()
#endif
  :: else -> reached
  fi
}

init {
  atomic {
    run waiter(0);
    run waiter(1)
  }
}
