#!/usr/bin/env python3
"""The README's table of waits has a row for each call of futex_wait in core/, file by file."""

import collections
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CALL = re.compile(r"os::futex_wait(?:_shared)?\(")
ROW = re.compile(r"^\| [^|]+ \| `(core/[^`]+)` \| [^|]+ \|$")


def calls():
    found = collections.Counter()
    for source in sorted((ROOT / "core").rglob("*")):
        if source.suffix in (".h", ".cpp"):
            count = len(CALL.findall(source.read_text(encoding="utf-8")))
            if count:
                found[str(source.relative_to(ROOT))] = count
    return found


def rows():
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    return collections.Counter(match[1] for match in map(ROW.match, lines) if match)


def main():
    called, listed = calls(), rows()
    for path in sorted(called.keys() | listed.keys()):
        if called[path] != listed[path]:
            print(f"{path}: {called[path]} waits, {listed[path]} rows in tests/faults/README.md")
    return 0 if called and called == listed else 1


if __name__ == "__main__":
    sys.exit(main())
