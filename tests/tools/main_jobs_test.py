#!/usr/bin/env python3
"""Runs find_first, verify_users and fanout as a user does: main_jobs_test.py <folder of the programs>."""

import contextlib
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev/tools").resolve()
# Only there to catch a hang.
PATIENCE_S = 60
CHUNK = 128 * 1024
NEEDLE = b"n\x00e\xffedle in the haystack"
WORD = "in the haystack"


def run(program, *arguments, **more):
    """The finished process; its outputs are bytes, for names may be anything."""
    return subprocess.run([PROGRAMS / program, *arguments], capture_output=True, timeout=PATIENCE_S,
                          stdin=subprocess.DEVNULL, **more)


def write(path, content=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class ProgramTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="main_jobs_")
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)

    def begin(self, program, *arguments, read):
        """The running process and the first line of its output `read`, "stdout" or "stderr"."""
        process = subprocess.Popen([PROGRAMS / program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, bufsize=0)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        return process, getattr(process, read).readline()

    def assert_status(self, result, status):
        self.assertEqual(result.returncode, status, (result.args, result.stdout[-2000:], result.stderr[-2000:]))

    def assert_refused(self, program, *arguments, naming):
        result = run(program, *arguments)
        self.assert_status(result, 2)
        self.assertEqual(result.stdout, b"")
        for word in naming:
            self.assertIn(word.encode(), result.stderr)


def matches_by_python(top, pattern, name=lambda _: True):
    found = set()
    for folder, directories, files in os.walk(os.fsencode(top)):
        for file in files:
            path = os.path.join(folder, file)
            if os.path.islink(path) or not os.path.isfile(path) or not name(file):
                continue
            with contextlib.suppress(PermissionError), open(path, "rb") as opened:
                if pattern in opened.read():
                    found.add(path)
    return found


class FindFirst(ProgramTest):
    def setUp(self):
        super().setUp()
        write(self.top / "empty")
        write(self.top / "short", b"n")
        write(self.top / "exact", WORD.encode())
        write(self.top / "binary.bin", bytes(range(256)) * 900 + NEEDLE + b"\x00")
        write(self.top / "sub/text.txt", b"one\ntwo " + NEEDLE + b" three\n")
        write(self.top / "sub/other.txt", b"nothing here\n")
        write(self.top / os.fsdecode(b"odd/a name\nwith \xff bytes"), NEEDLE)
        write(self.top / "odd/ spaces  and 'quotes'", NEEDLE)
        for place in (CHUNK - 5, CHUNK, 2 * CHUNK - len(NEEDLE) + 1, 3 * CHUNK - 1):
            write(self.top / f"chunks/at_{place}", b"n" * place + NEEDLE)
        write(self.top / "chunks/almost", (NEEDLE[:-1] + b"_") * 20000)

    def search_all(self, pattern, *more):
        result = run("find_first", "--all", "--null", *more, "--", pattern, self.top)
        return result, set(result.stdout.split(b"\0")[:-1])

    def test_all_is_what_python_finds(self):
        result, found = self.search_all(WORD)
        self.assert_status(result, 0)
        self.assertEqual(found, matches_by_python(self.top, WORD.encode()))
        self.assertEqual(len(found), 9)

    def test_any_bytes_but_zero_can_be_sought(self):
        result, found = self.search_all(b"\xffedle in")
        self.assert_status(result, 0)
        self.assertEqual(found, matches_by_python(self.top, b"\xffedle in"))
        self.assertEqual(len(found), 9)

    def test_every_limit_finds_the_same(self):
        for limit in ("1", "2", "1000000"):
            with self.subTest(limit=limit):
                self.assertEqual(self.search_all(WORD, "--limit", limit)[1],
                                 matches_by_python(self.top, WORD.encode()))

    def test_name_narrows(self):
        result, found = self.search_all(WORD, "--name", "*.t?t")
        self.assert_status(result, 0)
        self.assertEqual(found, {os.fsencode(self.top / "sub/text.txt")})
        result, found = self.search_all(WORD, "--name", "no*such")
        self.assert_status(result, 1)
        self.assertEqual(found, set())

    def test_first_prints_one_match(self):
        result = run("find_first", "-0", WORD, self.top)
        self.assert_status(result, 0)
        paths = result.stdout.split(b"\0")
        self.assertEqual((len(paths), paths[1]), (2, b""))
        self.assertIn(paths[0], matches_by_python(self.top, WORD.encode()))
        self.assertIn(b"condition_met", result.stderr)

    def test_the_rest_is_skipped_after_the_first(self):
        for i in range(3000):
            write(self.top / f"many/{i % 30}/{i}", NEEDLE)
        result = run("find_first", "--limit", "1", WORD, self.top / "many")
        self.assert_status(result, 0)
        ran, skipped, failed = self.task_counts(result)
        self.assertLess(ran, 3031)
        self.assertGreater(skipped, 0)
        self.assertEqual(failed, 0)

    def task_counts(self, result):
        counts = re.search(rb"tasks +(\d+) run, (\d+) skipped, (\d+) failed", result.stderr)
        return tuple(int(count) for count in counts.groups())

    def test_not_found(self):
        result = run("find_first", "no such text", self.top)
        self.assert_status(result, 1)
        self.assertEqual(result.stdout, b"")
        # One task for the place, one for each directory below it and for each file.
        files = [path for path in self.top.rglob("*")]
        self.assertEqual(self.task_counts(result), (1 + len(files), 0, 0))

    def test_links_are_not_followed_but_on_the_command_line(self):
        outside = self.top / "outside"
        inside = self.top / "inside"
        write(outside / "file", b"only here")
        write(inside / "nothing")
        (inside / "file_link").symlink_to(outside / "file")
        (inside / "directory_link").symlink_to(outside)
        (inside / "loop").symlink_to(inside)
        (inside / "dangling").symlink_to("nowhere")
        self.assert_status(run("find_first", "only here", inside), 1)
        self.assert_status(run("find_first", "only here", inside / "directory_link"), 0)
        self.assert_status(run("find_first", "only here", inside / "file_link"), 0)

    def test_special_files_are_passed_by(self):
        os.mkfifo(self.top / "pipe")
        self.assert_status(run("find_first", "no such text", self.top), 1)
        result = run("find_first", "no such text", self.top / "pipe")
        self.assert_status(result, 2)
        self.assertIn(b"Neither a directory nor a file", result.stderr)

    def test_several_places(self):
        places = (self.top / "sub", self.top / "exact", f"{self.top}/odd/")
        result = run("find_first", "--all", "-0", WORD, *places)
        self.assert_status(result, 0)
        self.assertEqual(len(result.stdout.split(b"\0")), 5)
        self.assertNotIn(b"//", result.stdout)

    def test_missing_place_is_told_and_counted(self):
        missing = self.top / "missing"
        result = run("find_first", "no such text", missing, self.top)
        self.assert_status(result, 2)
        self.assertIn(os.fsencode(missing) + b": No such file", result.stderr)
        self.assertIn(b"unreadable 1", result.stderr)
        self.assert_status(run("find_first", "--all", WORD, missing, self.top), 2)
        self.assert_status(run("find_first", WORD, self.top / "exact", self.top / "exact"), 0)

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_unreadable_is_told_and_counted(self):
        write(self.top / "secret_file", NEEDLE)
        write(self.top / "secret_directory/file", NEEDLE)
        for name in ("secret_file", "secret_directory"):
            (self.top / name).chmod(0)
            self.addCleanup((self.top / name).chmod, 0o700)
        result = run("find_first", "no such text", self.top)
        self.assert_status(result, 2)
        self.assertEqual(result.stderr.count(b"Permission denied"), 2)
        self.assertIn(b"unreadable 2", result.stderr)
        result, found = self.search_all(WORD)
        self.assert_status(result, 2)
        self.assertEqual(len(found), 9)

    def test_deep_chain(self):
        deep = self.top / "deep"
        for level in range(300):
            write(deep / "file", b"level %d" % level)
            deep = deep / "d"
        write(deep / "last", b"at the bottom")
        for blocked in ("1", "256"):
            with self.subTest(max_blocked=blocked):
                environment = {**os.environ, "THREADGROUP_MAX_BLOCKED": blocked}
                result = run("find_first", "at the bottom", self.top / "deep", env=environment)
                self.assert_status(result, 0)
                self.assertEqual(result.stdout, os.fsencode(deep / "last") + b"\n")

    def test_more_files_than_task_records(self):
        folder = self.top / "wide"
        folder.mkdir()
        write(folder / "0", NEEDLE)
        for i in range(1, 20000):
            os.link(folder / "0", folder / str(i))
        result, found = self.search_all(WORD, "--name", "*")
        self.assert_status(result, 0)
        self.assertEqual(len(found), 9 + 20000)

    def test_timeout_stops_it(self):
        # An endless search: a file that is larger than any disk reads as zeros.
        with open(self.top / "huge", "wb") as huge:
            huge.truncate(1 << 42)
        result = run("find_first", "--timeout", "0.3", "no such text", self.top)
        self.assert_status(result, 2)
        self.assertIn(b"the time was up", result.stderr)
        self.assertIn(b"deadline", result.stderr)

    def test_timeout_zero_searches_nothing(self):
        result = run("find_first", "--timeout", "0", WORD, self.top)
        self.assert_status(result, 2)
        self.assertIn(b"searched  0 files", result.stderr)

    def test_interrupt_stops_it(self):
        with open(self.top / "huge", "wb") as huge:
            huge.truncate(1 << 42)
        # The first picture of the forest: it is under way.
        process, first = self.begin("find_first", "--tree", "no such text", self.top, read="stderr")
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE_S)[1]
        self.assertIn(b"groups alive", first)
        self.assertIn(b"interrupted", rest)
        self.assertIn(b"event     shutdown", rest)
        self.assertEqual(process.returncode, 2)

    def test_tree_shows_the_groups(self):
        result = run("find_first", "--tree", WORD, self.top / "sub")
        self.assert_status(result, 0)
        self.assertRegex(result.stderr, rb"  find_first +running 1, pending 0, limit 32, event not set\n    sub  running")

    def test_progress_only_on_a_terminal(self):
        with open(self.top / "huge", "wb") as huge:
            huge.truncate(1 << 42)
        arguments = [PROGRAMS / "find_first", "--timeout", "1", "no such text", self.top]
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            process = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=theirs, timeout=PATIENCE_S)
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):  # how the end of a terminal reads
                while piece := terminal.read(4096):
                    shown += piece
        self.assertEqual(process.returncode, 2)
        self.assertIn(b"\r\x1b[K", shown)
        self.assertNotIn(b"\x1b", run(*arguments[:1], *arguments[1:]).stderr)

    def test_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([PROGRAMS / "find_first", WORD, self.top], stdout=full, stderr=subprocess.PIPE,
                                    timeout=PATIENCE_S)
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"standard output", result.stderr)

    def test_mistakes_are_refused(self):
        place = str(self.top)
        self.assert_refused("find_first", naming=["PATTERN"])
        self.assert_refused("find_first", "word", naming=["DIR"])
        self.assert_refused("find_first", "", place, naming=["PATTERN"])
        self.assert_refused("find_first", "--bogus", "word", place, naming=["--bogus"])
        for option, values in {"--limit": ("0", "-1", "x", "99999999999"),
                               "--timeout": ("-1", "nan", "inf", "soon")}.items():
            for value in values:
                with self.subTest(option=option, value=value):
                    self.assert_refused("find_first", option, value, "word", place, naming=[option, value])

    def test_bad_environment_is_refused(self):
        result = run("find_first", "word", self.top, env={**os.environ, "THREADGROUP_WORKERS": "many"})
        self.assert_status(result, 2)
        self.assertIn(b"THREADGROUP_WORKERS", result.stderr)
        self.assertIn(b"many", result.stderr)


class VerifyUsers(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.top / "home").mkdir()
        write(self.top / "plain_file")
        self.good = f"good:x:1:1:a comment:{self.top}/home:/bin/sh"
        self.no_home = f"homeless:x:2:2::{self.top}/missing:/bin/sh"
        self.no_shell = f"mute:x:3:3::{self.top}/home:{self.top}/plain_file"

    def verify(self, *lines, arguments=()):
        file = self.top / "accounts"
        file.write_text("\n".join(lines) + "\n")
        return run("verify_users", *arguments, file)

    def test_the_first_valid_one(self):
        result = self.verify(self.no_home, self.no_shell, self.good)
        self.assert_status(result, 0)
        self.assertRegex(result.stdout, rb"\Agood: valid, home .*/home, shell /bin/sh\n\Z")
        self.assertIn(b"condition_met", result.stderr)

    def test_one_of_many_valid_ones(self):
        result = self.verify(*(self.good.replace("good", f"user{i}") for i in range(5000)), arguments=("--limit", "2"))
        self.assert_status(result, 0)
        self.assertRegex(result.stdout, rb"\Auser\d+: valid")
        self.assertEqual(result.stdout.count(b"\n"), 1)

    def test_none_valid(self):
        result = self.verify(self.no_home, self.no_shell)
        self.assert_status(result, 1)
        self.assertEqual(result.stdout, b"")
        self.assert_status(self.verify(""), 1)

    def test_all_lists_in_order(self):
        no_directory = self.good.replace("good", "filed").replace("/home", "/plain_file")
        shell_is_directory = self.good.replace("good", "odd").replace("/bin/sh", "/bin")
        standard_shell = self.good.replace("good", "standard").replace("/bin/sh", "")
        result = self.verify(self.good, self.no_home, self.no_shell, no_directory, shell_is_directory, standard_shell,
                             arguments=("--all",))
        self.assert_status(result, 0)
        lines = result.stdout.splitlines()
        expected = (b"good: valid", b"homeless: home .*: No such file", b"mute: shell .*: Permission denied",
                    b"filed: home .*: Not a directory", b"odd: shell /bin: Permission denied",
                    b"standard: valid.* shell /bin/sh")
        self.assertEqual(len(lines), len(expected))
        for line, pattern in zip(lines, expected):
            self.assertRegex(line, b"^" + pattern)

    def test_malformed_lines_are_told_with_their_numbers(self):
        lines = ("too:few", "", self.good, "bad:x:one:1::/:/bin/sh", ":x:1:1::/:/bin/sh", "x:x:1::c:/:/bin/sh",
                 "a:x:1:1:::/bin/sh", self.good + ":more")
        result = self.verify(*lines)
        self.assert_status(result, 0)
        for number in (1, 4, 5, 6, 7, 8):
            self.assertIn(b"line %d: " % number, result.stderr)
        self.assertIn(b"1 accounts, 6 malformed lines", result.stderr)
        self.assert_status(self.verify(*lines, arguments=("--all",)), 2)
        self.assert_status(self.verify("too:few", self.no_home), 2)

    def test_timeout_zero_gives_up(self):
        for arguments in ((), ("--all",)):
            with self.subTest(arguments=arguments):
                result = self.verify(self.no_home, arguments=("--timeout", "0", *arguments))
                self.assertIn(result.returncode, (1, 2))
        self.assertIn(b"homeless: stopped", result.stdout)

    def test_the_machine_itself(self):
        result = run("verify_users", "--all")
        with open("/etc/passwd", "rb") as passwd:
            names = [line.split(b":")[0] for line in passwd.read().splitlines() if line.count(b":") == 6]
        self.assertEqual([line.split(b":")[0] for line in result.stdout.splitlines()], names)

    def test_mistakes_are_refused(self):
        self.assert_refused("verify_users", str(self.top / "missing"), naming=["missing", "No such file"])
        self.assert_refused("verify_users", str(self.top), naming=[str(self.top), "Is a directory"])
        self.assert_refused("verify_users", "--bogus", naming=["--bogus"])
        for option, value in (("--limit", "0"), ("--attempts", "0"), ("--attempts", "x"), ("--back-off", "-1"),
                              ("--timeout", "nan")):
            with self.subTest(option=option, value=value):
                self.assert_refused("verify_users", option, value, naming=[option, value])


class Fanout(ProgramTest):
    def figures(self, result, pattern):
        return [int(number) for number in re.search(pattern, result.stdout).groups()]

    def serve(self, *arguments):
        result = run("fanout", "--requests", "60", "--rate", "600", *arguments)
        self.assert_status(result, 0)
        return result

    def assert_adds_up(self, result, requests, replicas):
        answered, late = self.figures(result, rb"answered +(\d+), timed out (\d+)")
        self.assertEqual(answered + late, requests)
        ended = self.figures(result, rb"replicas +(\d+) finished, (\d+) stopped early, (\d+) never began")
        self.assertEqual(sum(ended), requests * replicas)
        self.assertGreaterEqual(ended[0], answered)
        return answered, late

    def test_every_request_is_answered(self):
        result = self.serve("--deadline-ms", "30000", "--replicas", "7")
        self.assertEqual(self.assert_adds_up(result, 60, 7), (60, 0))
        percentiles = self.figures(result, rb"p50 (\d+)  p90 (\d+)  p99 (\d+)  p99.9 (\d+)  max (\d+)")
        self.assertEqual(percentiles, sorted(percentiles))
        self.assertGreater(percentiles[0], 0)

    def test_deadlines_are_kept(self):
        result = self.serve("--deadline-ms", "0", "--replicas", "3")
        self.assertEqual(self.assert_adds_up(result, 60, 3), (0, 60))

    def test_slow_replicas_time_out(self):
        result = run("fanout", "--requests", "5", "--rate", "100", "--deadline-ms", "1", "--wait-us", "10000000",
                     "--replicas", "2")
        self.assert_status(result, 0)
        self.assertEqual(self.assert_adds_up(result, 5, 2)[1], 5)

    def test_load_is_measured(self):
        result = run("fanout", "--requests", "40", "--load", "30")
        self.assert_status(result, 0)
        self.assertRegex(result.stdout, rb"load +30 % of [\d.]+ requests/s")

    def test_background_works_beside_it(self):
        result = self.serve("--background", "2")
        units = float(re.search(rb"background +([\d.]+) units/s", result.stdout).group(1))
        self.assertGreater(units, 0)

    def test_interrupt_stops_it(self):
        process, first = self.begin("fanout", "--requests", "1000000", "--rate", "50", read="stdout")
        self.assertIn(b"rate", first)
        process.send_signal(signal.SIGTERM)
        self.assertIn(b"interrupted", process.communicate(timeout=PATIENCE_S)[1])
        self.assertEqual(process.returncode, 2)

    def test_mistakes_are_refused(self):
        self.assert_refused("fanout", "--rate", "100", "--load", "50", naming=["--rate", "--load"])
        self.assert_refused("fanout", "surplus", naming=["surplus"])
        for option, value in (("--requests", "0"), ("--requests", "x"), ("--rate", "0"), ("--rate", "nan"),
                              ("--load", "-5"), ("--replicas", "0"), ("--replicas", "100000"),
                              ("--deadline-ms", "-1"), ("--wait-us", "x"), ("--seed", "-1"),
                              ("--background", "-1")):
            with self.subTest(option=option, value=value):
                self.assert_refused("fanout", option, value, naming=[option, value])


class Help(ProgramTest):
    def test_help_shows_examples(self):
        for program in ("find_first", "verify_users", "fanout"):
            with self.subTest(program=program):
                result = run(program, "--help")
                self.assert_status(result, 0)
                self.assertIn(b"Examples:\n  " + program.encode(), result.stdout)
                self.assertIn(b"Exit status", result.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
