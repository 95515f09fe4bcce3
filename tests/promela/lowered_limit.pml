// One task is pending in a bounded group that a worker serves. The limit is lowered to nothing while a producer wants to add
// a task; another one may try to afterwards. The worker claims the pending one meanwhile, and the task ends when one of them
// has come back, or the worker sees the lower limit and leaves. Somebody clears the group, or raises the limit again when
// nobody is there.
// Forbidden: a producer that sleeps on; more in flight than as many as may run or do, and max_pending, by one who has seen
// the lower limit.
//
// Abstracts is_full, reserve_room and wait_for_room (core/flow/add.cpp), claim (core/flow/serve.cpp), tally and drain
// (core/flow/complete.cpp), and set_limit and clear_pending (core/flow/control.cpp). max_pending is 1.
//
// BUG_counts_who_is_there (assertion): all who serve the group beyond the limit are taken for running tasks
// BUG_ends_in_two_steps (assertion): a task that ends leaves those in flight first, and then those that are claimed [D4]
// BUG_claims_silently (end state): who claims beyond the limit wakes nobody
// BUG_looks_at_the_limit_early (end state): who claims looks at the limit [L1] before it is counted [D5]
// BUG_looks_for_waiters_early (end state): who claims looks for waiters [W4] before it is counted [D5]
// BUG_registers_late (end state): the producer looks for room, and then makes itself known [W3]
// BUG_limit_read_late (end state): the producer looks at what is in flight [D3], and then at the limit [L1]
#include "threads.h"

#define max_pending 1

byte limit = 1, assigned = 1;
byte in_flight = 1, claimed;           // one word
byte claims, waiting, wait_seq;
bool lowered, added, second_added;
bool all_know = true;                  // of the lower limit, who have added

inline wake_waiters() {
  if
  :: waits ->
    wait_seq++;                        // [W2]
    futex_wake_all()
  :: else -> reached
  fi
}

inline look_at_what_is_in_flight() {
#ifdef BUG_counts_who_is_there
  atomic { seen = in_flight; seen_claimed = assigned }
#else
  atomic { seen = in_flight; seen_claimed = claimed }  // [D3]
#endif
}

#ifdef BUG_counts_who_is_there
#define unchanged (in_flight == seen)
#else
#define unchanged (in_flight == seen && claimed == seen_claimed)
#endif

inline check_room() {
  assert(!all_know || in_flight <= limit + max_pending || in_flight <= claimed + max_pending)
}

inline reserve_room() {
  do
  ::
#ifdef BUG_limit_read_late
    look_at_what_is_in_flight();
    atomic { places = limit; knows = lowered };
#else
    atomic { places = limit; knows = lowered }  // as [L1]
    look_at_what_is_in_flight();
#endif
    at_once = (seen_claimed > places -> seen_claimed : places);
    if
    :: seen >= at_once + max_pending -> has_room = false; break
    :: else ->
      if
      :: atomic {
          unchanged ->
          in_flight++;
          all_know = all_know && knows;
          check_room()
        }
        has_room = true;
        break
      :: else -> reached
      fi
    fi
  od
}

active proctype producer() {
  byte seq, seen, seen_claimed, places, at_once;
  bool has_room, knows;
  do
  :: seq = wait_seq;                   // [W1]
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

active proctype pauser() {
  atomic { limit = 0; lowered = true }  // [L5]
}

active proctype second_producer() {
  byte seen, seen_claimed, places, at_once;
  bool has_room, knows;
  if
  :: lowered -> reserve_room(); second_added = has_room
  :: true
  fi
}

// Of somebody assigned, who has claimed.
inline count_claim() {
#ifdef BUG_looks_at_the_limit_early
  at = limit;
#endif
#ifdef BUG_looks_for_waiters_early
  waits = waiting != 0;
#endif
  claimed++;                           // [D5]
#ifndef BUG_looks_at_the_limit_early
  at = limit;                          // as [L1]
#endif
#ifndef BUG_claims_silently
  if
  :: claimed > at ->
#ifndef BUG_looks_for_waiters_early
    waits = waiting != 0;              // [W4]
#endif
    wake_waiters()
  :: else -> reached
  fi
#endif
}

inline end_task() {
#ifdef BUG_ends_in_two_steps
  in_flight--;
  claimed--;
#else
  atomic { in_flight--; claimed-- }    // [D4]
#endif
  check_room();
  waits = waiting != 0;                // [W4]
  wake_waiters()
}

active proctype worker() {
  byte at;
  bool waits, over;
  over = assigned > limit;             // [L4]
  if
  :: over -> reached
  :: else ->
    if
    :: atomic { claims == 0 -> claims++ }  // [Q13]
      count_claim();
      added || second_added;
      end_task()
    :: claims != 0 -> reached
    fi
  fi;
  assigned--                           // [L3]
}

// Of a group that is paused.
active proctype other() {
  byte at;
  bool waits;
  if
  :: lowered ->
    assigned++;                        // [L7]
    if
    :: atomic { claims == 0 -> claims++ }  // [Q13]
      count_claim();
      end_task()
    :: claims != 0 -> reached
    fi;
    assigned--                         // [L3]
  :: true
  fi;
  if
  :: added -> reached
  :: lowered && assigned == 0 && !added ->
    limit = 2;                         // [L5]
    waits = waiting != 0;              // [W6]
    wake_waiters()
  fi
}
