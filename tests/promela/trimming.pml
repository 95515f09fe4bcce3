// A living parent's list of children is shortened while two setters walk it; what is taken out serves another parent.
// Forbidden: a walker on a place that went to another parent; a walk that misses a living child.
//
// Abstracts trim, unlink_marked and release_limbo, walk and walk_guard (core/event/forest.*). The list is one living child
// at its front, which stays there, then one free place, then another living child. The trimmer takes the free one out;
// then it looks again, and what it took out goes to the pool if nobody walks. Another group, which nobody sets, then takes
// it as the place of a child.
//
// BUG_releases_at_once (assertion): what was taken out goes to the pool without a look for walkers [F9]
// BUG_looks_before_it_unlinks (assertion): the look for walkers [F9] comes before the place is taken out [F4]
// BUG_counts_the_walk_late (assertion): a walker counts itself [F8] after its first look
// BUG_cuts_the_links (assertion): a place that is taken out loses its link to the next one
#include "threads.h"

#define front 0
#define spare 1
#define last 2
#define other 3     // the front of the other parent's list
#define none 255

byte next_sibling[4] = none;
bool of_other[4];   // which parent a place hangs under
bool taken[4];
bool set[4];
byte walkers;
bool pooled;

proctype setter() {
  byte at;
  bool into;
#ifdef BUG_counts_the_walk_late
  at = front;
  if
  :: taken[at] -> set[at] = true
  fi;
  at = next_sibling[at];
  walkers++;
#else
  walkers++;                                // [F8]
  at = front;                               // [F1]
#endif
  do
  :: at != none ->
    into = taken[at];                       // [F5]
    if
    :: into -> set[at] = true; assert(!of_other[at])  // [V2]
    :: else
    fi;
    at = next_sibling[at]                   // [F3]
  :: at == none -> break
  od;
  walkers--;                                // [F11]
  assert(set[front] && set[last])
}

inline take_out() {
  next_sibling[front] = next_sibling[spare]  // [F4]
#ifdef BUG_cuts_the_links
  ;
  next_sibling[spare] = none
#endif
}

proctype trimmer() {
  bool nobody_walks;
#ifdef BUG_looks_before_it_unlinks
  nobody_walks = walkers == 0;
  take_out();
#else
  take_out();
#ifdef BUG_releases_at_once
  nobody_walks = true;
#else
  nobody_walks = walkers == 0;              // [F9], at a later trimming
#endif
#endif
  if
  :: nobody_walks -> pooled = true
  :: else -> reached
  fi
}

// A birth under the other parent.
proctype birth() {
  if
  :: pooled
  :: !pooled -> goto over
  fi;
  set[spare] = false;
  of_other[spare] = true;
  next_sibling[spare] = other;
  next_sibling[other] = none;
  taken[spare] = true;                      // [F6]
  assert(!set[spare]);
over:
  skip
}

init {
  atomic {
    taken[front] = true;
    taken[last] = true;
    taken[other] = true;
    of_other[other] = true;
    next_sibling[front] = spare;
    next_sibling[spare] = last;
    run setter();
    run setter();
    run trimmer();
    run birth()
  }
  _nr_pr == 1;
  assert(!set[other] && (!of_other[spare] || !set[spare]))
}
