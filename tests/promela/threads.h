// What all models share: marks for the search, and a futex.

// An interleaving that a full search has to meet; tools/promela fails if it did not.
#define reached assert(true)

// One futex a model; bit n of `asleep` is thread n. Nobody wakes for no reason and no time-out rescues anybody: a
// lost wake-up ends the search in an invalid end state.
byte asleep;

#define is_awake(me) ((asleep & (1 << (me))) == 0)

inline fall_asleep(word, expected, me) {
  atomic {
    if
    :: (word) == (expected) -> asleep = asleep | (1 << (me))
    :: else
    fi
  }
}

inline futex_wait(word, expected, me) {
  fall_asleep(word, expected, me);
  is_awake(me)
}

inline futex_wake_all() { asleep = 0 }

// Of threads 0 to 2.
inline futex_wake_one() {
  atomic {
    if
    :: asleep & 1 -> asleep = asleep & ~1
    :: asleep & 2 -> asleep = asleep & ~2
    :: asleep & 4 -> asleep = asleep & ~4  // not met in compensation, mailbox, waiting_producer: two threads
    :: (asleep & 7) == 0
    fi
  }
}
