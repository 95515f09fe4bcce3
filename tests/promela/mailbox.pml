// A thread outside of the arena leaves the tickets of two groups in its mailbox, one after the other, while two runners
// park, are called and get busy.
// Forbidden: a ticket in a mailbox that nobody looks at; a mailbox that was put away with a ticket in it.
//
// Abstracts crew::offer, somebody_will_look, take_ready, take_from_mailbox, announce_all and park
// (core/arena/crew.cpp, runner.cpp) and put, take, take_back, raise and put_away (core/arena/mailbox.h). A third
// group is announced. Either its task waits for the two others, or the first one waits for the second: who runs it
// does not come back before. Runners neither block nor leave.
//
// BUG_offers_and_goes (end state): the owner does not look at the load [B6] after its put [B1]
// BUG_looks_before_it_parks (end state): a runner looks into the mailboxes [B2], and then parks [B8]
// BUG_gets_busy_and_forgets (end state): the last one that is awake takes an entry [C4] and leaves the mailboxes alone
// BUG_takes_a_ticket_and_forgets (end state): the same of one that takes a ticket from a mailbox
// BUG_takes_a_ticket_and_calls_nobody (end state): it does not look whether an entry has relied on it meanwhile
// BUG_bit_before_the_ticket (end state): the owner raises its bit [B10], and then puts the ticket [B1]
// BUG_puts_away_blindly (end state): who clears the bit [B11] does not look at the ticket once more
#include "threads.h"

#define first_ticket 1
#define second_ticket 2
#define patient 3
#define nothing 0

byte ready, idle = 2, parked;
#define awake (idle - parked)
byte permits;
chan ready_queue = [3] of { byte };
byte content = nothing;  // of the mailbox
bool in_use;             // its bit on the shelf
bool served[4];
bool patient_waits;

// A part of one change: whom an entry needs beyond those that somebody is coming for.
inline call_for() {
  if
  :: awake < ready && parked != 0 -> parked--; calls = true
  :: else -> calls = false
  fi
}

inline carry_out() {
  if
  :: calls ->
    permits++;                                                  // [C5]
    futex_wake_one()
  :: else
  fi
}

inline announce(group) {
  ready_queue!group;
  atomic { ready++; call_for() }                                // [C3]
  carry_out()
}

inline announce_all() {
  if
  :: in_use ->                                                  // [B5]
    d_step { left = content; content = nothing }                // [B2] [B3]
    if
    :: left != nothing -> announce(left)
    :: else
    fi
  :: else
  fi
}

inline put(group) {
#ifdef BUG_bit_before_the_ticket
  in_use = true;
#endif
  d_step { left = content; content = group }                    // [B1]
#ifndef BUG_bit_before_the_ticket
  in_use = true                                                 // [B10]
#else
  skip
#endif
}

inline offer(group) {
  if
  :: awake == 0 -> announce(group)
  :: awake != 0 ->
    put(group);
    if
    :: left != nothing -> announce(left)                        // the second drives out the first
    :: else
    fi;
#ifndef BUG_offers_and_goes
    if
    :: awake != 0                                               // [B6]
    :: awake == 0 ->
      if
      :: atomic { content == group -> content = nothing }       // take_back
        announce(group)
      :: content != group -> reached
      fi
    fi
#endif
  fi
}

// True in `away`: the mailbox is empty, and will not be looked into before it is used again.
inline put_away() {
  if
  :: !in_use -> away = true                                     // [B5]
  :: in_use && content != nothing -> away = false               // [B2]
  :: in_use && content == nothing ->
    in_use = false;                                             // [B11]
#ifdef BUG_puts_away_blindly
    away = true
#else
    away = content == nothing;
    if
    :: away
    :: else -> reached; in_use = true
    fi
#endif
  fi
}

proctype runner(byte me) {
  byte entry, left;
  bool away, calls;
idle_again:
  do
  :: atomic { ready != 0 -> ready--; idle-- }                   // [C4]
#ifndef BUG_gets_busy_and_forgets
    if
    :: awake == 0 -> announce_all()
    :: awake != 0
    fi;
#endif
    ready_queue?entry;
    break
  :: atomic { in_use && content != nothing -> entry = content; content = nothing }  // take_if_old
#ifdef BUG_takes_a_ticket_and_calls_nobody
    idle--;
#else
    atomic { idle--; call_for() }                               // as [C4]
    carry_out();
#endif
#ifndef BUG_takes_a_ticket_and_forgets
    if
    :: awake == 0 -> announce_all()
    :: awake != 0
    fi;
#endif
    break
  :: ready == 0 ->
#ifdef BUG_looks_before_it_parks
    put_away();
    if
    :: !away -> goto idle_again
    :: away
    fi;
#endif
    if
    :: atomic { ready == 0 -> parked++ }                        // [B8]
    :: ready != 0 -> goto idle_again
    fi;
#ifndef BUG_looks_before_it_parks
    put_away();
    if
    :: atomic { !away && parked != 0 -> parked--; goto idle_again }
    :: away
    :: atomic { !away && parked == 0 -> skip } reached          // a permit is on the way here
    fi;
#endif
    do
    :: atomic { permits != 0 -> permits--; break }              // [C6]
    :: permits == 0 -> fall_asleep(permits, 0, me);
end_asleep:
      is_awake(me)
    od
  od;
serve:
  if
  :: entry == patient && patient_waits -> served[first_ticket] && served[second_ticket]
  :: entry == first_ticket && !patient_waits -> served[second_ticket]
  :: else
  fi;
  served[entry] = true;
  if
  :: atomic { ready != 0 -> ready-- }                           // after_work, [B7]
    ready_queue?entry;
    goto serve
  :: atomic { ready == 0 -> idle++ }
    goto idle_again
  fi
}

proctype owner() {
  byte left;
  bool calls;
  offer(first_ticket);
  offer(second_ticket)
}

proctype adder() {
  bool calls;
  announce(patient)
}

init {
  atomic {
    if
    :: patient_waits = true
    :: patient_waits = false
    fi;
    run runner(0);
    run runner(1);
    run owner();
    run adder()
  }
  served[first_ticket] && served[second_ticket] && served[patient];
}
