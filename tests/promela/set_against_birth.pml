// An event is set while a child and a grandchild are born under it.
// Forbidden: a living child that reads unset after set_event has returned.
//
// Abstracts set_event (core/flow/set.cpp), set_subtree and inherit (core/event/propagate.cpp), and forest::take,
// activate, end and walk (core/event/forest.h). Places are new, or stand in their parent's list from an earlier
// tenant. Three levels: what holds between one place and the next holds at any depth.
//
// BUG_looks_before_it_is_seen (assertion): a birth looks at its parent's word [E4] before its activation [F6]
// BUG_links_after_the_look (assertion): a new place is linked [F2] only after its tenant looked [E4]
// BUG_walks_before_the_word (assertion): the setter looks for children [F1] before it sets the word [V2]
// BUG_sets_after_the_children (assertion): the walk sets a place after it has looked below it
// BUG_skips_who_has_ended (assertion): the walk goes below living groups only
// BUG_takes_over_nothing (assertion): a birth does not look at its parent
#include "threads.h"

#define source 0
#define child 1
#define grandchild 2

mtype = { unused, living, zombie };

bool set[3];
bool linked[3];  // stands in its parent's list
mtype life[3] = unused;
bool born[3];    // make_group has returned
bool returned;   // set_event has

inline birth(place, parent) {
#ifdef BUG_looks_before_it_is_seen
  parent_is_set = set[parent];
#endif
#ifndef BUG_links_after_the_look
  linked[place] = true;         // [F2]
#endif
  life[place] = living;         // [F6]
#if !defined(BUG_looks_before_it_is_seen) && !defined(BUG_takes_over_nothing)
  parent_is_set = set[parent];  // [E4]
#endif
#ifdef BUG_links_after_the_look
  linked[place] = true;
#endif
  if
  :: parent_is_set -> set[place] = true
  :: else
  fi;
  d_step { born[place] = true; assert(!returned || set[place]) }
}

// The first look below a place finds a list, the second a tenant.
inline look_for(place) {
  seen[place] = linked[place];                           // [F1]
  if
  :: seen[place] ->
#ifdef BUG_skips_who_has_ended
    seen[place] = life[place] == living
#else
    seen[place] = life[place] == living || life[place] == zombie  // [F5]
#endif
  :: else
  fi
}

proctype setter() {
  bool seen[3];
#ifdef BUG_walks_before_the_word
  look_for(child);
  set[source] = true;
#else
  set[source] = true;  // [V2]
  look_for(child);
#endif
  if
  :: seen[child] ->
#ifdef BUG_sets_after_the_children
    look_for(grandchild);
    set[child] = true;
#else
    set[child] = true;  // [V2]
    look_for(grandchild);
#endif
    if
    :: seen[grandchild] -> set[grandchild] = true
    :: else
    fi
  :: else
  fi;
  d_step {
    returned = true;
    assert(!born[child] || life[child] == zombie || set[child]);
    assert(!born[grandchild] || set[grandchild])
  }
  if
  :: born[child] && !seen[child] -> reached  // by its own look
  :: born[grandchild] && seen[child] && !seen[grandchild] -> reached
  :: seen[grandchild] && life[child] == zombie -> reached
  :: else
  fi
}

proctype first_birth() {
  bool parent_is_set;
  birth(child, source)
}

// By another thread; the child's group may end as soon as its own child is born.
proctype second_birth() {
  bool parent_is_set;
  born[child];
  birth(grandchild, child);
  life[child] = zombie
}

init {
  atomic {
    if
    :: linked[child] = true;
      if
      :: linked[grandchild] = true
      :: skip
      fi
    :: skip
    fi;
    run setter();
    run first_birth();
    run second_birth()
  }
}
