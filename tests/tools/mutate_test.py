#!/usr/bin/env python3
"""What tools/mutate makes of the sources and of what a test does, and that its table says again what was written to it."""

import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import mutant_runs
import mutant_table
import mutants
import source_text

MUTATE = pathlib.Path(__file__).resolve().parents[2] / "tools/mutate"


def mutant(fault="seq_cst → relaxed", number=1, label="X1", excuses=None, verdict="", statement="abcdef"):
    return mutants.Mutant(
        label, "core/a/b.h", 7, number, fault, "relaxed/relaxed@0x1", frozenset({1}), excuses or {}, statement, verdict
    )


def operation(name, *orders):
    return types.SimpleNamespace(name=name, orders=list(orders))


class Faults(unittest.TestCase):
    def test_every_weaker_order_is_one(self):
        told = [fault for fault, _ in mutants.faults_of(operation("fetch_add", "seq_cst"))]
        self.assertEqual(told, ["seq_cst → relaxed", "seq_cst → acquire", "seq_cst → release", "seq_cst → acq_rel", "left out"])

    def test_a_load_is_not_left_out(self):
        self.assertEqual(list(mutants.faults_of(operation("load", "acquire"))), [("acquire → relaxed", "relaxed/relaxed")])

    def test_the_order_of_a_failure_is_one_of_its_own(self):
        told = dict(mutants.faults_of(operation("compare_exchange", "release", "acquire")))
        self.assertEqual(told["failure acquire → relaxed"], "release/relaxed")
        self.assertEqual(told["release → relaxed"], "relaxed/acquire")

    def test_what_a_weaker_order_survives_a_stronger_one_does(self):
        relaxed, acquire, release = (mutant(f"seq_cst → {to}") for to in ("relaxed", "acquire", "release"))
        self.assertTrue(mutants.allows_all_of(relaxed, acquire))
        self.assertTrue(mutants.allows_all_of(release, mutant("seq_cst → acq_rel")))
        self.assertFalse(mutants.allows_all_of(acquire, release))
        self.assertFalse(mutants.allows_all_of(relaxed, mutant("left out")))
        self.assertFalse(mutants.allows_all_of(relaxed, mutant("failure seq_cst → acquire")))


class Places(unittest.TestCase):
    def test_calls_are_found_on_x86_64(self):
        text = (
            "  401000:\tcall   402000 <__tsan_atomic64_fetch_add>\n  401005:\tcall   402010 <_ZN2tg2os14futex_wake_allE>\n"
            "  40100a:\tcall   402020 <free>\n  40100f:\tmov    %rax,%rbx\n"
        )
        self.assertEqual(list(mutants.calls(text)), [("fetch_add", 0x401005), ("wake", 0x40100A)])

    def test_calls_are_found_on_arm64(self):
        text = "  401000:\tbl\t402000 <__tsan_atomic32_load>\n  401004:\tblr\tx1\n  401008:\tble\t402000 <__tsan_atomic32_load>\n"
        self.assertEqual(list(mutants.calls(text)), [("load", 0x401004)])

    def test_a_statement_is_known_by_its_code_alone(self):
        first, same, other = (
            mutants.statement_of(source_text.Source("a.h", text), 0, 1)
            for text in ("x.store(1,\n  base::release);", "x.store(1,  // why\nbase::release );", "x.store(2,\n base::release);")
        )
        self.assertEqual(first, same)
        self.assertNotEqual(first, other)


class Runs(unittest.TestCase):
    def verdict(self, *script, first=None, shares=(1,)):
        """Of a program that is a script in the place of the model tests."""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program"
            lines = ("#!/bin/sh", 'case "$*" in *list_tests*) printf "suite.\\n  test\\n"; exit 0;; esac', *script)
            program.write_text("\n".join(lines), encoding="utf-8")
            program.chmod(0o755)
            tests = mutant_runs.Tests(str(program), "")
            tests.explores, tests.comes_by, tests.cost = {"suite.test": {1}}, {"suite.test": set()}, {"suite.test": 0.1}
            return tests.verdict(mutant(), list(shares), None, first)

    def test_a_failed_test_has_caught_it(self):
        self.assertEqual(self.verdict('echo "[  FAILED  ] suite.test"', "exit 1"), "caught by `suite.test`")

    def test_a_crash_has_caught_it(self):
        self.assertEqual(self.verdict("kill -SEGV $$"), "caught by `suite.test`, signal 11")

    def test_who_uses_up_its_time_has_caught_it(self):
        self.assertEqual(self.verdict("kill -XCPU $$"), "caught by `suite.test`, which does not end")

    def test_a_kill_from_outside_decides_nothing(self):
        self.assertEqual(self.verdict("kill -KILL $$"), "undecided: `suite.test` was ended from outside, signal 9")
        self.assertIsNone(mutant(excuses={"weaker": ["weaker would do"]}, verdict="undecided: `suite.test`").excuse)

    def test_who_has_caught_it_before_runs_more_schedules(self):
        seldom = ('if [ "$TG_MODEL_SHARE" = 4 ]; then echo "[  FAILED  ] suite.test"; exit 1; fi',)
        self.assertEqual(self.verdict(*seldom, shares=[0.2]), "survived 0.2 of the schedules of 1 tests")
        self.assertEqual(self.verdict(*seldom, shares=[0.2], first="suite.test"), "caught by `suite.test`")

    def test_what_is_not_noticed_survives(self):
        self.assertEqual(self.verdict("exit 0"), "survived 1 of the schedules of 1 tests")


class Arguments(unittest.TestCase):
    def mutate(self, *arguments):
        return subprocess.run([sys.executable, str(MUTATE), *arguments], capture_output=True, text=True)

    def test_a_program_without_hooks_is_refused(self):
        done = self.mutate("--program", "/bin/true")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("calls no hook", done.stderr)

    def test_an_old_table_is_refused_and_what_to_do_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.mutate("--compare", "--table", f"{folder}/TABLE.md")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("is not in the table", done.stdout)
        self.assertIn(f"tools/mutate --table {folder}/TABLE.md", done.stderr)


class Excuses(unittest.TestCase):
    COMMENT = "[X1] seq_cst: a; pairs with [X2]. Weaker would do: b, c. Of a failure, beyond the model: d. Could be left out"

    def test_each_kind_of_fault_has_its_own(self):
        found = mutants.excuses_in(self.COMMENT)
        self.assertEqual(mutant(excuses=found, verdict="survived 1 of").excuse, "Weaker would do: b, c")
        self.assertEqual(mutant("left out", excuses=found, verdict="survived 1 of").excuse, "Could be left out")
        self.assertIsNone(mutant(excuses=found, verdict="not executed").excuse)

    def test_the_order_of_a_failure_has_its_own(self):
        found = mutants.excuses_in(self.COMMENT)
        failure = mutant("failure seq_cst → relaxed", excuses=found, verdict="survived 1 of")
        self.assertEqual(failure.excuse, "Of a failure, beyond the model: d")
        self.assertIsNone(mutant("failure seq_cst → relaxed", excuses=mutants.excuses_in("weaker would do: b")).excuse)


class Table(unittest.TestCase):
    def test_what_was_written_is_read(self):
        known = {
            ("X1", "core/a/b.h", 1, "seq_cst → relaxed"): "caught by `suite.test`",
            ("as X1", "core/a/b.h", 2, "left out"): "survived 0.2 of the schedules of 3 tests",
        }
        all_of_them = [
            mutant(),
            mutant("left out", 2, "as X1", {"left out": ["could be left out: d"]}),
            mutant("seq_cst → acquire"),
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "TABLE.md"
            self.assertEqual(mutant_table.read(path, all_of_them), {})
            mutant_table.write(path, all_of_them, known)
            text = path.read_text(encoding="utf-8")
            read = mutant_table.read(path, all_of_them)
        self.assertEqual({key: verdict for key, verdict in read.items() if verdict != "not tried"}, known)
        self.assertIn("| not tried | 1 |", text)
        self.assertIn("| survived, excused at the place | 1 |", text)
        self.assertIn("could be left out: d", text)

    def test_another_statement_is_tried_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "TABLE.md"
            mutant_table.write(path, [mutant()], {mutant().key: "caught by `suite.test`"})
            self.assertEqual(list(mutant_table.differences(path, [mutant()])), [])
            changed = [mutant(statement="fedcba")]
            self.assertEqual(mutant_table.read(path, changed), {mutant().key: "changed since: caught by `suite.test`"})
            self.assertEqual(len(list(mutant_table.differences(path, changed))), 1)
            # As long as it was not tried again, the table says so itself.
            mutant_table.write(path, changed, mutant_table.read(path, changed))
            self.assertEqual(mutant_table.read(path, changed), {mutant().key: "changed since: caught by `suite.test`"})

    def test_rows_that_are_missing_or_of_nothing_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "TABLE.md"
            mutant_table.write(path, [mutant()], {mutant().key: "caught by `suite.test`"})
            self.assertEqual(
                list(mutant_table.differences(path, [mutant("left out")])),
                [
                    "core/a/b.h: [X1] left out: is not in the table",
                    "core/a/b.h: [X1] seq_cst → relaxed: is in the table, and no more in the sources",
                ],
            )


if __name__ == "__main__":
    unittest.main()
