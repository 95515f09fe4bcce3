// A group's event is re-armed while its ancestor and itself are set and a child is born under it.
// Forbidden: a set that is lost; a group left unset under a set ancestor; a child that an old set reaches.
//
// Abstracts rearm and reset_event, set_word, set_subtree, inherit and setting (core/event/propagate.cpp, core/flow/set.cpp),
// and forest::activate. Places: the ancestor, the group, its child; the group's event is set at first. The epoch is part of
// the word, so an exchange that expects an old word fails. The ancestor may have ended: then its deadline may still set it.
// Who sets all is counted at the hidden root.
//
// BUG_looks_before_the_mark (assertion): the reset looks for children, setters and ancestors before its mark [R5]
// BUG_ignores_ancestors (assertion): the reset does not look at the ancestors' words [R7]
// BUG_ignores_setters (assertion): the reset does not look for setters [R4]
// BUG_ignores_setters_above (assertion): the reset looks for setters at its own place only
// BUG_looks_for_children_first (assertion): the reset looks for descendants [R3] before it looks for setters [R4]
// BUG_ignores_children (assertion): the reset does not look for descendants [R3]
// BUG_setter_passes_the_mark (assertion): a setter that meets the mark takes it for set
// BUG_birth_passes_the_mark (assertion): a birth that meets the mark takes it for set
// BUG_counts_late (assertion): a setter counts itself [R1] after its look at the word
// BUG_mark_without_epoch (assertion): a mark is like an earlier one that was taken away
#include "threads.h"

#define ancestor 0
#define group 1
#define child 2
#define root 3

// {epoch, resetting, set}
#define set_bit 1
#define mark_bit 2
#define one_epoch 4
#define is_set(bits) (((bits) & set_bit) != 0)
#define is_marked(bits) (((bits) & mark_bit) != 0)
#define to_set(bits) ((bits) | set_bit)
#ifdef BUG_mark_without_epoch
#define to_marked(bits) ((bits) | mark_bit)
#else
#define to_marked(bits) (((bits) | mark_bit) + one_epoch)
#endif
#define to_cancelled(bits) ((bits) & ~mark_bit)
#define to_unset(bits) (((bits) & ~(mark_bit | set_bit)) + one_epoch)

byte word[3];
byte setters[4];
bool active_child, born;
bool ancestor_has_ended;  // its place is a zombie: its word does not count, its setters do
bool ancestor_is_set;     // its set_event has returned

// One step: an exchange that fails is repeated with what is there.
inline set_word(at) {
  d_step {                                       // [F7] [V2]
    if
    :: !is_set(word[at]) -> word[at] = to_set(word[at])
#ifndef BUG_setter_passes_the_mark
    :: is_marked(word[at]) -> word[at] = to_cancelled(word[at])
#endif
    :: else
    fi
  }
}

// Of the group itself, of its ancestor, or of all.
proctype setter(byte source) {
#ifndef BUG_counts_late
  setters[source]++;                             // [R1]
#endif
  if
  :: source == ancestor -> set_word(ancestor)
  :: else
  fi;
  set_word(group);
#ifdef BUG_counts_late
  setters[source]++;
#endif
  if
  :: active_child -> set_word(child)             // [F5]
  :: else
  fi;
  if
  :: source == ancestor -> ancestor_is_set = !ancestor_has_ended
  :: else
  fi;
  setters[source]--                              // [R2]
}

inline look_for_children() {
  if
  :: active_child -> goto looked                 // [R3]
  :: else
  fi
}

inline look_for_setters(place) {
  if
  :: setters[place] != 0 -> goto looked          // [R4]
  :: else
  fi
}

inline tree_allows() {
#ifdef BUG_looks_for_children_first
  look_for_children();
#endif
#ifndef BUG_ignores_setters
  look_for_setters(group);
#endif
#ifndef BUG_ignores_setters_above
  look_for_setters(ancestor);
  look_for_setters(root);
#endif
#ifndef BUG_ignores_ancestors
  if
  :: is_set(word[ancestor]) && !ancestor_has_ended -> goto looked  // [R7]
  :: else
  fi;
#endif
#if !defined(BUG_looks_for_children_first) && !defined(BUG_ignores_children)
  look_for_children();
#endif
  allowed = true;
looked:
  skip
}

proctype resetter() {
  byte seen, mine;
  bool allowed;
#ifdef BUG_looks_before_the_mark
  tree_allows();
#endif
  seen = word[group];                            // [R6]
  if
  :: !is_set(seen) || is_marked(seen) -> goto over
  :: else
  fi;
  mine = to_marked(seen);
  if                                             // [R5]
  :: atomic { word[group] == seen -> word[group] = mine }
  :: word[group] != seen -> goto over
  fi;
#ifndef BUG_looks_before_the_mark
  tree_allows();
#endif
  if
  :: allowed ->
    d_step {                                     // [R8]
      if
      :: word[group] == mine ->
        word[group] = to_unset(mine);
        assert(!born && !ancestor_is_set)
      :: else
      fi
    }
  :: else ->
    d_step {                                     // undo
      if
      :: word[group] == mine -> word[group] = to_cancelled(mine)
      :: else
      fi
    }
  fi;
over:
  skip
}

proctype birth() {
  byte above;
  active_child = true;                           // [F6]
  do                                             // inherit
  :: above = word[group];                        // [E4]
    if
    :: !is_set(above) -> break
#ifdef BUG_birth_passes_the_mark
    :: is_set(above) -> set_word(child); break
#else
    :: is_set(above) && !is_marked(above) -> set_word(child); break
    :: is_marked(above) ->
      d_step {
        if
        :: word[group] == above -> word[group] = to_cancelled(above)
        :: else
        fi
      }
#endif
    fi
  od;
  born = true
}

init {
  atomic {
    word[group] = set_bit;
    if
    :: run setter(ancestor)
    :: ancestor_has_ended = true; run setter(ancestor)
    :: run setter(root)
    fi;
    run setter(group);
    run resetter();
    run resetter();
    run birth()
  }
  _nr_pr == 1;
  assert(!ancestor_is_set || is_set(word[group]));
  assert(is_set(word[group]) == is_set(word[child]))
}
