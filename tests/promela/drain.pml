// The event of a group is set while its tasks wait for a place that does not become free: they end as skipped.
// Forbidden: a queued task of a set event, and nobody coming; a task that is run beyond the limit.
//
// Abstracts leave_backlog and take_ticket (core/flow/add.cpp), enter_by_ticket, stay and leave (core/flow/serve.cpp),
// drain and reason_to_skip (core/flow/complete.cpp), and send_for_backlog (core/flow/set.cpp). The group has one place,
// which is taken by a task that runs until the other has ended, and it is paused at any time.
//
// BUG_looks_before_the_hint (end state): an adder without room looks at the event [E3] before its hint is up [E2]
// BUG_hints_before_the_word (end state): the setter looks for hints [E1] before it sets the word [V2]
// BUG_full_and_no_look (end state): who gives up a ticket [L2] without room does not look at the queue
// BUG_no_ticket_without_room (end state): a ticket is taken only if there is room
// BUG_no_renewal (end state): a worker does not look at the queue after its first claim
// BUG_drainer_runs (assertion): who entered beyond the limit runs what it finds
#include "threads.h"

#define all 2  // tasks

byte assigned, limit = 1;
bool ticket;
byte pushes, claims;
byte ready;  // tickets that stand in the ready queue
bool set, hint;
byte running, ended;

#define has_room (assigned < limit)
#define queued (claims < pushes)

inline take_ticket_to_drain() {
  if
#ifdef BUG_no_ticket_without_room
  :: !ticket && !has_room
  :: atomic { !ticket && has_room -> ticket = true }
#else
  :: atomic { !ticket -> ticket = true }      // [L6]
#endif
    ready++
  :: ticket
  fi
}

inline leave_backlog() {
#ifdef BUG_looks_before_the_hint
  if
  :: set -> hint = true; take_ticket_to_drain()
  :: !set -> hint = true
  fi
#else
  hint = true;                                // [E2]
  if                                          // [E3]
  :: set -> reached; take_ticket_to_drain()
  :: !set
  fi
#endif
}

inline send_for_workers() {
  if
  :: ticket                                   // [L1]
  :: atomic { !ticket && has_room -> ticket = true }
    ready++
  :: atomic { !ticket && !has_room -> skip }
    leave_backlog()
  fi
}

inline look() {
  if
  :: queued -> send_for_workers()             // [Q5]
  :: !queued
  fi
}

inline drain() {
  do
  :: atomic { claims < pushes && claims < bound -> claims++ }
    ended++
  :: claims >= pushes || claims >= bound -> break
  od
}

inline run_task() {
  d_step { running++; assert(running <= 1 && !beyond) }
  ended == all - 1;
  d_step { running--; ended++ }
}

inline leave() {
  d_step { assigned--; bound = 0; beyond = false }            // [L3]
  look()
}

inline stay() {
  bound = pushes;
  if
#ifdef BUG_drainer_runs
  :: false
#else
  :: set -> drain()
#endif
  :: else ->
    first = true;
    do
    :: atomic { queued -> claims++ }
#ifndef BUG_no_renewal
      if
      :: first -> look()
      :: else
      fi;
#endif
      first = false;
      if
#ifndef BUG_drainer_runs
      :: set -> reached; ended++
#endif
      :: else -> run_task()
      fi
    :: !queued -> break
    od
  fi;
  leave()
}

active [2] proctype worker() {
  byte bound;
  bool drains, first, beyond;
end:
  do
  :: atomic { ready != 0 -> ready-- }
    drains = set;
    if                                        // [L2]
    :: atomic { has_room || drains -> ticket = false; beyond = !has_room; assigned++ }
      stay()
    :: atomic { !(has_room || drains) -> ticket = false }
#ifndef BUG_full_and_no_look
      look()
#endif
    fi
  od
}

proctype adder() {
  pushes++;                                   // [Q4]
  send_for_workers()
}

active proctype setter() {
  bool hints;
#ifdef BUG_hints_before_the_word
  hints = hint;
  set = true;
#else
  set = true;                                 // [V2]
  hints = hint;                               // [E1]
#endif
  if
  :: hints ->
    hint = false;                             // [E5]
    if
    :: queued -> take_ticket_to_drain()
    :: !queued -> reached
    fi
  :: !hints
  fi
}

// At any time, or never.
active proctype pauser() {
  limit = 0
}

init {
  atomic {
    run adder();
    run adder()
  }
  ended == all
}
