// Two threads arm deadlines, the later one perhaps first, while the housekeeper goes to sleep until the next.
// Forbidden: a deadline that is slept over; a call that the housekeeper does not hear.
//
// Abstracts timer::arm, take_in, announce_next and collect (core/deadline/timer.*) and housekeeper::call and run
// (core/arena/housekeeper.cpp). The inbox, which is moodycamel's queue, is the set of what is in it. Time goes on
// whenever it likes. Whose event is set is in deadline.pml.
//
// BUG_looks_before_it_gives (end state): who arms looks what the timer waits for [T1], and then gives its entry
// BUG_takes_in_before_it_tells (end state): the timer says what it waits for [T2] after its last look at the inbox
// BUG_calls_without_a_count (end state): a call wakes and counts nothing [H1]
// BUG_looks_before_the_count (end state): a call looks whether the housekeeper sleeps [H4], and then counts [H1]
#include "threads.h"

#define for_ever 9

byte now;
bool inbox[3];      // by when they are due: 1 and 2
bool heap[3];       // the housekeeper's
bool fired[3];
byte next = for_ever;
byte calls;
bool marked_asleep;
byte until;         // the housekeeper sleeps until then
bool armed[3];

inline call() {
#ifdef BUG_calls_without_a_count
  sleeps = marked_asleep;
#elif defined(BUG_looks_before_the_count)
  sleeps = marked_asleep;
  calls++;
#else
  calls++;                                  // [H1]
  sleeps = marked_asleep;                   // [H4]
#endif
  if
  :: sleeps -> futex_wake_all()
  :: else -> reached
  fi
}

proctype armer(byte due) {
  bool wanted, sleeps;
#ifdef BUG_looks_before_it_gives
  wanted = due < next;
  inbox[due] = true;
#else
  inbox[due] = true;
  wanted = due < next;                      // [T1]
#endif
  if
  :: wanted -> call()
  :: else -> reached
  fi;
  armed[due] = true
}

inline take_in() {
  d_step { heap[1] = heap[1] || inbox[1]; inbox[1] = false };
  d_step { heap[2] = heap[2] || inbox[2]; inbox[2] = false }
}

inline fire(due) {
  if
  :: heap[due] && due <= now -> heap[due] = false;
    fired[due] = true
  :: else
  fi
}

inline tell_what_is_next() {
  next = (heap[1] -> 1 : (heap[2] -> 2 : for_ever))  // [T2]
}

active proctype housekeeper() {
  byte seen;
  bool more, same;
end:
  do
  :: seen = calls;                          // [H2]
    do                                      // collect
    :: take_in();
      fire(1);
      fire(2);
#ifdef BUG_takes_in_before_it_tells
      more = inbox[1] || inbox[2];
      tell_what_is_next();
#else
      tell_what_is_next();
      more = inbox[1] || inbox[2];
#endif
      if
      :: !more -> break
      :: else -> reached
      fi
    od;
    until = next;
    marked_asleep = true;                   // [H5]
    same = calls == seen;                   // [H3]
    if
    :: same ->
      fall_asleep(calls, seen, 0);
end_asleep:
      is_awake(0) || now >= until;
      asleep = 0
    :: else -> reached
    fi;
    marked_asleep = false
  od
}

// The housekeeper does not sleep on when something is armed that is due.
#define slept_over(due) (armed[due] && !fired[due] && due <= now)

active proctype time() {
  do
  :: now < 2 ->
    d_step {
      assert(!(asleep && now < until && (slept_over(1) || slept_over(2))));
      now++
    }
  :: else -> break
  od
}

init {
  atomic {
    run armer(1);
    run armer(2)
  }
  fired[1] && fired[2]
}
