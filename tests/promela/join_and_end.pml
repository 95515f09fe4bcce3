// A group's owner adds two tasks, the first of which adds another; joins, asleep or helping; and destroys the group.
// Forbidden: any access to what the owner had after the join; a slot that is freed under somebody, twice or never.
//
// Abstracts commit (core/flow/add.cpp), serve and leave (core/flow/serve.cpp), count_ended and wake_slow
// (core/flow/complete.cpp), drained_counts (core/group/accounts.cpp), join and wait_for_end (core/flow/join.cpp,
// wait.cpp), end_group (core/flow/birth_and_end.cpp), and die, leave and enter_by_ticket (core/limiter/limiter.h).
// The joiner is woken by the end of tasks; it looks for work only when it comes. Limit 2.
//
// BUG_counts_before_the_end (assertion): a task is counted as ended [A2] before it has left what the owner had
// BUG_one_look_at_the_claims (assertion): drained_counts does not read the claims again
// BUG_no_look_at_the_queue (assertion): drained_counts does not look whether something is queued
// BUG_looks_for_waiters_first (end state): the end of a task looks for waiters [W4] before it is counted [A2]
// BUG_reads_the_number_late (end state): the joiner reads wait_seq [W1] after its look
// BUG_marks_late (end state): the joiner makes itself known [W5] after its look
// BUG_frees_under_who_is_assigned (assertion): the end frees the slot if no ticket is out
// BUG_frees_under_a_ticket (assertion): the end frees the slot if nobody is assigned
// BUG_leaves_in_two_steps (end state): who leaves looks whether the group has ended [L9], and then leaves [L3]
#include "threads.h"

#define all 3  // tasks

byte assigned;
bool ticket, dead;
byte ready;
byte pushes, claims, ended;
byte waiting, wait_seq;
bool owner_gone, freed;

#define has_room (assigned < 2)
#define queued (claims < pushes)
#define in_use assert(!freed)  // by somebody assigned, or the owner

inline release_slot() { d_step { assert(!freed); freed = true } }

// After leaving: the slot may be free, and that does no harm.
inline send_for_workers() {
  if
  :: ticket || dead || !has_room            // [L1]
  :: atomic { !ticket && !dead && has_room -> ticket = true }
    ready++
  fi
}

inline look_at_drained() {
  drained = false;
  seen = ended;                             // [A7]
  if
  :: claims == seen ->
#ifndef BUG_no_look_at_the_queue
    if
    :: !queued ->
#endif
#ifdef BUG_one_look_at_the_claims
      drained = true
#else
      drained = claims == seen
#endif
#ifndef BUG_no_look_at_the_queue
    :: queued
    fi
#endif
  :: else
  fi
}

inline wake_if_drained() {
  look_at_drained();
  if
  :: drained ->
    wait_seq++;                             // [W2]
    futex_wake_all()
  :: else
  fi
}

inline count_ended() {
#ifdef BUG_looks_for_waiters_first
  waits = waiting != 0;
  in_use;
  ended++;
#else
  ended++;                                  // [A2]
  in_use;
  waits = waiting != 0;                     // [W4]
#endif
  if
  :: waits -> in_use; wake_if_drained()
  :: else
  fi
}

// The first task adds the third.
inline run_task() {
#ifdef BUG_counts_before_the_end
  count_ended();
  assert(!owner_gone)
#else
  assert(!owner_gone);
  if
  :: task == 0 ->
    pushes++;                               // [Q4]
    send_for_workers()
  :: else
  fi;
  assert(!owner_gone);
  count_ended()
#endif
}

inline leave() {
  in_use;
#ifdef BUG_leaves_in_two_steps
  if
  :: dead ->
    assigned--;
    if
    :: !ticket && assigned == 0 -> release_slot()
    :: else
    fi
  :: !dead -> assigned--;
    if
    :: queued -> send_for_workers()
    :: !queued
    fi
  fi
#else
  if
  :: atomic { dead -> assigned-- ; last = !ticket && assigned == 0 }  // [L3]
    if
    :: last -> reached; release_slot()
    :: else
    fi
  :: atomic { !dead -> assigned-- }
    if
    :: queued -> send_for_workers()         // [Q5]
    :: !queued
    fi
  fi
#endif
}

inline work() {
  first = true;
  do
  :: atomic { queued -> task = claims; claims++ }
    in_use;
    if
    :: first -> first = false;
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    :: else
    fi;
    run_task()
  :: !queued -> break
  od;
  leave()
}

active [2] proctype worker() {
  byte task, seen;
  bool first, drained, waits, last;
end:
  do
  :: atomic { ready != 0 -> ready-- }
    in_use;
    if                                      // [L2]
    :: atomic { !dead && has_room -> ticket = false; assigned++ }
      work()
    :: atomic { !dead && !has_room -> ticket = false }
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    :: atomic { dead -> ticket = false; last = assigned == 0 }
      if
      :: last -> reached; release_slot()
      :: else -> reached
      fi
    fi
  od
}

active proctype owner() {
  byte task, seen, seq;
  bool first, drained, waits, last;
  byte me = 7;
  pushes++;                                 // [Q4]
  send_for_workers();
  pushes++;
  send_for_workers();
  // join
  do
  :: atomic { queued && has_room -> assigned++ }  // help, [L7]
    work()
  :: true ->
#ifndef BUG_reads_the_number_late
    seq = wait_seq;                         // [W1]
#endif
#ifndef BUG_marks_late
    waiting++;                              // [W5]
#endif
    look_at_drained();
    if
    :: drained -> break
    :: else
    fi;
#ifdef BUG_marks_late
    waiting++;
#endif
#ifdef BUG_reads_the_number_late
    seq = wait_seq;
#endif
    futex_wait(wait_seq, seq, me);
    waiting--
  od;
  waiting--;
  assert(ended == all);
  owner_gone = true;
  // end_group
  if
#ifdef BUG_frees_under_who_is_assigned
  :: atomic { true -> dead = true; last = !ticket }
#elif defined(BUG_frees_under_a_ticket)
  :: atomic { true -> dead = true; last = assigned == 0 }
#else
  :: atomic { true -> dead = true; last = !ticket && assigned == 0 }  // [L9]
#endif
  fi;
  if
  :: last -> release_slot()
  :: else
  fi;
  freed
}
