"""The two programs that the tests of this folder run, as their command lines name them."""

import sys
import unittest

TGTRACE = ""
DEMO_SCENE = ""


def main(doc):
    """Runs the tests of the calling script; `doc` is its description, with a line "usage: ..."."""
    global TGTRACE, DEMO_SCENE
    if "-h" in sys.argv or "--help" in sys.argv:
        print(doc)
        sys.exit()
    if len(sys.argv) != 3:
        sys.exit("usage: " + doc.partition("usage: ")[2].splitlines()[0])
    TGTRACE, DEMO_SCENE = sys.argv[1:]
    unittest.main(module="__main__", argv=sys.argv[:1])
