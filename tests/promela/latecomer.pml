// A setter has seen that tasks of a group are queued. It is late: when it takes the ticket for a worker, or comes to skip
// them itself, the group may have ended, and its slot be free or the next tenant's. Two tenants with limit 1, the event of
// the first is set, the second begins paused.
// Forbidden: a slot that is freed twice, or never; a second ticket; a task of the second tenant that is skipped for the
// first one's event; more than one task running, or one of a paused group.
//
// Abstracts take_ticket, enter_by_ticket, leave, die and prepare (core/limiter/limiter.h), send_for_backlog
// (core/flow/set.cpp), send_for_workers (core/flow/add.cpp), enter_by_ticket, stay, work, help and skip_backlog
// (core/flow/serve.cpp), drain (core/flow/complete.cpp), and make_group and end_group (core/flow/birth_and_end.cpp). Joins poll.
//
// BUG_prepare_forgets_the_ticket (assertion): prepare writes the word anew, without the ticket that is out
// BUG_prepare_takes_who_is_there (assertion): prepare does not refuse a slot in which somebody is
// BUG_prepare_stays_dead (end state): prepare leaves the word dead
// BUG_drainer_runs (assertion): who entered beyond the limit does not look at the limit before it runs
// BUG_ticket_of_the_dead (assertion): a ticket is taken of a group that is dead [L6]
// BUG_ends_in_two_steps (end state): the end looks whether somebody is there, and then marks the group as dead [L9]
// BUG_frees_under_a_ticket (assertion): the end marks the group as dead, and frees the slot though a ticket is out
#include "threads.h"

byte assigned, limit = 1;
bool ticket, dead;
byte ready;            // tickets that stand in the ready queue
byte tickets;          // in it, or in the hands of who took one out
byte pushes, claims, ended;
bool set;              // the event of the place
byte running;
byte second_begins_at = 99;
bool is_free;

#define has_room (assigned < limit)
#define queued (claims < pushes)
#define nobody_there (assigned == 0 && !ticket)

inline release_slot() { d_step { assert(!is_free); is_free = true } }

// A part of [L6].
inline got_ticket() {
  ticket = true;
  tickets++;
  assert(tickets == 1)
}

inline take_ticket_to_drain() {
  if
#ifdef BUG_ticket_of_the_dead
  :: atomic { !ticket -> got_ticket() }
    ready++
  :: ticket
#else
  :: atomic { !ticket && !dead -> got_ticket() }  // [L6]
    ready++
  :: ticket || dead
#endif
  fi
}

inline send_for_workers() {
  if
  :: ticket || dead                               // [L1]
  :: atomic { !ticket && !dead && (has_room || set) -> got_ticket() }
    ready++
  :: !ticket && !dead && !has_room && !set
  fi
}

inline claim_and_skip() {
  if
  :: atomic { claims < pushes && claims < bound -> assert(claims < second_begins_at); claims++ }
    ended++
  :: claims >= pushes || claims >= bound -> break
  fi
}

inline claim_and_run() {
  if
  :: atomic { queued -> claims++ }
    if
    :: set -> ended++
    :: !set ->
      d_step { running++; assert(running == 1 && limit != 0) }
      d_step { running--; ended++ }
    fi
  :: !queued -> break
  fi
}

inline leave() {
  if
  :: atomic { dead -> assert(assigned != 0); assigned--; last = nobody_there }  // [L3]
    if
    :: last -> reached; last = false; release_slot()
    :: else
    fi
  :: atomic { !dead -> assert(assigned != 0); assigned-- }
    if
    :: queued -> send_for_workers()               // [Q5]
    :: !queued
    fi
  fi
}

inline stay() {
  bound = pushes;
  drains = set;
  if
  :: drains -> drains = false;
    do
    :: claim_and_skip()
    od
  :: else ->
    do
#ifdef BUG_drainer_runs
    :: claim_and_run()
#else
    :: assigned > limit -> reached; break
    :: assigned <= limit -> claim_and_run()
#endif
    od
  fi;
  bound = 0;
  leave()
}

active [2] proctype worker() {
  byte bound;
  bool drains, last;
end:
  do
  :: atomic { ready != 0 -> ready-- }
    drains = set;
    if                                            // [L2]
    :: atomic { !dead && (has_room || drains) -> ticket = false; tickets--; assigned++; drains = false }
      stay()
    :: atomic { !dead && !has_room && !drains -> ticket = false; tickets-- }
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    :: atomic { dead -> ticket = false; tickets--; drains = false; last = assigned == 0 }
      if
      :: last -> reached; last = false; release_slot()
      :: else -> reached
      fi
    fi
  od
}

inline join() {
  do
  :: ended == pushes && claims == ended -> break
  :: queued && !dead ->
    drains = set;
    if
    :: atomic { has_room || drains -> assigned++; drains = false }  // [L7]
      stay()
    :: else -> drains = false;
      !queued || has_room
    fi
  od
}

inline end_group() {
  if
#ifdef BUG_ends_in_two_steps
  :: nobody_there -> release_slot()
  :: !nobody_there -> dead = true
#elif defined(BUG_frees_under_a_ticket)
  :: atomic { assigned == 0 -> dead = ticket }
    release_slot()
  :: atomic { assigned != 0 -> dead = true }
#else
  :: atomic { nobody_there -> skip }
    release_slot()
  :: atomic { !nobody_there -> dead = true }      // [L9]
#endif
  fi
}

// Refused: the next tenant takes another slot, and whoever is in this one frees it.
inline prepare() {
  set = false;                                    // begin_tenancy
  if
#ifdef BUG_prepare_takes_who_is_there
  :: d_step {
#else
  :: d_step { assigned == 0 ->
#endif
#ifndef BUG_prepare_stays_dead
      dead = false;
#endif
#ifdef BUG_prepare_forgets_the_ticket
      ticket = false;
#endif
      limit = 0;
      second_begins_at = pushes
    }
    has_slot = true
#ifndef BUG_prepare_takes_who_is_there
  :: atomic { assigned != 0 -> dead = true }      // [L9]
    reached
#endif
  fi
}

// Of an event of the first tenant, whose task it saw queued.
active proctype late_setter() {
  byte bound;
  bool drains, last;
  if
  :: take_ticket_to_drain()
  :: atomic { !dead -> assigned++ }               // [L7]
    bound = pushes;
    drains = set;
    do
    :: drains -> claim_and_skip()
    :: !drains -> reached; break
    od;
    bound = 0;
    drains = false;
    leave()
  :: dead -> reached
  fi
}

active proctype owner() {
  byte bound;
  bool drains, last, has_slot;
  d_step { set = true; pushes = 1 }
  send_for_workers();
  join();
  end_group();
  atomic { is_free -> is_free = false }
  prepare();
  if
  :: has_slot ->
    pushes++;                                     // [Q4]
    send_for_workers();
    limit = 1;                                    // [L5]
    send_for_workers();
    pushes++;
    send_for_workers();
    join();
    assert(pushes == 3 && claims == 3);
    end_group()
  :: !has_slot
  fi;
  is_free
}
