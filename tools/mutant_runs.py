"""Runs model tests with a fault in them: which tests come by its place, and which of them notices."""

import collections
import json
import os
import pathlib
import re
import resource
import shlex
import signal
import subprocess
import sys
import threading
import time

# Their programs are not of core/.
NOT_OF_THE_CORE = "-litmus.*:seeded.*"
# Of the fault itself: it aborts, or reads what is not there, or uses up its time. Other signals come from outside.
ITS_OWN = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP, signal.SIGXCPU}
# A test that needs so many times what it needs without the fault, and some seconds more, has met a loop without end that
# the checker does not see.
PATIENCE = 20
SLACK_SECONDS = 10
# Of its schedules that test runs which is said to have noticed the fault before, if fewer show nothing.
SHARES_OF_WHO_KNEW = (1, 4)


class Undecided(Exception):
    pass


class Tests:
    def __init__(self, program, prefix):
        self.program = program
        self.prefix = shlex.split(prefix)
        self.names = self._names()
        self.explores = {}  # test -> offsets where it explores something
        self.comes_by = {}  # test -> the others, where its runtime begins and ends
        self.cost = {}  # test -> seconds for all of its schedules
        self._caught = collections.Counter()  # (test, path)
        self._lock = threading.Lock()

    def _names(self):
        listed = subprocess.run(
            [self.program, "--gtest_list_tests", f"--gtest_filter={NOT_OF_THE_CORE}"],
            check=True, capture_output=True, text=True,
        ).stdout
        suite, names = "", []
        for line in listed.splitlines():
            if line.startswith("  "):
                names.append(suite + line.split()[0])
            else:
                suite = line.split()[0]
        return names

    def _start(self, test, given, share, seconds):
        environment = dict(os.environ, TG_MODEL_MUTATE=given, TG_MODEL_SHARE=str(share))
        limit = int(seconds) + 1
        return subprocess.run(
            [*self.prefix, self.program, f"--gtest_filter={test}"],
            env=environment, capture_output=True, text=True, errors="replace",
            # The soft limit ends it by a signal of its own; at the hard one it would be killed like from outside.
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 60)),
        )

    def learn_all(self, share, pool):
        """Once for a program: kept in a file beside it."""
        kept = pathlib.Path(self.program + ".places.json")
        if kept.is_file() and kept.stat().st_mtime >= os.stat(self.program).st_mtime:
            known = json.loads(kept.read_text(encoding="utf-8"))
            if known["share"] >= share:
                self.cost = known["cost"]
                self.explores = {test: set(places) for test, places in known["explores"].items()}
                self.comes_by = {test: set(places) for test, places in known["comes_by"].items()}
                return
        list(pool.map(lambda test: self._learn(test, share), self.names))
        explores, comes_by = (
            {test: sorted(places) for test, places in found.items()} for found in (self.explores, self.comes_by)
        )
        known = {"share": share, "cost": self.cost, "explores": explores, "comes_by": comes_by}
        kept.write_text(json.dumps(known), encoding="utf-8")

    def _learn(self, test, share):
        """What the test comes by, and what it costs."""
        before = time.monotonic()
        done = self._start(test, "none", share, 3600)
        if done.returncode != 0:
            sys.exit(f"mutate: {test} fails without any fault:\n{done.stdout}{done.stderr}")
        explored, passed = (
            {int(one, 16) for line in re.findall(rf"^\[ {what} \](.*)$", done.stdout, re.M) for one in line.split()}
            for what in ("explores", "comes by")
        )
        with self._lock:
            self.explores[test], self.comes_by[test] = explored, passed - explored
            self.cost[test] = (time.monotonic() - before) / share

    def for_mutant(self, mutant, first):
        """The tests that explore its place, or at least come by it; the likeliest to notice first."""
        found = [test for test in self.names if self.explores[test] & mutant.offsets]
        if not found or mutant.is_step:
            found += [test for test in self.names if test not in found and self.comes_by[test] & mutant.offsets]
        with self._lock:
            caught = {test: self._caught[test, mutant.path] for test in found}
        explored = {test: bool(self.explores[test] & mutant.offsets) for test in found}
        # A test of few places looks closely at each.
        places = {test: -len(self.explores[test]) for test in found}
        found.sort(key=lambda test: (test == first, explored[test], caught[test], places[test]), reverse=True)
        return found

    def notices(self, test, mutant, share):
        """How the test notices, or None."""
        done = self._start(test, mutant.given, share, PATIENCE * self.cost[test] * share + SLACK_SECONDS)
        if done.returncode == 0:
            return None
        if done.returncode < 0 and -done.returncode not in ITS_OWN:
            raise Undecided(f"undecided: `{test}` was ended from outside, signal {-done.returncode}")
        with self._lock:
            self._caught[test, mutant.path] += 1
        if f"[  FAILED  ] {test}" in done.stdout:
            return f"`{test}`"
        if done.returncode == -signal.SIGXCPU:
            return f"`{test}`, which does not end"
        if done.returncode < 0:
            return f"`{test}`, signal {-done.returncode}"
        sys.exit(f"mutate: {test} cannot run: {done.stderr.strip()}")

    def verdict(self, mutant, shares, most, first):
        if not mutant.offsets:
            return "not executed: not compiled in"
        tests = self.for_mutant(mutant, first)
        if not tests:
            return "not executed"
        tests = tests[:most]
        begin = [(tests[0], share) for share in [*shares, *SHARES_OF_WHO_KNEW]] if tests[0] == first else []
        for test, share in [*begin, *((test, share) for share in shares for test in tests[bool(begin) :])]:
            try:
                how = self.notices(test, mutant, share)
            except Undecided as why:
                return str(why)
            if how:
                return f"caught by {how}"
        return f"survived {shares[-1]:g} of the schedules of {len(tests)} tests"
