#!/usr/bin/env python3
"""Runs the commands of tgtrace that look at running programs: tgtrace_live_test.py <folder of the programs>."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/tools").resolve()
# Only there to catch a hang.
PATIENCE_S = 60
MAGIC = b"tgtrace\0"


def tgtrace(*arguments, cwd, **more):
    command = [PROGRAMS / "tgtrace", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S, **more)


def work_for(seconds):
    """fanout under load: groups with deadlines, waits, events, for about so many seconds."""
    rate = 200
    return [str(PROGRAMS / "fanout"), "--requests", str(int(rate * seconds)), "--rate", str(rate)]


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def assert_trace(self, path):
        self.assertTrue(path.is_file(), path)
        with open(path, "rb") as file:
            self.assertEqual(file.read(len(MAGIC)), MAGIC)

    def records_in(self, said):
        match = re.search(r"(\d+) records in", said)
        self.assertIsNotNone(match, said)
        return int(match.group(1))


class Run(WithFolder):
    def test_records_a_whole_run(self):
        out = self.folder / "out.tgtrace"
        done = tgtrace("run", "-o", out, "--", *work_for(1), cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_trace(out)
        self.assertGreater(self.records_in(done.stderr), 200 * 10)
        self.assertNotIn("overwritten", done.stderr)

    def test_tells_where_the_copies_are_that_a_threshold_made(self):
        done = tgtrace("run", "--freeze", "1us", "--directory", self.folder, "-o", self.folder / "out", "--",
                       *work_for(0.2), cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        copies = re.findall(r"a task took too long: (\S+)", done.stderr)
        self.assertGreaterEqual(len(copies), 1)
        self.assertLessEqual(len(copies), 16)
        self.assert_trace(pathlib.Path(copies[0]))
        self.assertIn("frozen because a task", tgtrace("report", copies[0], cwd=self.folder).stdout)

    def test_names_the_file_after_the_program(self):
        done = tgtrace("run", "--", *work_for(0.1), cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        written = list(self.folder.iterdir())
        self.assertEqual(len(written), 1)
        self.assertRegex(written[0].name, r"^fanout-\d+\.tgtrace$")

    def test_ends_as_the_program_ends(self):
        self.assertEqual(tgtrace("run", "--", "false", cwd=self.folder).returncode, 1)
        self.assertEqual(tgtrace("run", "--", "sh", "-c", "exit 7", cwd=self.folder).returncode, 7)
        killed = tgtrace("run", "--", "sh", "-c", "kill -9 $$", cwd=self.folder)
        self.assertEqual(killed.returncode, 128 + signal.SIGKILL)

    def test_says_when_there_was_nothing_to_record(self):
        self.assertIn("recorded nothing", tgtrace("run", "--", "true", cwd=self.folder).stderr)

    def test_a_program_that_is_not_there_is_named(self):
        done = tgtrace("run", "--", "/no/such/program", cwd=self.folder)
        self.assertEqual(done.returncode, 127)
        self.assertIn("/no/such/program: No such file", done.stderr)

    def test_a_killed_programs_records_are_written(self):
        out = self.folder / "out.tgtrace"
        # The shell becomes the program, so that it is the one that is recorded and killed.
        command = ["sh", "-c", "(sleep 1; kill -9 $$) & exec " + " ".join(work_for(30))]
        done = tgtrace("run", "-o", out, "--", *command, cwd=self.folder)
        self.assertEqual(done.returncode, 128 + signal.SIGKILL, done.stderr)
        self.assert_trace(out)
        self.assertGreater(self.records_in(done.stderr), 1000)


class Running(WithFolder):
    def setUp(self):
        super().setUp()
        self.program = subprocess.Popen(work_for(30), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        pid = str(self.program.pid)
        end = time.monotonic() + PATIENCE_S
        while pid not in tgtrace("ls", self.folder, cwd=self.folder).stdout:
            self.assertLess(time.monotonic(), end, "the program does not show in tgtrace ls")

    def stop(self):
        self.program.terminate()
        self.program.wait()
        pathlib.Path(f"/dev/shm/threadgroup-{self.program.pid}.live").unlink(missing_ok=True)

    def test_is_listed_and_attached_to_and_goes_on(self):
        out = self.folder / "out.tgtrace"
        done = tgtrace("attach", self.program.pid, "--for", "1", "-o", out, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_trace(out)
        self.assertGreater(self.records_in(done.stderr), 500)
        self.assertIsNone(self.program.poll())
        self.assertIn(f"threadgroup-{self.program.pid}.live", tgtrace("ls", cwd=self.folder).stdout)

    def test_attach_ends_with_an_interrupt_and_writes_what_it_has(self):
        out = self.folder / "out.tgtrace"
        command = [PROGRAMS / "tgtrace", "attach", str(self.program.pid), "-o", str(out)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as attached:
            self.assertIn("until Ctrl-C", attached.stderr.readline())
            time.sleep(0.3)
            attached.send_signal(signal.SIGINT)
            self.assertEqual(attached.wait(PATIENCE_S), 0)
        self.assert_trace(out)

    def test_attach_says_that_the_program_has_ended(self):
        command = [PROGRAMS / "tgtrace", "attach", str(self.program.pid), "-o", str(self.folder / "out")]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as attached:
            attached.stderr.readline()
            self.program.kill()
            self.program.wait()
            self.assertIn("has ended", attached.stderr.read())
            self.assertEqual(attached.wait(PATIENCE_S), 0)
        self.assert_trace(self.folder / "out")

    def test_attached_to_again_the_first_recording_is_not_in_the_second(self):
        for name in ("first", "second"):
            done = tgtrace("attach", self.program.pid, "--for", "0.3", "-o", self.folder / name, cwd=self.folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertGreater(self.records_in(done.stderr), 100)
        report = json.loads(tgtrace("report", "--json", self.folder / "second", cwd=self.folder).stdout)
        self.assertLessEqual(len(report["pauses"]), 1, "at its end only")
        self.assertEqual(report["lost"]["overwritten"], 0)
        self.assertEqual(report["remarks"], [])
        service = next(group for group in report["groups"] if group["name"] == "service")
        self.assertTrue(service["may_lack_records"], "it was there before")

    def test_attached_to_a_hundred_times_it_goes_on(self):
        for round in range(100):
            done = tgtrace("attach", self.program.pid, "--for", "0.005", "-o", self.folder / "out", cwd=self.folder)
            self.assertEqual(done.returncode, 0, f"round {round}: {done.stderr}")
        self.assertIsNone(self.program.poll())
        self.assertGreater(self.records_in(done.stderr), 0)
        self.assertIn("switched off", tgtrace("ls", cwd=self.folder).stdout)

    def test_top_shows_groups_and_workers(self):
        done = tgtrace("top", self.program.pid, "--every", "0.5", "--times", "2", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("GROUP", done.stdout)
        self.assertIn("WORKERS", done.stdout)
        self.assertIn(f"({self.program.pid})", done.stdout)


class Trouble(WithFolder):
    def check(self, expected, *arguments):
        done = tgtrace(*arguments, cwd=self.folder)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, expected)

    def test_processes_that_cannot_be_reached_are_named(self):
        self.check(f"process {os.getpid()} does not use threadgroup", "attach", os.getpid())
        self.check("process 999999999: No such file", "attach", 999999999)
        self.check("pid: 'x'", "attach", "x")

    def test_bad_values_are_named(self):
        self.check("--freeze: '5'", "run", "--freeze", "5", "--", "true")
        self.check("--records: '3'", "run", "--records", "3", "--", "true")
        self.check("--every: '0'", "top", "1", "--every", "0")
        self.check("no/such", "ls", "no/such")


if __name__ == "__main__":
    unittest.main()
