#!/usr/bin/env python3
"""What tools/mutate makes of the sources, and that its table says again what was written to it."""

import pathlib
import sys
import tempfile
import types
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import mutant_table
import mutants


def mutant(fault="seq_cst → relaxed", number=1, label="X1", excuses=None, verdict=""):
    return mutants.Mutant(label, "core/a/b.h", 7, number, fault, "relaxed/relaxed@0x1", frozenset({1}), excuses or {}, verdict)


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
            self.assertEqual(mutant_table.read(path), {})
            mutant_table.write(path, all_of_them, known)
            text = path.read_text(encoding="utf-8")
            read = mutant_table.read(path)
        self.assertEqual({key: verdict for key, verdict in read.items() if verdict != "not tried"}, known)
        self.assertIn("| not tried | 1 |", text)
        self.assertIn("| survived, excused at the place | 1 |", text)
        self.assertIn("could be left out: d", text)


if __name__ == "__main__":
    unittest.main()
