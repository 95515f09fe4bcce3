// The timer sets the event of a group that is born, ends, and whose place the next group takes.
// Forbidden: a timer that touches a group that has gone, or sets the next tenant; a deadline that passes unheard.
//
// Abstracts make_group with arm_deadline and set_if_overdue, end_group (core/flow/birth_and_end.cpp), engine::tick
// (core/group/engine.cpp), and forest::take, activate, end, try_hold and drop (core/event/forest.cpp). The first group has
// a deadline, which may pass at any time; the entry names its tenancy before it has begun.
//
// BUG_holds_whoever_is_there (assertion): the timer does not look at the tenancy [F14]
// BUG_looks_before_it_holds (assertion): the timer looks at the tenancy [F14], and then counts its reference [F15]
// BUG_holds_the_free (assertion): a reference is counted [F15] on a place that has none
// BUG_birth_does_not_look (assertion): a birth does not ask whether its deadline has passed meanwhile
// BUG_drops_without_counting (assertion): the end of the group frees the place though the timer holds it
#include "threads.h"

mtype = { unused, living, zombie };

mtype life = unused;
byte tenancy;
byte refs;
bool set;
bool armed, passed;    // the deadline
bool on_free_stack = true;
bool born, over;       // the first group
bool timer_is_done;

// The last reference frees the place, once.
inline drop() {
  d_step {                                  // [F16]
    assert(refs != 0);
    refs--;
    last = refs == 0
  }
#ifdef BUG_drops_without_counting
  last = true;
#endif
  if
  :: last ->
    life = unused;                          // [F17]
    d_step { assert(!on_free_stack); on_free_stack = true }  // [F19]
  :: else
  fi
}

inline take() {
  atomic { on_free_stack -> on_free_stack = false }  // [F20]
  assert(refs == 0);
  set = false;
  refs = 1                                  // [F23]
}

inline activate() {
  d_step { tenancy++; life = living }       // [F6]
}

active proctype groups() {
  bool last;
  take();
  armed = true;
  activate();
#ifndef BUG_birth_does_not_look
  if
  :: passed -> reached; set = true          // set_if_overdue
  :: !passed
  fi;
#endif
  d_step { born = true; assert(set || !timer_is_done) }
  if
  :: set -> reached
  :: true
  fi;
  over = true;
  life = zombie;                            // [F13]
  drop();
  // The next tenant has no deadline.
  take();
  activate();
  assert(!set && life == living && refs != 0);
  life = zombie;
  drop();
  assert(tenancy == 2)
}

active proctype time() {
  passed = true
}

inline look_at_the_tenant() {
#ifdef BUG_holds_whoever_is_there
  same = life == living || life == zombie
#else
  same = (life == living || life == zombie) && tenancy == 1
#endif
}

active proctype timer() {
  byte seen;
  bool same, last;
  armed && passed;
  // try_hold
#ifdef BUG_looks_before_it_holds
  look_at_the_tenant();
  if
  :: same
  :: else -> goto done
  fi;
#endif
  do
  :: seen = refs;
    if
#ifndef BUG_holds_the_free
    :: seen == 0 -> reached; goto done
#endif
    :: else
    fi;
    if
    :: atomic { refs == seen -> refs = seen + 1 } break  // [F15]
    :: refs != seen -> reached
    fi
  od;
#ifndef BUG_looks_before_it_holds
  look_at_the_tenant();                     // [F14]
#endif
  if
  :: same ->
    d_step { assert(tenancy == 1 && life != unused); set = true };
    if
    :: over -> reached
    :: else
    fi
  :: else -> reached
  fi;
  drop();
done:
  atomic { timer_is_done = true; assert(set || !born || over) }
}
