// Two producers find a bounded group full. Then two things happen, each of them a task's end, a producer that gives its
// room back, a higher limit, the event, or close.
// Forbidden: a producer that sleeps on; more in flight than may be.
//
// Abstracts reserve_room, wait_for_room and withdraw (core/flow/add.cpp), tally (core/flow/complete.cpp), set_limit
// and close (core/flow/control.cpp), and set_event as far as it concerns waiters (core/flow/set.cpp). max_pending is 1.
//
// BUG_reads_the_number_late (end state): the producer reads wait_seq [W1] after its looks
// BUG_registers_late (end state): the producer looks for room, and then makes itself known [W3]
// BUG_limit_read_first (end state): the limit is read before the mark [W3], as a relaxed load may be
// BUG_task_looks_first (end state): the end of a task looks for waiters [W4] before it gives room [D4]
// BUG_raise_looks_first (end state): who raises the limit [L5] looks for producers [W6] before it does
// BUG_withdraws_silently (end state): who gives its room back wakes nobody
// BUG_close_moves_no_number (end state): close wakes and does not raise wait_seq [W2]
// BUG_raises_no_hint (end state): the producer leaves no hint for setters [E2]
// BUG_wakes_one (end state): of all who wait, one is woken
// BUG_reserves_in_two_steps (assertion): room is looked for, and then taken [D3]
#include "threads.h"

#define max_pending 1

byte in_flight = 2, limit = 1;
byte waiting, wait_seq;
bool set, hint, closed;

inline wake_waiters() {
  wait_seq++;                          // [W2]
#ifdef BUG_wakes_one
  futex_wake_one()
#else
  futex_wake_all()
#endif
}

inline reserve_room() {
  do
  ::
#ifndef BUG_limit_read_first
    bound = limit;                     // as [L1]
#endif
    seen = in_flight;                  // [D3]
    if
    :: seen >= bound + max_pending ->
#ifndef BUG_limit_read_first
      if
      :: limit != bound -> reached; goto again
      :: limit == bound
      fi;
#endif
      has_room = false; break
#ifdef BUG_reserves_in_two_steps
    :: seen < bound + max_pending -> in_flight++; has_room = true; break
#else
    :: atomic { seen < bound + max_pending && in_flight == seen -> in_flight++; has_room = true } break
    :: seen < bound + max_pending && in_flight != seen -> reached
#endif
    fi;
again: skip
  od
}

proctype producer(byte me) {
  byte seq, seen, bound = limit;
  bool has_room;
  do
  ::
#ifndef BUG_reads_the_number_late
    seq = wait_seq;                    // [W1]
#endif
#ifdef BUG_limit_read_first
    bound = limit;
#endif
#ifndef BUG_registers_late
    waiting++;                         // [W3]
#endif
#ifndef BUG_raises_no_hint
    hint = true;                       // [E2]
#endif
    reserve_room();
    if
    :: has_room || set || closed -> break
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
  waiting--;
  assert(in_flight <= limit + max_pending)
}

inline a_task_ends() {
#ifdef BUG_task_looks_first
  waits = waiting != 0;
  in_flight--;
#else
  in_flight--;                         // [D4]
  waits = waiting != 0;                // [W4]
#endif
  if
  :: waits -> wake_waiters()
  :: else -> reached
  fi
}

inline limit_is_raised() {
#ifdef BUG_raise_looks_first
  waits = waiting != 0;
  limit++;
#else
  limit++;                             // [L5]
  waits = waiting != 0;                // [W6]
#endif
  if
  :: waits -> wake_waiters()
  :: else -> reached
  fi
}

active [2] proctype helper() {
  bool waits;
  if
  :: a_task_ends()
  :: limit_is_raised()
  :: in_flight--;                      // withdraw
#ifndef BUG_withdraws_silently
    wake_waiters()
#endif
  :: closed = true;                    // as [D2]
#ifdef BUG_close_moves_no_number
    futex_wake_all()
#else
    wake_waiters()
#endif
  :: set = true;                       // [V2]
    if
    :: hint ->                         // [E1]
      hint = false;                    // [E5]
      waits = waiting != 0;            // as [W6]
      if
      :: waits -> wake_waiters()
      :: else -> reached
      fi
    :: else -> reached
    fi
  fi
}

init {
  atomic {
    run producer(0);
    run producer(1)
  }
}
