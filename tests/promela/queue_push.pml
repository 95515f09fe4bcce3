// Two threads add to a queue whose segments have two slots, a third one claims, and a fourth one looks or claims once. Three
// segments are used in turn, the first of them again in a later generation.
// Forbidden: an item that is lost, or claimed twice, or out of the order of its adder; "empty" while an item waits.
//
// Abstracts push, first_unwritten, append_segment, claim, leave_segment and has_items (core/queue/fifo.cpp).
// The base, the number of items before a segment, is left out. The pool is the set of segments that nobody owns.
//
// BUG_tells_before_it_writes (assertion): an adder tells its slot as written [Q2] before the exchange [Q4]
// BUG_told_of_any_segment (end state): what was told [Q1] is believed of any segment, until none is left
// BUG_writes_what_is_stale (assertion): a slot of a later generation is taken for one that is unwritten
// BUG_raises_no_generation (assertion): a segment is used again in the generation that it had
// BUG_links_what_is_linked (assertion): who has lost the race for the link [Q9] overwrites it
// BUG_head_by_slot (assertion): a claimer moves the head [Q13] without an exchange
#include "threads.h"

#define capacity 2
#define segments 3
#define all 5

// {generation, payload} and {generation, segment, slot} in one byte each.
#define stamp(generation, payload) ((generation) * 8 + (payload))
#define position(generation, segment, slot) ((generation) * 16 + (segment) * 4 + (slot))
#define payload_of(content) ((content) % 8)
#define position_generation(at) ((at) / 16)
#define segment_of(at) ((at) / 4 % 4)
#define slot_of(at) ((at) % 4)
#define first_of(at) ((at) - slot_of(at))

byte slots[6];               // capacity of each segment
byte next[segments];
byte generation[segments];
bool pooled[segments];
byte tail, head, written;

byte pushed, claimed;        // at the exchanges
byte last_of[2];             // of each adder, claimed
#define adder_of(item) ((item) / 4)

#define slot_at(at) slots[segment_of(at) * capacity + slot_of(at)]
#define is_written(content, of) ((content) / 8 == (of))
#define is_unwritten(content, of) ((content) / 8 == (of) - 1)
#ifdef BUG_writes_what_is_stale
#define may_write(content, of) (!is_written(content, of))
#else
#define may_write(content, of) is_unwritten(content, of)
#endif

// What a thread does by itself after a read is one step with it.
inline first_unwritten() {
  atomic {
    at = written;                                          // [Q1]
#ifdef BUG_told_of_any_segment
    at = t + slot_of(at)
#else
    at = (first_of(at) == t -> at : t)
#endif
  }
  do
  :: atomic { slot_of(at) < capacity -> content = slot_at(at) }  // [Q17]
    if
    :: may_write(content, position_generation(t)) -> break
    :: else -> at++
    fi
  :: slot_of(at) == capacity -> break
  od
}

// And raise its generation.
inline take_segment() {
  if
  :: pooled[0] -> fresh = 0
  :: !pooled[0] && pooled[1] -> fresh = 1
  :: !pooled[0] && !pooled[1] && pooled[2] -> fresh = 2
  fi;
  pooled[fresh] = false;
#ifdef BUG_raises_no_generation
  generation[fresh] = 1
#else
  generation[fresh]++
#endif
}

inline append_segment() {
  atomic {
    content = next[segment_of(t)];                         // [Q8]
    if
    :: is_unwritten(content, position_generation(t)) -> take_segment()
    :: else
    fi
  }
  if
  :: atomic { !is_unwritten(content, position_generation(t)) -> skip }
#ifdef BUG_links_what_is_linked
  :: atomic { is_unwritten(content, position_generation(t)) ->
#else
  :: atomic { is_unwritten(content, position_generation(t)) && next[segment_of(t)] == content ->
#endif
      content = stamp(position_generation(t), fresh);
      next[segment_of(t)] = content                        // [Q9]
    }
#ifndef BUG_links_what_is_linked
  :: atomic { is_unwritten(content, position_generation(t)) && next[segment_of(t)] != content ->
      content = next[segment_of(t)];
      generation[fresh]--;
      pooled[fresh] = true
    }
#endif
  fi;
  // A link of a later generation takes more items than there are here.
  atomic {
    assert(is_written(content, position_generation(t)));
    fresh = 0;
    at = position(generation[payload_of(content)], payload_of(content), 0)
  }
  if
  :: atomic { tail == t -> tail = at }                     // [Q3]
  :: tail != t
  fi
}

inline push(item) {
  do
  :: t = tail;                                             // [Q18]
    first_unwritten();
#ifdef BUG_tells_before_it_writes
    if
    :: slot_of(at) < capacity -> written = at + 1
    :: else
    fi;
#endif
    if
    :: slot_of(at) == capacity -> append_segment()
    :: atomic { slot_of(at) < capacity && slot_at(at) == content ->
        slot_at(at) = stamp(position_generation(t), item);  // [Q4]
        pushed++
      }
      break
    :: slot_of(at) < capacity && slot_at(at) != content -> reached
    fi
  od;
#ifndef BUG_tells_before_it_writes
  written = at + 1;                                        // [Q2]
#endif
  atomic { t = 0; at = 0; content = 0; item++ }
}

// One adds 1, the other 4 to 7.
proctype adder(byte item, last) {
  byte t, at, content, fresh;
  do
  :: item <= last -> push(item)
  :: else -> break
  od;
  item = 0
}

// The answer is right at the moment of the read.
inline read_to_claim(where) {
  content = where;
  assert(!is_unwritten(content, position_generation(h)) || pushed == claimed);
  assert(!is_written(content, position_generation(h)) || slot_of(h) == capacity || head != h || pushed != claimed)
}

inline leave_segment() {
  at = position(generation[payload_of(content)], payload_of(content), 0);
  if
  :: atomic { tail == first_of(h) -> tail = at }           // [Q3]
  :: tail != first_of(h)
  fi;
  if
  :: atomic { head == h -> head = at; pooled[segment_of(h)] = true }  // [Q14]
  :: head != h
  fi
}

// A part of [Q13].
inline got_item() {
  claimed++;
  assert(payload_of(content) > last_of[adder_of(payload_of(content))]);
  last_of[adder_of(payload_of(content))] = payload_of(content)
}

// One item, or as many steps as it takes to find that there is none.
inline claim() {
  h = head;                                                // [Q12]
  if
  :: atomic { slot_of(h) == capacity -> read_to_claim(next[segment_of(h)]) }  // [Q10]
    if
    :: is_written(content, position_generation(h)) -> leave_segment()
    :: else
    fi
  :: atomic { slot_of(h) < capacity -> read_to_claim(slot_at(h)) }  // [Q5]
    if
    :: !is_written(content, position_generation(h)) -> reached
#ifdef BUG_head_by_slot
    :: atomic { is_written(content, position_generation(h)) -> head = h + 1; got_item() }
#else
    :: atomic { is_written(content, position_generation(h)) && head == h -> head = h + 1; got_item() }  // [Q13]
    :: is_written(content, position_generation(h)) && head != h -> reached
#endif
    fi
  fi;
  atomic { h = 0; content = 0; at = 0 }
}

// Of links the same is true here.
inline has_items() {
  do
  :: h = head;                                             // [Q12]
    if
    :: atomic { slot_of(h) < capacity -> read_to_claim(slot_at(h)) }  // [Q6]
      if
      :: is_unwritten(content, position_generation(h)) || is_written(content, position_generation(h)) -> break
      :: else -> reached
      fi
    :: atomic { slot_of(h) == capacity -> read_to_claim(next[segment_of(h)]) }  // [Q11]
      if
      :: is_unwritten(content, position_generation(h)) -> break
      :: else ->
        at = position(generation[payload_of(content)], payload_of(content), 0);
        atomic { content = slot_at(at); is_right = pushed == claimed }  // [Q7]
        if
        :: atomic { is_unwritten(content, position_generation(at)) && head == h -> assert(is_right) } break
        :: is_unwritten(content, position_generation(at)) && head != h -> reached
        :: !is_unwritten(content, position_generation(at)) -> break
        fi
      fi
    fi
  od;
  atomic { h = 0; content = 0; at = 0; is_right = false }
}

proctype claimer() {
  byte h, content, at;
  do
  :: pushed > claimed -> claim()
  :: claimed == all -> break
  od
}

// Looks once, or tries to claim once.
proctype other() {
  byte h, content, at;
  bool is_right;
  if
  :: has_items()
  :: claim()
  fi
}

// One item has been claimed already.
init {
  atomic {
    generation[0] = 1;
    slots[0] = stamp(1, 1);
    tail = position(1, 0, 0);
    written = position(1, 0, 1);
    head = position(1, 0, 1);
    pooled[1] = true;
    pooled[2] = true;
    run adder(1, 1);
    run adder(4, 7);
    run claimer();
    run other()
  }
}
