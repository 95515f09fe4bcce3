// Two threads wait for conditions: what the first one looks at is changed by a task that ends and by who calls notify;
// the second one's is never met, the event that the first one sets is what it hears.
// Forbidden: a true predicate that nobody looks at before the next poll; there is no poll here.
//
// Abstracts wait_for_condition (core/flow/wait.cpp), see_ends (core/group/accounts.cpp), notify (core/flow/control.cpp),
// tally (core/flow/tally.h, complete.cpp), and set_event with its wake pass as far as it concerns waiters
// (core/flow/set.cpp). Another task of the group never ends, so the group is not drained.
//
// A lead counts by a plain store: a waiter sees it, and what the task did, now or later, but for certain only if it reads
// the word that the lead has exchanged since: the head [Q13], the limiter's word [L3] or the common count [A2].
//
// BUG_reads_the_number_late (end state): the waiter reads wait_seq [W1] after its look
// BUG_registers_late (end state): the waiter looks, and then makes itself known [W5]
// BUG_notify_moves_no_number (end state): notify wakes and does not raise wait_seq [W2]
// BUG_notify_looks_first (end state): notify looks for waiters [W6] before what it tells of is there
// BUG_task_looks_first (end state): the end of a task looks for waiters [W4] before it is counted [A2]
// BUG_lead_looks_first (end state): a lead looks for waiters [W4] before its exchange
// BUG_lead_lingers_without_exchange (end state): a lead that stays does no exchange for the purpose [A2]
// BUG_no_look_after_leaving (end state): a lead that leaves [L3] does not look for waiters
// BUG_no_look_at_the_head (end state): the waiter does not read the head [Q16] before the predicate
// BUG_no_look_at_the_word (end state): the waiter does not read the limiter's word [L1] before the predicate
// BUG_no_look_at_the_count (end state): the waiter does not read the common count [A7] before the predicate
// BUG_wakes_at_the_last_task_only (end state): the end of a task wakes nobody unless the group is drained
// BUG_raises_no_hint (end state): the waiter leaves no hint for setters [E2]
#include "threads.h"

bool told, task_is_done;  // what the predicate looks at
bool by_head, by_word, by_count;  // who reads that word sees that the task is done
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
    waits = waiting != 0;        // as [W6]
    if
    :: waits -> wake_waiters()
    :: else -> reached
    fi
  :: else
  fi
}

#define might_be_met (told && task_is_done && me == 0)

inline see_ends() {
#ifndef BUG_no_look_at_the_head
  sees = sees || by_head;        // [Q16]
#endif
#ifndef BUG_no_look_at_the_word
  sees = sees || by_word;        // [L1]
#endif
#ifndef BUG_no_look_at_the_count
  sees = sees || by_count        // [A7]
#endif
}

proctype waiter(byte me) {
  byte seq;
  bool sees, waits;
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
    see_ends();
    if
    :: might_be_met ->
      waiting--;
      set_event();
      break
    :: !(might_be_met && sees)
    fi;
    if
    :: set ->                    // [E3]
      waiting--;
      break
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
  od
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

inline look_for_waiters() {
  waits = waiting != 0;          // [W4]
  if
#ifdef BUG_wakes_at_the_last_task_only
  :: waits
#else
  :: waits -> wake_waiters()
#endif
  :: else -> reached
  fi
}

proctype plain_server() {
  bool waits;
#ifdef BUG_task_looks_first
  look_for_waiters();
  d_step { task_is_done = true; by_count = true }
#else
  d_step { task_is_done = true; by_count = true }  // [A2]
  look_for_waiters()
#endif
}

proctype lead() {
  bool waits;
  task_is_done = true;           // [A8]
#ifdef BUG_lead_looks_first
  look_for_waiters();
#endif
  if
  :: by_head = true;             // [Q13]
#ifndef BUG_lead_looks_first
    look_for_waiters()
#endif
  :: by_word = true;             // [L3]
#if !defined(BUG_lead_looks_first) && !defined(BUG_no_look_after_leaving)
    look_for_waiters()
#endif
  ::                             // it lingers
#ifndef BUG_lead_lingers_without_exchange
    by_count = true;             // [A2]
#endif
#ifndef BUG_lead_looks_first
    look_for_waiters()
#endif
  fi
}

init {
  atomic {
    if
    :: run plain_server()
    :: run lead()
    fi;
    run waiter(0);
    run waiter(1)
  }
}
