// Two threads add tasks, two workers and a helping joiner come for them, and the limit is lowered and raised meanwhile.
// Forbidden: more than the limit running; a queued task with a free slot and nobody coming.
//
// Abstracts limiter.h (core/limiter), commit and send_for_workers (core/flow/add.cpp), serve, work and leave
// (core/flow/serve.cpp), help, and set_limit (core/flow/control.cpp). The queue is the number of its items: a push [Q4],
// a claim and a look [Q5] are one step each. The ready queue, and who is called for it, is in runners.pml.
//
// Tasks wait for each other as far as the limit lets them, so that one worker cannot do the work of two.
//
// BUG_looks_before_it_leaves (end state): a worker looks at the queue [Q5] and then leaves [L3]
// BUG_looks_before_the_push (end state): an adder looks at the word [L1] and then writes the queue [Q4]
// BUG_raised_and_no_look (end state): the limit is raised [L5] without a look
// BUG_no_renewal (end state): a worker does not look after its first claim
// BUG_enters_in_two_steps (assertion): room is looked for, and then counted
// BUG_two_tickets (assertion): the ticket is taken in two steps [L6]
#include "threads.h"

#define all 3  // tasks

byte assigned, limit = 1;
bool ticket;
byte queued;
byte ready;           // tickets that stand in the ready queue
byte running, begun, ended;
byte entered_under[3];  // for the assertion: the limit under which each server entered; 0: outside
bool limit_is_final;

#define has_room (assigned < limit)
#define within_limit(a, b, c) (running <= limit || running <= a || running <= b || running <= c)

inline send_for_workers() {
  if
  :: atomic { ticket -> skip }
  :: atomic { !ticket && !has_room -> skip }
#ifdef BUG_two_tickets
  :: !ticket && has_room -> ticket = true; ready++
#else
  :: atomic { !ticket && has_room -> ticket = true }  // [L1] [L6]
    ready++
#endif
  fi
}

inline look() {
  if
  :: queued != 0 -> send_for_workers()  // [Q5]
  :: queued == 0
  fi
}

// A task runs until as many have begun as there may be at once in the end.
inline run_task() {
  d_step {
    running++;
    begun++;
    assert(within_limit(entered_under[0], entered_under[1], entered_under[2]))
  }
  limit_is_final && (begun >= 2);
  d_step { running--; ended++ }
}

inline leave() {
#ifdef BUG_looks_before_it_leaves
  if
  :: queued != 0 -> atomic { assigned--; entered_under[me] = 0 } send_for_workers()
  :: queued == 0 -> atomic { assigned--; entered_under[me] = 0 }
  fi
#else
  d_step { assigned--; entered_under[me] = 0 }  // [L3]
  look()
#endif
}

// It may leave whenever it likes: its time slice is over.
inline work() {
  first = true;
  do
  :: assigned > limit -> reached; break
  :: true -> break
  :: atomic { queued != 0 -> queued-- }
#ifndef BUG_no_renewal
    if
    :: first -> look()
    :: else
    fi;
#endif
    first = false;
    run_task()
  od;
  leave()
}

proctype worker(byte me) {
  bool first;
end:
  do
  :: atomic { ready != 0 -> ready--; assert(ticket) }
    if
#ifdef BUG_enters_in_two_steps
    :: has_room -> atomic { ticket = false; assigned++; entered_under[me] = limit }
      work()
#else
    :: atomic { has_room -> ticket = false; assigned++; entered_under[me] = limit }  // [L2]
      work()
#endif
    :: atomic { !has_room -> ticket = false }
      look()
    fi
  od
}

// Helps once, at any time.
proctype joiner(byte me) {
  bool first;
  if
  :: atomic { queued != 0 && has_room -> assigned++; entered_under[me] = limit }  // [L7]
    work()
  :: ended == all -> skip
  fi
}

proctype adder(byte tasks) {
  do
  :: tasks != 0 ->
#ifdef BUG_looks_before_the_push
    if
    :: ticket || !has_room -> queued++
    :: atomic { !ticket && has_room -> ticket = true } queued++; ready++
    fi;
#else
    queued++;            // [Q4]
    send_for_workers();
#endif
    tasks--
  :: else -> break
  od
}

proctype changer() {
  if
  :: limit = 0
  :: limit = 2;
    look();
    limit = 1
  fi;
  limit = 2;             // [L5]
#ifndef BUG_raised_and_no_look
  look();
#endif
  limit_is_final = true
}

init {
  atomic {
    run worker(0);
    run worker(1);
    run joiner(2);
    run adder(1);
    run adder(2);
    run changer()
  }
  ended == all
}
