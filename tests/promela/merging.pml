// Of a line of places, three have ended one below the other: two of them are merged away, while the set of a living ancestor
// walks by, a child ends, and a timer holds the lowest one for a moment; the place of who went first serves another parent.
// Forbidden: a walker on a place that went to another parent; a set that misses a living descendant; a reference that is
// given back twice, or to the wrong place.
//
// Abstracts give_up, dismiss, walk and walk_guard (core/event/forest.*), and compact, merge_only_child and adopt_children
// (core/event/compaction.cpp). Whoever gives a reference back looks for lines. What is retired waits for those who walk
// at that moment; raising the age, which finds out when they have gone, is not modelled.
//
// BUG_works_beside_another (assertion): two lists of children are changed without the right to them [F21]
// BUG_holds_one_child (assertion): only the first of the children is held, the others are counted
// BUG_ignores_who_holds (assertion): the lower one goes though somebody else holds it [F16]
// BUG_forgets_its_children (assertion): what is merged away does not keep its links
// BUG_releases_at_once (assertion): what is merged away goes to the pool without a look for walkers [F9]
#include "threads.h"

#define top 0        // lives, and is set
#define above 1      // has ended
#define upper 2      // has ended
#define lower 3      // has ended
#define stays 4      // lives
#define child 5      // ends
#define gap 6        // between the two, and free
#define sibling 7    // of the lower one, in front of it, and free
#define elsewhere 8  // the other parent
#define places 9
#define none 255

mtype = { free, zombie, living };

mtype state[places];
byte first[places] = none, next[places] = none, parent[places];
byte refs[places];
bool listing[places];  // who has the right to change its list
bool set[places], of_other[places];
byte walking;          // a bit for each who walks
byte awaited;          // of them those whom what is retired waits for
byte followed = none;  // the first that went: what becomes of others is not looked at
bool retired, pooled;

// The last one up that is not free.
inline give_up(at) {
  do
  :: atomic { assert(refs[at] != 0); refs[at]--; ended = refs[at] == 0 }  // [F16]
    if
    :: ended ->
      ended = false;
      up = parent[at];
      state[at] = free;                     // [F17]
      at = up;
      up = 0
    :: else -> break
    fi
  od
}

inline give_back() { d_step { state[followed] = free; pooled = true } }

inline leave_walk() {
  atomic {
    walking = walking & ~me;                // [F11]
    awaited = awaited & ~me;
    if
    :: retired && awaited == 0 -> retired = false; give_back()
    :: else
    fi
  }
}

inline dismiss() {
  if
  :: atomic { gone != none && followed == none -> followed = gone }
#ifdef BUG_releases_at_once
    give_back()
#else
    if
    :: walking == 0 -> give_back()          // [F9]
    :: else ->
      atomic {
        if
        :: walking != 0 -> retired = true; awaited = walking  // [F24]
        :: else -> give_back()
        fi
      }
    fi
#endif
  :: else
  fi;
  gone = none
}

inline hold_next(from) {
  do
  :: from == none -> break
  :: atomic { from != none && refs[from] != 0 -> refs[from]++ } break  // [F15]
  :: from != none && refs[from] == 0 -> from = next[from]
  od
}

#ifdef BUG_holds_one_child
inline count_next(from) {
  do
  :: from != none && refs[from] == 0 -> from = next[from]
  :: else -> break
  od
}
#endif

// The children come to the upper one, in the place of the lower one. All that is in its list behind the lower one is free.
inline adopt(under, low) {
  refs[under] = refs[under] + kids - 1;
  last = first[low];
  do
  :: next[last] != none -> last = next[last]
  :: else -> break
  od;
  next[last] = next[low];
  last = first[under];
  if
  :: last == low -> first[under] = first[low]  // [F4]
  :: else -> next[last] = first[low]
  fi;
  last = first[low];
  do
  :: last != next[low] -> parent[last] = under; last = next[last]  // [F32]
  :: else -> break
  od;
#ifdef BUG_forgets_its_children
  first[low] = none;
#endif
  last = none
}

inline merge_only_child(under) {
  merged = false;
  low = first[under];
  do
  :: low != none && state[low] == free -> low = next[low]
  :: else -> break
  od;
  if
  :: low != none && state[low] == zombie ->
    atomic { one = !listing[under]; listing[under] = true }  // [F21]
    atomic { two = !listing[low]; listing[low] = true }
#ifdef BUG_works_beside_another
    one = true;
    two = true;
#endif
    held = none;
    if
    :: one && two -> held = first[low]; hold_next(held)
    :: else -> reached
    fi;
    if
    :: held != none ->
      kids = 1;
      merged = parent[held] == low;
      merged = merged && parent[low] == under;
      merged = merged && state[low] == zombie && state[under] == zombie;
      merged = merged && refs[under] == 1;
      if
      :: merged ->
        last = next[held];
        do
#ifdef BUG_holds_one_child
        :: last != none -> count_next(last);
#else
        :: last != none -> hold_next(last);
#endif
          if
          :: last != none -> kids++; last = next[last]
          :: else
          fi
        :: last == none -> break
        od;
#ifdef BUG_ignores_who_holds
        refs[low] = 0;
#else
        atomic { merged = refs[low] == kids; refs[low] = (merged -> 0 : refs[low]) }  // [F16]
#endif
        if
        :: merged -> reached; adopt(under, low); gone = low
        :: else -> reached
        fi
      :: else -> reached
      fi
    :: held == none
    fi;
    if
    :: two -> listing[low] = false          // [F22]
    :: else
    fi;
    if
    :: one -> listing[under] = false
    :: else
    fi;
#ifdef BUG_holds_one_child
    kids = (held == none -> 0 : 1);
#endif
    do
    :: kids != 0 && refs[held] != 0 ->
      kids--;
      last = held;
      held = next[held];
      give_up(last)
    :: kids != 0 && refs[held] == 0 -> held = next[held]
    :: kids == 0 -> break
    od;
    atomic { one = false; two = false; held = none; last = none }
  :: else
  fi;
  atomic { low = none; last = none }
}

inline compact(from) {
  walking = walking | me;                   // [F8]
  do
  :: state[from] == zombie ->
    do
    :: refs[from] == 1 ->
      merge_only_child(from);
      if
      :: merged
      :: !merged -> break
      fi
    :: else -> break
    od;
    from = parent[from]
  :: else -> break
  od;
  leave_walk();
  dismiss()
}

// Gives a reference back, and looks for lines.
proctype releaser(byte me, at) {
  byte up, low = none, held = none, last = none, kids;
  byte gone = none;
  bool merged, one, two, ended;
  give_up(at);
  if
  :: state[at] == zombie -> compact(at)
  :: else
  fi
}

// Takes the reference before, if the tenant that it was armed for still has the place.
proctype timer(byte me, at) {
  byte up, low = none, held = none, last = none, kids;
  byte gone = none;
  bool merged, one, two, ended;
  if
  :: atomic { refs[at] != 0 -> refs[at]++ }  // [F15]
    give_up(at);
    if
    :: state[at] == zombie -> compact(at)
    :: else
    fi
  :: refs[at] == 0
  fi
}

proctype setter(byte me) {
  byte at = top, up;
  bool into = true;
  walking = walking | me;                   // [F8]
  set[top] = true;                          // [V2]
  do
  :: into && first[at] != none -> at = first[at]; goto visit  // [F1]
  :: else ->
    up = at;
    do
    :: up == top -> goto over
    :: up != top && next[up] != none -> at = next[up]; goto visit  // [F3]
    :: up != top && next[up] == none -> up = parent[up]
    od;
visit:
    up = 0;
    into = state[at] != free;               // [F5]
    if
    :: into -> assert(!of_other[at]); set[at] = true  // [V2]
    :: else
    fi
  od;
over:
  leave_walk();
  assert(set[stays])
}

// Under the other parent.
proctype birth() {
end:
  pooled;
  set[followed] = false;
  of_other[followed] = true;
  parent[followed] = elsewhere;
  first[followed] = none;
  refs[followed] = 1;                         // [F23]
  next[followed] = none;
  state[followed] = living                    // [F6]
}

init {
  atomic {
    state[top] = living;
    state[above] = zombie;
    state[upper] = zombie;
    state[lower] = zombie;
    state[child] = living;
    state[stays] = living;
    state[gap] = free;
    state[sibling] = free;
    state[elsewhere] = living;
    first[top] = above;
    first[above] = upper;
    parent[above] = top;
    first[upper] = sibling;
    next[sibling] = lower;
    first[lower] = stays;
    next[stays] = gap;
    next[gap] = child;
    parent[upper] = above;
    parent[sibling] = upper;
    parent[lower] = upper;
    parent[child] = lower;
    parent[stays] = lower;
    parent[gap] = lower;
    refs[top] = 10;
    refs[elsewhere] = 10;
    refs[above] = 1;
    refs[upper] = 1;
    refs[lower] = 2;
    refs[child] = 1;
    refs[stays] = 1;
    run birth();  // the first: it may wait for ever
    run setter(1);
    run releaser(2, child);
    run timer(8, lower)
  }
  _nr_pr <= 2;
  assert(!pooled || !of_other[followed] || !set[followed]);
  assert(refs[stays] == 1 && refs[parent[stays]] == 1 && state[parent[stays]] == zombie)
}
