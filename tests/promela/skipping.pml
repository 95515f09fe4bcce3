// The event of a group is set, twice, while two tasks are added. No place need become free: the worker may be busy, and the
// group full, or paused from the beginning.
// Forbidden: a task that is queued when a set has returned, or that is queued by who comes after one; more than one task
// running, or one beyond the limit.
//
// Abstracts skip_or_offer and take_ticket (core/flow/add.cpp, core/limiter/limiter.h), enter_by_ticket, stay, skip_backlog and
// leave (core/flow/serve.cpp), drain and skips (core/flow/complete.cpp), and wake_pass and follow
// (core/flow/set.cpp). How far the queue goes is read without regard to order: it may be an old bound.
//
// BUG_looks_before_the_hint (assertion): an adder looks at the event [E3] before its hint is up [E2]
// BUG_hints_before_the_word (assertion): a setter looks for hints [E1] before it sets the word [V2]
// BUG_lowers_the_hint (assertion): a setter lowers the hint, as it does with others [E5]
// BUG_relies_on_the_ticket (assertion): an adder that finds the ticket out does not look at the event
// BUG_skips_once (assertion): who skips does not look again
// BUG_drainer_runs (assertion): who entered beyond the limit runs what it finds
#include "threads.h"

byte assigned, limit;
bool ticket;
byte pushes, claims;
byte ready;              // tickets that stand in the ready queue
bool set, hint;
byte running;
byte back;               // adders and setters that have returned
bool added[2];           // by number: its adder has returned
bool was_set;            // a set has returned

#define has_room (assigned < limit)
#define queued (claims < pushes)
#define all_back (back == 4)

inline send_for_workers() {
  if
  :: atomic { !ticket && (has_room || set) -> ticket = true }  // [L1], [L6]
    ready++
  :: ticket || !(has_room || set)
  fi
}

inline leave() {
  d_step { assigned--; bound = 0 }                    // [L3]
  if
  :: queued -> send_for_workers()                     // [Q5]
  :: !queued
  fi
}

inline drain() {
  if
  :: bound = pushes
  :: pushes != 0 -> bound = pushes - 1
  fi;
  do
  :: atomic { claims < pushes && claims < bound -> claims++ }
#ifdef BUG_drainer_runs
    d_step { running++; assert(running <= 1 && limit != 0); running-- }
#endif
  :: claims >= pushes || claims >= bound -> break
  od
}

inline skip_backlog() {
#ifdef BUG_skips_once
  if
  :: set && queued ->
    assigned++;
    drain();
    leave()
  :: else
  fi
#else
  do
  :: set && queued ->
    assigned++;                                       // [L7]
    drain();
    leave()
  :: else -> break
  od
#endif
}

proctype adder() {
  byte bound, mine;
  bool comes_after = was_set;
  bool is_set;
  atomic { mine = pushes; pushes++ }                  // [Q4]
#ifdef BUG_relies_on_the_ticket
  if
  :: ticket -> goto done
  :: !ticket
  fi;
#endif
#ifdef BUG_looks_before_the_hint
  is_set = set;
  hint = true;
#else
  hint = true;                                        // [E2]
  is_set = set;                                       // [E3]
#endif
  if
  :: is_set -> reached; skip_backlog()
  :: !is_set -> send_for_workers()
  fi;
#ifdef BUG_relies_on_the_ticket
done:
#endif
  atomic {
    assert(!comes_after || claims > mine);
    added[mine] = true;
    back++
  }
}

proctype setter() {
  byte bound;
  bool hints;
#ifdef BUG_hints_before_the_word
  hints = hint;
  set = true;
#else
  set = true;                                         // [V2]
  hints = hint;                                       // [E1]
#endif
#ifdef BUG_lowers_the_hint
  hint = false;
#endif
  if
  :: hints -> skip_backlog()
  :: !hints -> reached
  fi;
  atomic {
    assert(!added[0] || claims > 0);
    assert(!added[1] || claims > 1);
    was_set = true;
    back++
  }
}

// Busy for as long as anybody is here, or not.
inline run_task() {
  d_step { running++; assert(running <= 1 && !beyond) }
  if
  :: all_back
  :: true
  fi;
  running--
}

active proctype worker() {
  byte bound;
  bool drains, beyond;
end:
  do
  :: atomic { ready != 0 -> ready-- }
    drains = set;
    if                                                // [L2]
    :: atomic { has_room || drains -> ticket = false; beyond = !has_room; assigned++ }
      if
      :: set -> reached; drain()
      :: else ->
        do
        :: atomic { queued -> claims++ }              // [Q13]
          if
          :: set -> reached
          :: else -> run_task()
          fi
        :: !queued -> break
        od
      fi;
      beyond = false;
      leave()
    :: atomic { !(has_room || drains) -> ticket = false }
      if
      :: queued -> send_for_workers()
      :: !queued
      fi
    fi
  od
}

init {
  if
  :: limit = 0
  :: limit = 1
  fi;
  atomic {
    run adder();
    run adder();
    run setter();
    run setter()
  }
}
