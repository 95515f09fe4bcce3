// Three threads set the events of one chain of groups: two the same one, the third one below it. A fourth reads.
// Forbidden: a set_event that returns while a living descendant still reads unset; half of two events.
//
// Abstracts set_event (core/flow/set.cpp), set_word and set_subtree (core/event/propagate.cpp) and event_word.h. Set,
// cause and origin are one word; each setter gives its own number as cause and as origin.
//
// BUG_turns_back (assertion): a walk does not go on below a place that is set already
// BUG_returns_if_set (assertion): who finds the source set returns at once
// BUG_two_words (assertion): the cause is stored after the set bit
// BUG_overwrites (assertion): the last setter's cause stays
#include "threads.h"

#define depth 3

typedef event_word { bool set; byte cause, origin };
event_word word[depth];

// Answers in `first` whether this thread has set it.
inline set_word(at, why, where) {
#ifdef BUG_two_words
  if
  :: atomic { !word[at].set -> word[at].set = true; word[at].origin = where }
    word[at].cause = why
  :: else
  fi
#elif defined(BUG_overwrites)
  d_step { word[at].set = true; word[at].cause = why; word[at].origin = where }
#else
  if
  :: word[at].set -> reached                 // [F7]
  :: else ->
    d_step {                                 // [V2]
      if
      :: word[at].set
      :: else -> word[at].set = true; word[at].cause = why; word[at].origin = where
      fi
    }
  fi
#endif
}

proctype setter(byte me; byte source) {
  byte at = source;
  byte why, where;
#ifdef BUG_returns_if_set
  if
  :: word[source].set -> goto returns
  :: else
  fi;
#endif
  set_word(source, me, me);
  // What was set before with another cause hands on its own.
  d_step { why = word[source].cause; where = word[source].origin };
  at = source + 1;
  do
  :: at < depth ->
#ifdef BUG_turns_back
    if
    :: word[at].set -> break
    :: else
    fi;
#endif
    set_word(at, why, where);
    at++
  :: else -> break
  od;
returns:
  for (at : source .. depth - 1) {
    assert(word[at].set)
  }
}

// What is set once stays as it is: the first cause wins.
active proctype reader() {
  byte at, cause;
  if
  :: at = 0
  :: at = 1
  :: at = 2
  fi;
  if
  :: word[at].set ->
    d_step { cause = word[at].cause; assert(cause != 0 && cause == word[at].origin) }
    assert(word[at].cause == cause)
  fi
}

init {
  atomic {
    run setter(1, 0);
    run setter(2, 0);
    run setter(3, 1)
  }
}
