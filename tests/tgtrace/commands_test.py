#!/usr/bin/env python3
"""tgtrace, run as a program: what it prints and writes of a trace, and how it refuses what is none.

usage: commands_test.py TGTRACE DEMO_SCENE
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import programs


def run(*arguments):
    return subprocess.run([programs.TGTRACE, *map(str, arguments)], capture_output=True, text=True, timeout=60)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.trace = self.folder / "demo.tgtrace"
        subprocess.run([programs.DEMO_SCENE, self.trace], check=True, timeout=60)

    def written(self, *arguments):
        out = self.folder / "out"
        done = run(*[out if one is ... else one for one in arguments])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return out.read_bytes()

    def test_report_as_text(self):
        done = run("report", self.trace, "--slowest", "12")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for part in ["lost: nothing", "service / request 1", "critical path of 'service'", "why late: the 12 tasks",
                     "blocked in join of 'request", "queued behind its own limit (3)", "44 added, 42 run (0 failed), 2 skipped"]:
            self.assertIn(part, done.stdout)

    def test_report_as_json(self):
        done = run("report", self.trace, "--json", "--slowest", "3")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)
        self.assertEqual(report["whole"]["tasks"]["run"], 42)
        self.assertEqual(len(report["slowest"]), 3)
        stopped = next(group for group in report["groups"] if group["name"] == "stopped by deadline")
        self.assertEqual(stopped["wake_ns"], {"samples": 3, "p50": 180000, "p90": 270000, "p99": 270000,
                                              "p99.9": 270000, "max": 270000, "total": 540000})
        path = report["critical_paths"][0]
        self.assertEqual(sum(path["sums_ns"].values()), path["length_ns"])

    def test_html_needs_no_network(self):
        page = self.written("html", self.trace, "-o", ...).decode()
        self.assertIn("request 1", page)
        self.assertNotIn("@SCRIPT@", page)
        for foreign in ["http://", "https://", "src=", "@import", "url("]:
            self.assertNotIn(foreign, page.replace("http://www.w3.org/2000/svg", ""))

    def test_exports(self):
        events = json.loads(self.written("export", self.trace, "--chrome", ...))["traceEvents"]
        self.assertGreater(len(events), 100)
        self.assertGreater(len(self.written("export", self.trace, "--perfetto", ...)), 1000)

    def test_refusals_name_the_file_and_the_fault(self):
        foreign = self.folder / "foreign"
        foreign.write_text("something else entirely")
        for arguments, said in [(["report", foreign], f"{foreign}: not a trace: it begins with 'somethin'"),
                                (["report", self.folder], f"{self.folder}: not a regular file"),
                                (["html", self.folder / "none", "-o", "-"], "No such file or directory"),
                                (["export", self.trace, "--chrome", "/nowhere/out"], "/nowhere/out: No such file"),
                                (["export", self.trace], "--perfetto"),
                                (["reprot", self.trace], "reprot"),
                                ([], "Subcommands:"),
                                (["report", self.trace, "--slowest", "-1"], "'-1' is not a number")]:
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_a_cut_file_is_read_and_said_to_be_cut(self):
        whole = self.trace.read_bytes()
        self.trace.write_bytes(whole[: len(whole) * 2 // 3])
        done = run("report", self.trace)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("the file is cut", done.stdout)
        self.assertIn("~", done.stdout)


if __name__ == "__main__":
    programs.main(__doc__)
