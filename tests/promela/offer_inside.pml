// A task leaves a ticket in its own runner's mailbox while the other runner is busy: it relies on a busy one. Then runners
// block, end their tasks, park, leave, or go on for as long as the ticket is not served.
// Forbidden: a ticket in a mailbox that nobody looks at, though a worker is idle or may be had.
//
// Abstracts crew::offer and somebody_will_look as they are inside a task, announce_left and announce_all, block, unblock,
// after_work and park (core/arena/crew.cpp, runner.cpp). Two workers, and one more for one that is blocked. An entry may come from
// outside at any time. The bits of the mailboxes are in mailbox.pml.
//
// BUG_blocks_and_forgets (end state): a runner that blocks [B9] does not look into the mailboxes
// BUG_looks_before_it_blocks (end state): it looks, and then counts itself as blocked [B9]
// BUG_parks_and_forgets (end state): a runner parks [B8] and does not look [B2]
// BUG_relies_on_anybody (end state): the owner relies on a busy runner though another one may be called
// BUG_offers_and_goes (end state): the owner does not look at the load [B6] after its put [B1]
#include "threads.h"

#define WORKERS 2
#define MAX_BLOCKED 1
#define nothing 0
#define ticket 1
#define entry_from_outside 2

byte ready, idle, parked, runners = 2, blocked;
#define awake (idle - parked)
#define cap (WORKERS + (blocked < MAX_BLOCKED -> blocked : MAX_BLOCKED))
byte permits, called;
chan ready_queue = [2] of { byte };
byte content = nothing;  // of the one mailbox that is used
bool served[3];
bool somebody_waits_by_other_means;  // one at most: else no worker is left, and that is the tasks' own fault

mtype = { nobody, sleeper, newcomer };

inline call_for() {
  if
  :: awake >= ready -> whom = nobody
  :: awake < ready && parked != 0 -> parked--; whom = sleeper
  :: awake < ready && parked == 0 && runners < cap -> runners++; idle++; whom = newcomer
  :: else -> whom = nobody
  fi
}

inline carry_out() {
  if
  :: whom == sleeper ->
    permits++;                                  // [C5]
    futex_wake_one()
  :: whom == newcomer -> called++
  :: else
  fi
}

inline announce(group) {
  ready_queue!group;
  atomic { ready++; call_for() }                // [C3]
  carry_out()
}

inline announce_all() {
  d_step { left = content; content = nothing }  // [B2] [B3]
  if
  :: left != nothing -> announce(left)
  :: else
  fi
}

#ifdef BUG_relies_on_anybody
#define somebody_will_look (awake != 0 || idle == 0)
#else
#define somebody_will_look (awake != 0 || idle == 0 && runners >= cap)
#endif

inline offer() {
  if
  :: !somebody_will_look -> announce(ticket)
  :: somebody_will_look ->
    content = ticket;                           // [B1]
#ifndef BUG_offers_and_goes
    if
    :: somebody_will_look                       // [B6]
    :: !somebody_will_look ->
      if
      :: atomic { content == ticket -> content = nothing }
        announce(ticket)
      :: content != ticket -> reached
      fi
    fi
#endif
  fi
}

// In the library, or by other means that it does not see, until the ticket is served; or not at all.
inline wait_in_a_task() {
  if
  :: true ->
#ifdef BUG_looks_before_it_blocks
    announce_all();
#endif
    atomic { blocked++; call_for() }            // [B9]
    carry_out();
#if !defined(BUG_looks_before_it_blocks) && !defined(BUG_blocks_and_forgets)
    announce_all();
#endif
    if
    :: true -> served[ticket]
    :: true
    fi;
    blocked--                                   // unblock
  :: atomic { !somebody_waits_by_other_means -> somebody_waits_by_other_means = true }
    served[ticket]
  :: true
  fi
}

proctype runner(byte me) {
  byte group, left;
  mtype whom;
  if
  :: me == 0 -> offer(); wait_in_a_task(); announce_all(); goto after_work  // announce_left
  :: me == 1 -> wait_in_a_task(); goto after_work
  :: else
  fi;
home:
end:
  atomic { called != 0 -> called-- }
idle_again:
  do
  :: atomic { ready != 0 -> ready--; idle-- }   // [C4]
    if
    :: awake == 0 -> announce_all()
    :: awake != 0
    fi;
    ready_queue?group;
    goto serve
  :: atomic { content != nothing -> group = content; content = nothing }
    atomic { idle--; call_for() }               // as [C4]
    carry_out();
    goto serve
  :: atomic { ready == 0 -> parked++ }          // [B8]
#ifndef BUG_parks_and_forgets
    if
    :: atomic { content != nothing && parked != 0 -> parked--; goto idle_again }
    :: content == nothing || parked == 0
    fi;
#endif
    do
    :: atomic { permits != 0 -> permits--; goto idle_again }  // [C6]
    :: permits == 0 -> fall_asleep(permits, 0, me);
end_asleep:
      is_awake(me)
    od
  od;
serve:
  served[group] = true;
after_work:
  if                                            // [B7]
  :: atomic { runners > cap -> runners-- }
    announce_all();
    goto home
  :: atomic { runners <= cap && ready != 0 -> ready-- }
    ready_queue?group;
    goto serve
  :: atomic { runners <= cap && ready == 0 -> idle++ }
    goto idle_again
  fi
}

active proctype outsider() {
  mtype whom;
  if
  :: announce(entry_from_outside)
  :: served[entry_from_outside] = true          // there is none
  fi
}

init {
  atomic {
    run runner(0);
    run runner(1);
    run runner(2)
  }
  served[ticket] && served[entry_from_outside]
}
