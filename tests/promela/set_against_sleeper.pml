// Two threads sleep on an event that two others set, and that is re-armed in between.
// Forbidden: a sleeper that stays asleep though its event was set.
//
// Abstracts sleep (core/flow/wait.cpp), raise, look and wake_sleepers (core/event/propagate.cpp), and set_event with
// its wake pass (core/flow/set.cpp). The reset is one step here, refused while anybody sets (reset.pml has its parts).
//
// BUG_reads_the_number_late (end state): the sleeper reads sleep_seq [E7] after its look at the word [E3]
// BUG_looks_before_the_hint (end state): the sleeper looks at the word [E3] before its hint is up [E2]
// BUG_hints_before_the_word (end state): the setter looks for hints [E1] before it sets the word [V2]
// BUG_moves_no_number (end state): the setter wakes and does not raise sleep_seq [E6]
// BUG_lowers_after_a_reset (end state): the hint is lowered [E5] when the setting is over
// BUG_ignores_the_epoch (end state): the sleeper asks whether the event is set, and not whether it was
#include "threads.h"

#define nobody 255

bool set;
byte epoch;
bool hint;  // attention: sleepers
byte sleep_seq;
byte setters;
byte entered[2] = nobody;  // for the last setter: the epoch that a sleeper waits in
byte ended;

inline set_event() {
  setters++;                              // [R1]
#ifdef BUG_hints_before_the_word
  found = hint;
  set = true;
#else
  set = true;                             // [V2]
  found = hint;                           // [E1]
#endif
  if
  :: found ->
#ifdef BUG_lowers_after_a_reset
    hints = true;
#else
    d_step { hints = hint; hint = false } // [E5]
#endif
    if
    :: hints ->
#ifndef BUG_moves_no_number
      sleep_seq++;                        // [E6]
#endif
      futex_wake_all()
    :: else -> reached                    // another setter's
    fi
  :: else
  fi;
  setters--                               // [R2]
#ifdef BUG_lowers_after_a_reset
  ;
  if
  :: found -> hint = false
  :: else
  fi
#endif
}

// The first epoch is set in any case; the last setter sets for those who came to sleep in a later one.
proctype setter(bool is_last) {
  bool found, hints;
  if
  :: is_last ->
    ended == 2;
    if
    :: !set && epoch != 0 && (entered[0] == epoch || entered[1] == epoch) -> skip
    :: else -> goto over
    fi
  :: else
  fi;
  set_event();
  if
  :: atomic { !is_last && setters == 0 && set -> set = false; epoch++ }
  :: true
  fi;
over:
  ended++
}

proctype sleeper(byte me) {
  byte seq, entry;
  bool waited;
  if
  :: atomic { set || ended >= 2 -> goto over }
  :: atomic { !set && ended < 2 -> entry = epoch; entered[me] = entry }
  fi;
  do
  ::
#ifndef BUG_reads_the_number_late
    seq = sleep_seq;                      // [E7]
#endif
#ifndef BUG_looks_before_the_hint
    if                                    // [E2]
    :: hint -> reached                    // another sleeper's
    :: else -> hint = true
    fi;
#endif
    if                                    // [E3]
    :: set -> break
#ifndef BUG_ignores_the_epoch
    :: epoch != entry -> break
#endif
    :: else
    fi;
#ifdef BUG_looks_before_the_hint
    hint = true;
#endif
#ifdef BUG_reads_the_number_late
    seq = sleep_seq;
#endif
    futex_wait(sleep_seq, seq, me);
    waited = true
  od;
  if
  :: waited && epoch != entry && !set -> reached  // re-armed before this thread came to look
  :: !waited && entry == 1 -> reached
  :: else
  fi;
over:
  entered[me] = nobody
}

init {
  atomic { run setter(false); run setter(false); run setter(true); run sleeper(0); run sleeper(1) }
}
