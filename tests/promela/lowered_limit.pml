// One task is pending in a bounded group that a worker serves. A producer lowers the limit to nothing and then wants to
// add a task; the worker claims the pending one meanwhile, and the task ends when the producer has come back, or the worker
// sees the lower limit and leaves, and somebody raises the limit again.
// Forbidden: a producer that sleeps on; more in flight than as many as may run or do, and max_pending.
//
// Abstracts places, reserve_room and wait_for_room (core/flow/add.cpp), claim and tell_of_room (core/flow/serve.cpp),
// tally (core/flow/complete.cpp), running_of (core/group/accounts.cpp), and set_limit (core/flow/control.cpp). max_pending
// is 1.
//
// BUG_counts_who_is_there (assertion): all who serve the group beyond the limit are taken for running tasks
// BUG_claims_silently (end state): who claims beyond the limit wakes nobody
// BUG_looks_at_the_limit_early (end state): who claims looks at the limit [L1] before the claim [Q13]
// BUG_looks_for_waiters_early (end state): who claims looks for waiters [W4] before the claim [Q13]
// BUG_registers_late (end state): the producer looks for room, and then makes itself known [W3]
// BUG_looks_at_the_head_early (end state): the producer looks at the head [Q16] before the mark [W3]
#include "threads.h"

#define max_pending 1
#define running (claims - ended)

byte in_flight = 1, limit = 1, assigned = 1;
byte claims, ended, waiting, wait_seq;
bool added;

inline wake_waiters() {
  if
  :: waits ->
    wait_seq++;                        // [W2]
    futex_wake_all()
  :: else -> reached
  fi
}

inline look_at_the_limit() {
  atomic {                             // one word: [L1]
    places = limit;
    over = assigned > limit;
    there = assigned
  }
}

// The larger of the limit and of those who run beyond it.
inline count_places() {
  if
  :: !over -> reached
#ifdef BUG_counts_who_is_there
  :: over -> places = there
#else
  :: over ->
    ended_seen = ended;                // [A1]
#ifndef BUG_looks_at_the_head_early
    claims_seen = claims;              // [Q16]
#endif
    if
    :: claims_seen - ended_seen > places -> places = claims_seen - ended_seen
    :: else -> reached
    fi
#endif
  fi
}

inline reserve_room() {
  seen = in_flight;                    // as [D3]
  look_at_the_limit();
  count_places();
  has_room = seen < places + max_pending;
  if
  :: has_room ->
    atomic {                           // [D3]: nobody else has changed it, the task ends later
      in_flight++;
      assert(in_flight <= limit + max_pending || in_flight <= running + max_pending)
    }
  :: else -> reached
  fi
}

active proctype producer() {
  byte seq, seen, places, there, ended_seen, claims_seen;
  bool has_room, over;
  limit = 0;                           // [L5]
  do
  :: seq = wait_seq;                   // [W1]
#ifdef BUG_looks_at_the_head_early
    claims_seen = claims;
#endif
#ifndef BUG_registers_late
    waiting++;                         // [W3]
#endif
    reserve_room();
    if
    :: has_room -> break
    :: else
    fi;
#ifdef BUG_registers_late
    waiting++;
#endif
    futex_wait(wait_seq, seq, 0);
    waiting--
  od;
  waiting--;
  added = true
}

active proctype worker() {
  bool over, waits;
  over = assigned > limit;             // [L4]
#if defined(BUG_looks_for_waiters_early)
  waits = waiting != 0;
#endif
  if
  :: over -> reached
  :: else ->
    claims++;                          // [Q13]
#ifndef BUG_looks_at_the_limit_early
    over = assigned > limit;           // as [L1]
#endif
#ifndef BUG_claims_silently
    if
    :: over ->
#ifndef BUG_looks_for_waiters_early
      waits = waiting != 0;            // [W4]
#endif
      wake_waiters()
    :: else -> reached
    fi;
#endif
    added;
    in_flight--;                       // [D4]
    ended++;                           // [A2]
    waits = waiting != 0;              // [W4]
    wake_waiters()
  fi;
  assigned--                           // [L3]
}

// Paused with a pending task, and nobody is there.
active proctype other() {
  bool waits;
  if
  :: added -> reached
  :: limit == 0 && assigned == 0 && claims == 0 ->
    limit = 1;                         // [L5]
    waits = waiting != 0;              // [W6]
    wake_waiters()
  fi
}
