// A callback is registered twice, one after the other, in one cell, while two threads set and re-arm the event
// and a third one is late with its callbacks. A registrant disarms the cell, or abandons it and waits for nobody.
// Forbidden: a callback that runs after disarm has returned, or in a cell that was emptied; two threads that wait for each
// other; a call that is lost, or made twice, or made for a set that came before the registration; a callback that ends without
// a call after a set that had returned; a cell that stays. A set that meets a claimed cell is counted there.
//
// Abstracts arm, disarm, abandon, begin_call, call, call_if_set and run_callbacks (core/group/callbacks.cpp), and
// set_event (core/flow/set.cpp), which runs callbacks when its setting is over, so that a reset may come in between. The
// callback may end its own registration. What an abandoned callback works on stands in the cell and lives as long.
//
// BUG_looks_before_it_is_armed (assertion): the registrant looks at the event, and then arms the cell [K9]
// BUG_looks_at_cells_first (assertion): the setter looks at the cell [K14] before it sets the word [V2]
// BUG_puts_back_and_goes (assertion): a cell that was claimed too early is armed again [K10] though a set has met it [K23]
// BUG_passes_by (assertion): a set that meets a claimed cell goes on [K23]
// BUG_takes_the_hint (assertion): a set lowers the hint that there are callbacks, and others find none
// BUG_leaves_what_is_due (assertion): disarm leaves a claimed cell to its caller though a set has met it [K7]
// BUG_calls_without_a_look (assertion): who claims a cell [K8] does not ask whether the event was set since
// BUG_does_not_wait (assertion): disarm does not wait for a call on another thread [K7]
// BUG_waits_for_itself (end state): disarm waits for a call on its own thread
// BUG_ends_without_looking (end state): the end of a call [K6] does not see who waits for it
// BUG_ignores_the_epoch (assertion): a callback is called only while the event is set
// BUG_begins_for_an_orphan (assertion): who has claimed a cell begins [K10] without looking whether the registrant has gone
// BUG_arms_an_orphan (assertion): who has claimed a cell too early arms it again [K10] without looking for that
// BUG_empties_what_is_claimed (end state): a registrant empties a cell that somebody is about to call [K18]
// BUG_forgets_an_orphan (end state): who finds that the registrant has gone does not empty the cell
#include "threads.h"

#define free_cell 0
#define claimed 1
#define armed 2
#define running 3
#define awaited 4
#define orphaned 5
#define spent 6

byte at = free_cell;
byte met;         // sets that have met the cell while it is claimed
byte cell_epoch;
byte runner;
bool set;
byte epoch;
byte setters;
bool hint;

// Of the present registration.
bool alive;       // its object exists
bool ending;      // somebody, one only, ends it
bool registered;  // arm has returned
bool may_call;    // the event was set since it began
bool must_call;   // the event was set when it returned, or since
byte calls;
byte number;      // which registration it is
bool was_told;    // a set that began when it was registered has returned
byte setters_done;

#ifdef BUG_ignores_the_epoch
#define was_set_since set
#else
#define was_set_since (set || epoch != cell_epoch)
#endif

inline set_free() {
  alive = false;
  at = free_cell                                                    // [K4]
}

// Where nobody calls, or is about to. A caller gives back what it finds orphaned.
#ifdef BUG_empties_what_is_claimed
#define nobody_calls (at == armed || at == spent || at == claimed)
#else
#define nobody_calls (at == armed || at == spent)
#endif

inline disarm() {
  do
  :: atomic { nobody_calls -> at = claimed; met = 0 }               // [K18]
    set_free();
    break
#ifndef BUG_empties_what_is_claimed
#ifdef BUG_leaves_what_is_due
  :: atomic { at == claimed -> at = orphaned } break
#else
  :: atomic { at == claimed && met == 0 -> at = orphaned } break    // [K18]
  :: atomic { at == claimed && met > 0 -> at = awaited }            // [K7]
#endif
#endif
#ifdef BUG_does_not_wait
  :: at == running -> break
#elif defined(BUG_waits_for_itself)
  :: atomic { at == running -> at = awaited }
#else
  :: atomic { at == running && runner == _pid -> at = orphaned } break
  :: atomic { at == running && runner != _pid -> at = awaited }     // [K7]
#endif
  :: atomic { at == awaited -> asleep = asleep | (1 << _pid) }      // as futex_wait
    is_awake(_pid)
  od;
  alive = false
}

inline abandon() {
  if
  :: atomic { nobody_calls -> at = claimed; met = 0 }               // [K18]
    set_free()
#ifdef BUG_empties_what_is_claimed
  :: atomic { at == running -> at = orphaned }
#else
  :: atomic { at == running || at == claimed -> at = orphaned }     // [K18]
#endif
  fi
}

inline give_back() {
#ifndef BUG_forgets_an_orphan
  set_free()
#else
  skip
#endif
}

inline call() {
  d_step { assert(alive && may_call && calls == 0); calls++ }
  if
  :: atomic { !ending -> ending = true }                            // the callback ends itself
    disarm()
  :: assert(alive)
  fi;
#ifdef BUG_ends_without_looking
  if
  :: at == running || at == awaited -> at = spent
  :: at == orphaned -> give_back()
  fi
#else
  if
  :: atomic { at == running -> at = spent }                         // [K6]
  :: at == orphaned -> give_back()                                  // [K19]
  :: at == awaited ->
    at = spent;
    futex_wake_all()
  fi
#endif
}

// Of a cell that this thread has claimed.
inline begin_call() {
  seen_sets = 0;
  do
  :: true ->
#ifdef BUG_calls_without_a_look
    is_due = true;
#else
    is_due = was_set_since;
#endif
    if
#ifdef BUG_begins_for_an_orphan
    :: is_due -> at = running;
      runner = _pid;
      call();
      break
#endif
#ifdef BUG_arms_an_orphan
    :: !is_due -> at = armed;
      break
#endif
#ifdef BUG_puts_back_and_goes
    :: atomic { at == claimed && !is_due -> at = armed } break
#endif
    :: atomic { at == claimed && met == seen_sets && !is_due -> at = armed } break  // [K10]
    :: atomic { at == claimed && met == seen_sets && is_due -> at = running; runner = _pid }  // [K10]
      call();
      break
    :: atomic { at == claimed && met != seen_sets -> seen_sets = met }  // [K23]
    :: at == orphaned ->
      give_back();
      break
    :: at == awaited ->
      if
      :: was_set_since -> runner = _pid;
        call()
      :: else -> at = spent;
        futex_wake_all()
      fi;
      break
    fi
  od
}

inline call_if_set() {
  if
  :: atomic { at == armed -> at = claimed; met = 0 }                // [K8]
    begin_call()
#ifndef BUG_passes_by
  :: atomic { at == claimed -> met++ }                              // [K23]
#endif
  :: else
  fi
}

active [2] proctype setter() {
  bool found, is_due, knows;
  byte seen_sets, whom;
  setters++;                                                        // [R1]
#ifdef BUG_looks_at_cells_first
  found = hint && at == armed;
#endif
  d_step {                                                          // [V2]
    set = true;
    may_call = true;
    must_call = must_call || registered;
    knows = registered;
    whom = number
  }
#ifndef BUG_looks_at_cells_first
  found = hint;                                                     // [E1]
#ifdef BUG_takes_the_hint
  if
  :: found -> hint = false
  :: else
  fi;
#endif
#endif
  setters--;                                                        // [R2]
  if
  :: found -> call_if_set()                                         // [K14]
  :: else
  fi;
  was_told = was_told || (knows && whom == number);
  if
  :: atomic { set && setters == 0 -> set = false; epoch++ }
  :: true
  fi;
  setters_done++
}

// Of an epoch that is over.
active proctype late_setter() {
  bool is_due;
  byte seen_sets;
  if
  :: call_if_set()
  :: true
  fi;
  setters_done++
}

active proctype registrant() {
  byte registrations;
  bool is_set, is_due, must;
  byte seen_sets;
  do
  :: registrations < 2 ->
    registrations++;
    // A cell that is not free yet would be left alone, and another one made.
    atomic { at == free_cell -> at = claimed; met = 0 }             // [K3]
    d_step {
      alive = true; calls = 0; ending = false; may_call = set; must_call = false;
      number = registrations; was_told = false
    }
    cell_epoch = epoch;
#ifdef BUG_looks_before_it_is_armed
    is_set = set;
    at = armed;
    hint = true;
#else
    at = armed;                                                     // [K9]
    hint = true;                                                    // [E2]
    is_set = set;                                                   // [E3]
#endif
    if
    :: is_set -> call_if_set()
    :: else
    fi;
    atomic { registered = true; must_call = set };
    if
    :: setters_done == 3 -> assert(calls == 1 || !must_call)
    :: true
    fi;
    d_step { registered = false; must = was_told };
    if
    :: atomic { !ending -> ending = true }
      disarm();
      assert(!alive);
      assert(calls == 1 || !must)
    :: atomic { !ending -> ending = true }
      abandon()
    :: ending -> !alive
    fi
  :: else -> break
  od;
  at == free_cell
}
