// The load word, the ready queue, and runners that park: core/arena/load.h, crew.cpp and runner.cpp. For runners.pml and
// compensation.pml, which say how many WORKERS there are, how many may be blocked (MAX_BLOCKED), and how many ENTRIES
// come into the ready queue; its two FIFOs are one here. Each change of the load word is one step, as its compare-and-swap is.

byte ready, idle, parked, runners, blocked;  // load_word
byte permits;                                // futex: calls that no sleeper has heard yet
byte called;                                 // runners on their way: muster::call_one
chan ready_queue = [ENTRIES] of { byte };

mtype = { nobody, sleeper, newcomer };

#define awake (idle - parked)
#define cap (WORKERS + (blocked < MAX_BLOCKED -> blocked : MAX_BLOCKED))
#define stalled (ready != 0 && idle == 0 && blocked >= MAX_BLOCKED && runners >= cap)

// A part of one change: whom does an entry need beyond those that somebody is coming for.
inline call_for() {
  if
#ifdef BUG_calls_only_if_nobody_is_idle
  :: idle != 0 -> whom = nobody
#else
  :: awake >= ready -> whom = nobody
#endif
  :: else ->
    if
    :: parked != 0 -> parked--; whom = sleeper
    :: parked == 0 && runners < cap -> runners++; idle++; whom = newcomer
    :: else -> whom = nobody
    fi
  fi
}

inline carry_out() {
  if
  :: whom == sleeper ->
    permits++;                                                  // [C5]
    futex_wake_one()
  :: whom == newcomer -> called++
  :: whom == nobody && stalled -> call_housekeeper()
  :: else
  fi
}

inline announce(entry) {
#ifdef BUG_counts_before_the_push
  atomic { ready++; call_for() }
  ready_queue!entry;
#else
  ready_queue!entry;
  atomic { ready++; call_for() }                                // [C3]
#endif
  carry_out()
}

// Counted entries are there.
inline pop_ready() { assert(nempty(ready_queue)); ready_queue?entry }

// From idle on, until there is an entry, or to `home`. Whether its time is over is decided before it sleeps: no time-out
// makes good what a caller has missed.
inline find_work(home) {
  do
  :: atomic { ready != 0 -> ready--; idle-- }                   // [C4]
    pop_ready();
    break
#ifdef BUG_parks_in_two_steps
  :: ready == 0 -> parked++;
#else
  :: atomic { ready == 0 -> parked++ }                          // [B8]
#endif
    do
    :: atomic { permits != 0 -> permits--; break }              // [C6]
    :: atomic { permits == 0 -> skip }
      if
      :: true ->
#ifdef BUG_sleeps_without_a_look
        asleep = asleep | (1 << me);
#else
        fall_asleep(permits, 0, me);
#endif
end_asleep:
        is_awake(me)
#ifdef BUG_leaves_though_called
      :: atomic { parked != 0 -> parked--; idle--; runners--; goto home }
      :: atomic { parked == 0 -> idle--; runners--; goto home }
#else
      :: atomic { parked != 0 -> parked--; idle--; runners--; goto home }
      :: parked == 0 -> reached;  // all who sleep have been called: one permit is for this one
        permits != 0 || parked != 0
#endif
      fi
    od
  od
}

// The same for after_work, which may find that there is one runner too many.
inline after_work(serve, home) {
  if
  :: atomic { runners > cap -> runners--; goto home }           // [B7]; not met in runners
  :: atomic { runners <= cap && ready != 0 -> ready-- }
    pop_ready();
    goto serve
  :: atomic { runners <= cap && ready == 0 -> idle++ }
  fi
}
