"""The table of faults and of who caught them, as tools/mutate keeps it."""

import collections
import dataclasses
import os
import re

ROW = re.compile(r"^\| (?P<label>[^|]+?)(?: \((?P<number>\d+)\))? \| (?P<fault>[^|]+?) \| (?P<verdict>[^|]+?) \|$")
HEADING = re.compile(r"^## (\S+)$")
HEAD = """# Who catches which fault

Written by `tools/mutate --table tests/model/MUTANTS.md`; not by hand. Each labelled memory order of the core was weakened,
each store, change and wake left out, one at a time, and the model tests were run. An exchange that is left out says that
it has succeeded. "as X1": a second operation that refers to that label. A number in brackets: of several in one file.

"""


def read(path):
    """{key of a mutant: verdict}"""
    known, place = {}, None
    if not path.is_file():
        return known
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = HEADING.match(line)
        row = ROW.match(line)
        if heading:
            place = heading.group(1)
        elif row and place and row.group("label") != "order":
            number = int(row.group("number") or 1)
            verdict = row.group("verdict")
            known[row.group("label"), place, number, row.group("fault")] = verdict.split(" — ")[0]
    return known


def kind_of(mutant):
    if not mutant.verdict:
        return "not tried"
    kind = "not executed" if mutant.verdict.startswith("not executed") else mutant.verdict.split()[0].rstrip(",")
    return kind if kind == "caught" else f"{kind}, {'excused' if mutant.excuse else 'not excused'} at the place"


def totals(mutants):
    counted = collections.Counter(kind_of(one) for one in mutants)
    yield "| verdict | faults |\n|---|---:|\n"
    for kind, count in sorted(counted.items()):
        yield f"| {kind} | {count} |\n"
    yield f"| all | {len(mutants)} |\n"


def text_of(mutant):
    excused = mutant.verdict and not mutant.verdict.startswith("caught") and mutant.excuse
    return (mutant.verdict or "not tried") + (f" — {mutant.excuse}" if excused else "")


def write(path, mutants, known):
    told = [dataclasses.replace(one, verdict=known.get(one.key, "")) for one in mutants]
    by_path = collections.defaultdict(list)
    for mutant in told:
        by_path[mutant.path].append(mutant)
    parts = [HEAD, *totals(told)]
    for place, found in by_path.items():
        parts.append(f"\n## {place}\n\n| order | fault | verdict |\n|---|---|---|\n")
        parts += [f"| {one.name} | {one.fault} | {text_of(one)} |\n" for one in found]
    part = path.with_name(path.name + ".new")
    part.write_text("".join(parts), encoding="utf-8")
    os.replace(part, path)
