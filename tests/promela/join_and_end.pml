// A group's owner adds two tasks, the first of which adds another; joins, asleep or helping; and destroys the group.
// Forbidden: any access to what the owner had after the join; a slot that is freed under somebody, twice or never.
//
// Abstracts commit (core/flow/add.cpp), serve and leave (core/flow/serve.cpp), tally (core/flow/tally.h, complete.cpp),
// drained_counts (core/group/accounts.cpp), join and wait_for_end (core/flow/join.cpp, wait.cpp), end_group
// (core/flow/birth_and_end.cpp), and die, leave and enter_by_ticket (core/limiter/limiter.h).
// The joiner is woken by the end of tasks; it looks for work only when it comes. Limit 2.
//
// The lead counts by a plain store. Who reads that count may read the newest one, or the oldest that the words it has read
// before allow: what stood there at the lead's last exchange on one of them.
//
// BUG_counts_before_the_end (assertion): a task is counted as ended [A2] before it has left what the owner had
// BUG_two_looks (assertion): drained_counts reads the claims, and looks at the queue afterwards
// BUG_no_look_at_the_queue (assertion): drained_counts does not look whether something is queued
// BUG_no_look_at_the_word (end state): drained_counts does not read the limiter's word [L1] before the counts
// BUG_looks_for_waiters_and_leaves (end state): who leaves looks for waiters [W4] before that [L3]
// BUG_no_look_after_leaving (end state): who leaves [L3] does not look for waiters
// BUG_two_leads (end state): who comes is the lead though there is one
// BUG_reads_the_number_late (end state): the joiner reads wait_seq [W1] after its look
// BUG_marks_late (end state): the joiner makes itself known [W5] after its look
// BUG_frees_under_who_is_assigned (assertion): the end frees the slot if no ticket is out
// BUG_frees_under_a_ticket (assertion): the end frees the slot if nobody is assigned
// BUG_leaves_in_two_steps (end state): who leaves looks whether the group has ended [L9], and then leaves [L3]
// BUG_ends_in_two_steps (end state): the end looks whether somebody is there, and then marks the group as dead [L9]
#include "threads.h"

#define all 3  // tasks

byte assigned;
bool ticket, dead, has_lead;
byte ready;
byte pushes, claims, ended, ended_by_lead;
byte by_word, by_ended;  // who reads that word sees so many of the lead's
byte waiting, wait_seq;
bool owner_gone, freed;
bool found_unused;  // by the end, which frees the slot then

#define has_room (assigned < 2)
#define queued (claims < pushes)
#define nobody_there (assigned == 0 && !ticket)
#define in_use assert(!freed || late)  // by somebody assigned, unless it came when the end had found nobody there

inline release_slot() { d_step { assert(!freed); freed = true } }

// After leaving: the slot may be free, and that does no harm.
inline send_for_workers() {
  if
  :: ticket || dead || !has_room            // [L1]
  :: atomic { !ticket && !dead && has_room -> ticket = true }
    ready++
  fi
}

// A part of [L2] and [L7].
inline become_assigned() {
  assigned++;
  late = found_unused;
#ifdef BUG_two_leads
  leads = true;
#else
  leads = !has_lead;
#endif
  has_lead = true
}

inline know(count) { sees = (sees > count -> sees : count) }

inline look_at_drained() {
  d_step { drained = false; sees = (leads -> ended_by_lead : 0) }
#ifndef BUG_no_look_at_the_word
  know(by_word);                            // [L1]
#endif
  d_step { seen = ended; know(by_ended) }   // [A7]
  if                                        // [A1]
  :: atomic { true -> seen = seen + ended_by_lead; sees = 0 }
  :: atomic { sees < ended_by_lead -> seen = seen + sees; sees = 0 }
  fi;
#ifdef BUG_no_look_at_the_queue
  drained = claims == seen;
#elif defined(BUG_two_looks)
  drained = claims == seen;
  drained = drained && !queued;
#else
  drained = claims == seen && !queued;      // [Q5]
#endif
  seen = 0
}

inline look_for_waiters() {
  if
  :: waiting != 0 ->                        // [W4]
    look_at_drained();
    if
    :: drained ->
      drained = false;
      wait_seq++;                           // [W2]
      futex_wake_all()
    :: else
    fi
  :: waiting == 0
  fi
}

inline count_ended() {
  if
  :: leads ->
#ifdef BUG_two_leads
    seen = ended_by_lead;
    ended_by_lead = seen + 1;
    seen = 0;
#else
    ended_by_lead++;                        // [A8]
#endif
    owes = true
  :: !leads ->
    ended++;                                // [A2]
    in_use;
    look_for_waiters()
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
  task = 0;
  assert(!owner_gone);
  count_ended()
#endif
}

// A part of [L3].
inline give_up_place() {
  assigned--;
  owes = false;
  if
  :: leads -> leads = false; has_lead = false; by_word = ended_by_lead
  :: else
  fi
}

inline look_after_leaving() {
#if !defined(BUG_no_look_after_leaving) && !defined(BUG_looks_for_waiters_and_leaves)
  look_for_waiters()
#else
  skip
#endif
}

inline leave() {
  in_use;
#ifdef BUG_looks_for_waiters_and_leaves
  look_for_waiters();
#endif
  if
#ifdef BUG_leaves_in_two_steps
  :: dead -> d_step { give_up_place(); last = nobody_there }
#else
  :: atomic { dead -> d_step { give_up_place(); last = nobody_there } }  // [L3]
#endif
    look_after_leaving();
    if
    :: last -> last = false; reached; release_slot()
    :: else
    fi
#ifdef BUG_leaves_in_two_steps
  :: !dead -> d_step { give_up_place() }
#else
  :: atomic { !dead -> d_step { give_up_place() } }
#endif
    look_after_leaving();
    if
    :: queued -> send_for_workers()         // [Q5]
    :: !queued
    fi
  fi
}

inline work() {
  first = true;
  do
  :: atomic { queued -> task = claims; claims++ }  // [Q13]
    in_use;
    if
    :: owes -> owes = false; look_for_waiters()
    :: else
    fi;
    if
    :: first -> first = false;
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    :: else
    fi;
    run_task()
  :: atomic { !queued && owes -> owes = false; by_ended = ended_by_lead }  // before it lingers: [A2]
    look_for_waiters()
  :: atomic { !queued -> first = false } break
  od;
  leave()
}

active [2] proctype worker() {
  byte task, seen, sees;
  bool first, drained, last, leads, owes, late;
end:
  do
  :: atomic { ready != 0 -> ready-- }
    if                                      // [L2]
    :: atomic { !dead && has_room -> ticket = false; become_assigned() }
      work();
      late = false
    :: atomic { !dead && !has_room -> ticket = false }
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    :: atomic { dead -> ticket = false; last = assigned == 0 }
      if
      :: last -> last = false; reached; release_slot()
      :: else -> reached
      fi
    fi
  od
}

active proctype owner() {
  byte task, seen, sees, seq;
  bool first, drained, last, leads, owes, late;
  byte me = 7;
  pushes++;                                 // [Q4]
  send_for_workers();
  pushes++;
  send_for_workers();
  // join
  do
  :: atomic { queued && has_room -> become_assigned() }  // help, [L7]
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
  assert(ended + ended_by_lead == all);
  owner_gone = true;
  // end_group
  if
#ifdef BUG_ends_in_two_steps
  :: nobody_there -> release_slot()
  :: !nobody_there -> dead = true
#elif defined(BUG_frees_under_who_is_assigned)
  :: atomic { !ticket -> dead = true }
    release_slot()
  :: atomic { ticket -> dead = true }
#elif defined(BUG_frees_under_a_ticket)
  :: atomic { assigned == 0 -> dead = true }
    release_slot()
  :: atomic { assigned != 0 -> dead = true }
#else
  :: atomic { nobody_there -> found_unused = true }
    release_slot()
  :: atomic { !nobody_there -> dead = true }  // [L9]
#endif
  fi;
  freed
}
