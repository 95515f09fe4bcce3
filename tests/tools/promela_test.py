"""tools/promela with models of a few lines: what it must not let pass."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROMELA = Path(__file__).resolve().parent.parent.parent / "tools" / "promela"

# Two threads count, each in one step [A2]; the fault does it in two.
COUNTS = """\
// BUG_two_steps (assertion): the number is read, and then written
byte count, ended;

active [2] proctype counter() {
#ifdef BUG_two_steps
  byte seen;
  seen = count;
  count = seen + 1;
#else
  count++;  // [A2]
#endif
  ended++;
  if
  :: ended == 2 -> assert(count == 2)
  :: else
  fi
}
"""
WAITS = """\
// BUG_silent (end state): nobody tells
bool told;

active proctype teller() {
#ifndef BUG_silent
  told = true
#else
  skip
#endif
}

active proctype listener() {
  told
}
"""


class Promela(unittest.TestCase):
    def check(self, *arguments, **models):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in models.items():
                ending = ".h" if name == "shared" else ".pml"
                (Path(folder) / (name + ending)).write_text(text)
            return subprocess.run([sys.executable, PROMELA, "--models", folder, *arguments], capture_output=True, text=True)

    def assert_refused(self, *told, **models):
        result = self.check(**models)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for text in told:
            self.assertIn(text, result.stdout)

    def test_models_that_hold_and_whose_faults_are_found(self):
        result = self.check(counts=COUNTS, waits=WAITS)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"\ncounts +\d+ +\d+ +[\d.]+  1 of 1\nwaits +\d+ +\d+ +[\d.]+  1 of 1\n\Z")

    def test_a_fault_that_is_not_found(self):
        harmless = COUNTS.replace("seen = count;", "atomic { seen = count;").replace("seen + 1;", "seen + 1 };")
        self.assert_refused("BUG_two_steps is not found", counts=harmless)

    def test_a_fault_that_is_found_in_another_way(self):
        self.assert_refused("BUG_two_steps is found in another way", "assertion violated",
                            counts=COUNTS.replace("(assertion)", "(end state)"))

    def test_a_model_without_a_fault(self):
        self.assert_refused("names no fault", plain="active proctype idle() { skip }\n")

    def test_a_fault_that_only_the_head_knows(self):
        self.assert_refused("names and does not use BUG_other", counts="// BUG_other (assertion): nothing\n" + COUNTS)

    def test_a_fault_that_the_head_does_not_know(self):
        self.assert_refused("uses and does not name BUG_other", counts=COUNTS + "#ifdef BUG_other\n#endif\n")

    def test_a_fault_of_a_shared_file_that_no_model_names(self):
        self.assert_refused("no model names BUG_shared", counts='#include "shared.h"\n' + COUNTS,
                            shared="#ifdef BUG_shared\n#endif\n")

    def test_a_model_that_does_not_hold(self):
        self.assert_refused("FAILED: assertion violated", "count = 3", counts=COUNTS.replace("count++", "count = 3"))
        self.assert_refused("FAILED: invalid end state", waits=WAITS.replace("told = true", "told = false"))

    def test_a_line_that_is_never_met(self):
        never = COUNTS.replace("ended == 2 ->", "ended == 3 -> assert(false)\n  :: ended == 2 ->")
        self.assert_refused("a full search does not meet", "line 14: assert0", counts=never)
        noted = never.replace("assert(false)", "assert(false)  // not met in this, counts")
        self.assertEqual(self.check(counts=noted).returncode, 0)

    def test_a_line_of_an_inline_that_one_use_of_it_meets(self):
        used_twice = COUNTS + """
inline tell() {
  if
  :: count == 0 -> ended = ended + 0
  :: else
  fi
}
active proctype early() { tell() }
active proctype late() { count == 2; tell() }
"""
        self.assertEqual(self.check(counts=used_twice).returncode, 0)

    def test_a_label_that_the_core_does_not_have(self):
        self.assert_refused("cites ZZ9", counts=COUNTS.replace("[A2]", "[ZZ9]"))

    def test_what_spin_does_not_understand(self):
        self.assert_refused("spin objects", counts=COUNTS + "proctype {\n")

    def test_the_steps_to_a_fault_are_shown(self):
        result = self.check("--only", "counts", "--show", "BUG_two_steps", counts=COUNTS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("[seen = count]", result.stdout)

    def test_mistakes_are_refused(self):
        for arguments in (("--only", "missing"), ("--show", "BUG_two_steps"), ("--bogus",)):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.check(*arguments, counts=COUNTS).returncode, 2)


if __name__ == "__main__":
    if shutil.which("spin") is None:
        print("spin is not installed: tools/setup full")
        sys.exit(77)  # ctest: skipped
    unittest.main(verbosity=2)
