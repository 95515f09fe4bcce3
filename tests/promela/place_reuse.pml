// A place serves one group after the other, under the same parent or, by way of the pool, under another one, while a
// setter walks slowly.
// Forbidden: an old event that reaches a new tenant; a new tenant that misses a current one.
//
// Abstracts forest::take, activate, drop, set_free, pop_free, release_children and walk (core/event/forest.*), set_word
// with its exchange (core/event/propagate.cpp), and event_word::to_fresh. Under the top, whose event is set, hang a middle
// group and its child. Both end; then the middle's place is taken again under the top, and the child's under whom it hangs
// by then: the new middle, or another parent, which nobody sets. A root's place that its thread keeps (take_kept) goes the
// same way, but for the list of free places.
//
// BUG_counts_the_walk_late (assertion): a walker counts itself [F8] after its first look
// BUG_looks_for_walkers_first (assertion): who releases places looks for walkers [F10], and then frees the parent [F17]
// BUG_releases_beside_walkers (assertion): places go back to the pool whether somebody walks or not
// BUG_word_made_fresh_last (assertion): a new tenant's word is made fresh after its look at the parent [E4]
// BUG_takes_over_nothing (assertion): a birth does not look at its parent [E4]
#include "threads.h"

#define top 0
#define middle 1
#define child 2
#define other 3
#define none 255

// {epoch, set}
#define is_set(bits) (((bits) & 1) != 0)
#define to_fresh(bits) ((((bits) >> 1) + 1) << 1)

byte word[4];
bool taken[4];
byte parent_of[4];        // in whose list the place stands
bool pooled;              // the child's place is in the pool
byte walkers;
bool top_is_set;          // set_event has returned
bool stale;               // an exchange failed by an old word

inline set_word() {
  do
  :: seen = word[at];                                 // [F7]
    if
    :: is_set(seen) -> break
    :: else ->
      if
      :: atomic { word[at] == seen -> word[at] = seen | 1 } break  // [V2]
      :: word[at] != seen -> stale = true; reached
      fi
    fi
  od
}

proctype setter() {
  byte seen, at, parent;
  bool into;
#ifndef BUG_counts_the_walk_late
  walkers++;                                          // [F8]
#endif
  word[top] = word[top] | 1;                          // [V2]
  // What hangs under the top, then what hangs under the middle.
  at = top;
  do
  :: at == top -> at = middle                         // [F1]
  :: at == middle ->
    into = taken[middle];                             // [F5]
#ifdef BUG_counts_the_walk_late
    walkers++;
#endif
    if
    :: into -> set_word()
    :: else
    fi;
    if
    :: into && parent_of[child] == middle -> at = child  // [F1]
    :: else -> break
    fi
  :: at == child ->
    into = taken[child];                              // [F5]
    if
    :: into -> set_word()
    :: else
    fi;
    break
  od;
  walkers--;                                          // [F11]
  top_is_set = true
}

inline birth(place, parent) {
#ifndef BUG_word_made_fresh_last
  word[place] = to_fresh(word[place]);
#endif
  parent_of[place] = parent;                          // [F2], or it has stood there
  taken[place] = true;                                // [F6]
#ifndef BUG_takes_over_nothing
  if                                                  // [E4]
  :: is_set(word[parent]) -> word[place] = word[place] | 1
  :: else
  fi
#endif
#ifdef BUG_word_made_fresh_last
  ;
  word[place] = to_fresh(word[place])
#endif
}

inline release_children(place) {
#ifdef BUG_looks_for_walkers_first
  taken[place] = false;
  if
  :: nobody_walks -> parent_of[child] = none; pooled = true
  :: else
  fi
#else
  taken[place] = false;                               // [F17]
  if
#ifdef BUG_releases_beside_walkers
  :: true -> parent_of[child] = none; pooled = true
#else
  :: walkers == 0 -> parent_of[child] = none; pooled = true  // [F10]
  :: else -> reached
#endif
  fi
#endif
}

proctype groups() {
  bool nobody_walks;
  // The child ends, then the middle.
  taken[child] = false;
  nobody_walks = walkers == 0;
  release_children(middle);
  if
  :: pooled ->
    birth(child, other);
    assert(!is_set(word[child]));
    birth(middle, top)
  :: !pooled ->
    birth(middle, top);
    birth(child, middle)
  fi
}

init {
  atomic {
    taken[top] = true;
    taken[middle] = true;
    taken[child] = true;
    taken[other] = true;
    parent_of[middle] = top;
    parent_of[child] = middle;
    run setter();
    run groups()
  }
  _nr_pr == 1;
  assert(!is_set(word[other]));
  assert(is_set(word[middle]));
  assert(is_set(word[child]) == is_set(word[parent_of[child]]));
  if
  :: pooled -> reached
  :: !pooled && stale -> reached
  :: else
  fi
}
