// Two births take places from their parent's stack of free ones, while groups end and give theirs back.
// Forbidden: one place for two births; a place that is lost.
//
// Abstracts pop_free and push_free (core/event/forest.cpp). Reading the top, reading what lies below it, and the exchange
// are steps of their own; the top carries a tag that changes with every exchange.
//
// BUG_no_tag (assertion): the exchange compares the top alone
// BUG_below_read_before_the_top (assertion): what lies below is read before the top that is compared [F18]
#include "threads.h"

#define places 3
#define empty 0     // places are 1, 2, 3

byte top = 1;
byte tag;
byte next_free[places + 1];
byte taken[places + 1];  // by which thread

#ifdef BUG_no_tag
#define unchanged (top == seen)
#else
#define unchanged (top == seen && tag == seen_tag)
#endif

inline pop_free() {
  do
  ::
#ifdef BUG_below_read_before_the_top
    seen = top;
    below = next_free[seen];
    d_step { seen = top; seen_tag = tag };
#else
    d_step { seen = top; seen_tag = tag };      // [F18]
    below = next_free[seen];
#endif
    if
    :: seen == empty -> break
    :: else
    fi;
    if
    :: atomic { unchanged -> top = below; tag++ } break   // [F20]
    :: !unchanged -> reached
    fi
  od;
  if
  :: seen != empty -> d_step { assert(taken[seen] == 0); taken[seen] = _pid }
  :: else
  fi
}

inline push_free(place) {
  taken[place] = 0;
  do
  :: d_step { seen = top; seen_tag = tag };
    next_free[place] = seen;
    if
    :: atomic { unchanged -> top = place; tag++ } break                 // [F19]
    :: !unchanged -> reached
    fi
  od
}

#define is_mine(place) (taken[place] == _pid)

// Each group may end before those that were born earlier.
proctype births_and_deaths(byte rounds) {
  byte seen, seen_tag, below;
  do
  :: rounds != 0 ->
    if
    :: pop_free()
    :: is_mine(1) -> push_free(1)
    :: is_mine(2) -> push_free(2)
    fi;
    rounds--
  :: else -> break
  od
}

init {
  byte count;
  atomic {
    next_free[1] = 2;
    next_free[2] = 3;
    run births_and_deaths(2);
    run births_and_deaths(4)
  }
  _nr_pr == 1;
  do
  :: top != empty -> assert(count < places && taken[top] == 0); count++; top = next_free[top]
  :: else -> break
  od;
  assert(count + (taken[1] != 0) + (taken[2] != 0) + (taken[3] != 0) == places)
}
