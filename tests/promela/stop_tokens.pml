// Two threads ask for stop tokens, one of them twice, while a third sets and re-arms the event; then the group ends.
// Forbidden: a token of an epoch that saw a set and that is never stopped; a token that is stopped without a set; a token
// of an epoch that was over when it was asked for; a cell that is emptied while somebody holds it, or twice, or never.
//
// Abstracts stop_token_of and end_stop_tokens (core/group/stop_tokens.cpp), claim_cell, arm, abandon and run_callbacks
// (core/group/callbacks.cpp; the states of one cell are in callback.pml), and set_event (core/flow/set.cpp), which runs
// callbacks when its setting is over. A token is the number of its source. A cell that is entered while somebody builds
// another bridge in it takes more threads than there are here.
//
// BUG_replaces_what_is_later (assertion): who found an old bridge discards whatever is published by then [K21]
// BUG_enters_what_is_closed (assertion): who asks enters a bridge that is closed [K11]
// BUG_closes_and_empties (assertion): who closes a bridge [K13] empties its cell, whoever holds it
// BUG_forgets_to_stop (assertion): who empties a cell does not ask whether the event was set since
// BUG_returns_an_old_one (assertion): the token of whatever is published is good enough
// BUG_does_not_close (assertion): a bridge that was replaced is not closed
// BUG_does_not_look_when_armed (assertion): who builds a bridge does not look at the event once it is armed [K9]
#include "threads.h"

#define cells 3
#define sources 5
#define nobody 99

// claimed by a registrant, or armed; called, also when somebody has only claimed it for that
#define free_cell 0
#define claimed 1
#define armed 2
#define called 3
#define orphaned 4
#define spent 5

byte at[cells];
byte cell_epoch[cells];
byte source_of[cells];  // 0: empty
byte holders[cells];
bool open[cells];
byte bridge = nobody;   // the cell that is published
bool set;
byte epoch;

byte built;             // sources, from 1 on
byte epoch_of_source[sources];
bool given[sources];    // to who asked
bool stopped[sources];
byte askers_done;
bool setter_is_done;

#define was_set_since(then) (set || epoch != (then))

inline request_stop(which) {
  d_step { assert(which != 0 && was_set_since(epoch_of_source[which])); stopped[which] = true }
}

inline set_free(c) {
  d_step {
    assert(holders[c] == 0 && !open[c] && source_of[c] != 0);
    source_of[c] = 0;
    at[c] = free_cell                                                      // [K4]
  }
}

// run_callbacks and arm, of one cell.
inline call_if_armed(c) {
  if
  :: atomic { at[c] == armed && was_set_since(cell_epoch[c]) -> at[c] = called }  // [K8] [K10]
    request_stop(source_of[c]);
    if
    :: atomic { at[c] == called -> at[c] = spent }                         // [K6]
    :: at[c] == orphaned -> reached; set_free(c)                           // [K19]
    fi
  :: else
  fi
}

inline run_callbacks() {
  do
  :: each < cells -> call_if_armed(each); each++                           // [K14]
  :: else -> each = 0; break
  od
}

inline give_back(c) {
  atomic {
    given_back = source_of[c];
    its_epoch = cell_epoch[c];
    assert(given_back != 0);
    if                                                                     // [K18]
    :: at[c] == armed || at[c] == spent -> set_free(c)
    :: at[c] == called -> at[c] = orphaned
    fi
  }
#ifndef BUG_forgets_to_stop
  if
  :: atomic { was_set_since(its_epoch) -> its_epoch = 0 }
    request_stop(given_back)
  :: else -> its_epoch = 0
  fi;
#endif
  given_back = 0
}

inline leave(c) {
  if
  :: atomic { holders[c] == 1 && !open[c] -> holders[c] = 0 }              // [K16]
#ifndef BUG_closes_and_empties
    give_back(c)
#endif
  :: atomic { holders[c] != 1 || open[c] -> holders[c]-- }                 // [K17]
  fi
}

inline close(c) {
#ifdef BUG_does_not_close
  skip
#else
  open[c] = false                                                          // [K13]
#endif
#ifdef BUG_closes_and_empties
  ;give_back(c)
#endif
}

inline hold() {
  do
  :: atomic { bridge == nobody -> found = nobody } break
  :: atomic { bridge != nobody -> found = bridge }                         // [K20]
    if
#ifdef BUG_enters_what_is_closed
    :: holders[found]++;
#else
    :: !open[found]
    :: atomic { open[found] -> holders[found]++ }                          // [K11]
#endif
      if
      :: bridge == found -> break                                          // [K20]
      :: bridge != found -> reached; leave(found)
      fi
    fi
  od
}

// The core would make a fourth cell instead of waiting for one.
inline build() {
  if                                                                       // [K3]
  :: atomic { at[0] == free_cell -> at[0] = claimed; fresh = 0 }
  :: atomic { at[0] != free_cell && at[1] == free_cell -> at[1] = claimed; fresh = 1 }
  :: atomic { at[0] != free_cell && at[1] != free_cell && at[2] == free_cell -> at[2] = claimed; fresh = 2 }
  fi;
  d_step {
    built++;
    assert(built < sources && source_of[fresh] == 0);
    source_of[fresh] = built;
    cell_epoch[fresh] = epoch;
    epoch_of_source[built] = epoch
  }
  at[fresh] = armed;                                                       // [K9]
#ifndef BUG_does_not_look_when_armed
  if
  :: set -> call_if_armed(fresh)
  :: !set
  fi;
#endif
  atomic { holders[fresh] = 1; open[fresh] = true }                        // [K12]
}

inline take_token(c) {
  d_step {
    assert(source_of[c] != 0 && epoch_of_source[source_of[c]] >= asked_in);
    given[source_of[c]] = true
  }
}

inline put_in_place() {
#ifdef BUG_replaces_what_is_later
  if
  :: atomic { true -> expected = bridge; bridge = fresh }
#else
  if
  :: atomic { bridge == found -> expected = bridge; bridge = fresh }       // [K21]
#endif
    if
    :: expected != nobody -> close(expected)
    :: else
    fi;
    take_token(fresh);
    has_one = true
#ifndef BUG_replaces_what_is_later
  :: bridge != found -> close(fresh)
#endif
  fi;
  leave(fresh);
  d_step { fresh = nobody; expected = nobody }
}

inline stop_token() {
  asked_in = epoch;
  has_one = false;
  do
  :: !has_one ->
    hold();
    if
#ifdef BUG_returns_an_old_one
    :: found != nobody -> take_token(found); has_one = true
    :: found == nobody -> build(); put_in_place()
#else
    :: found != nobody && cell_epoch[found] == epoch -> take_token(found); has_one = true
    :: found == nobody || cell_epoch[found] != epoch -> build(); put_in_place()
#endif
    fi;
    if
    :: found != nobody -> leave(found)
    :: else
    fi;
    found = nobody
  :: has_one -> break
  od
}

proctype asker(byte times) {
  byte found = nobody, fresh = nobody, expected = nobody;
  byte given_back, its_epoch, asked_in;
  bool has_one;
  do
  :: times != 0 -> times--; stop_token()
  :: times == 0 -> break
  od;
  atomic { asked_in = 0; has_one = false; askers_done++ }
}

// The reset may come before the callbacks: then they are late.
proctype setter() {
  byte each;
  set = true;                                                              // [V2]
  if
  :: atomic { true -> set = false; epoch++ }
    run_callbacks()
  :: run_callbacks();
    atomic { set = false; epoch++ }
  fi;
  set = true;                                                              // [V2]
  run_callbacks();
  setter_is_done = true
}

bool must[sources];

// The group ends, when everybody has asked; the setter may still be on the way.
init {
  byte found = nobody, each;
  byte given_back, its_epoch;
  bool all_is_stopped;
  atomic {
    run asker(2);
    run asker(1);
    run setter()
  }
  if
  :: askers_done == 2
  :: askers_done == 2 && setter_is_done -> all_is_stopped = true
  fi;
  d_step {
    for (each : 1 .. sources - 1) {
      must[each] = given[each] && was_set_since(epoch_of_source[each]);
      assert(stopped[each] || !must[each] || !all_is_stopped)
    }
    each = 0
  }
  hold();
  bridge = nobody;
  close(found);
  leave(found);
  found = nobody;
  setter_is_done;
  d_step {
    for (each : 1 .. sources - 1) { assert(stopped[each] || !must[each]) }
    for (each : 0 .. cells - 1) { assert(at[each] == free_cell) }
  }
}
