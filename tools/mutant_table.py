"""The table of faults and of who caught them, as tools/mutate keeps it."""

import collections
import dataclasses
import os
import re

ROW = re.compile(
    r"^\| (?P<label>[^|]+?)(?: \((?P<number>\d+)\))? \| (?P<fault>[^|]+?) \| (?P<statement>[^|]+?) \| (?P<verdict>[^|]+?) \|$"
)
CHANGED = "changed since: "
HEADING = re.compile(r"^## (\S+)$")
HEAD = """# Who catches which fault

Written by `tools/mutate --table tests/model/MUTANTS.md`; not by hand. Each labelled memory order of the core was weakened,
each store, change and wake left out, one at a time, and the model tests were run. An exchange that is left out says that
it has succeeded. "as X1": a second operation that refers to that label. A number in brackets: of several in one file. The
third column is a hash of the statement: the verdict of another statement is tried again.

"""


def rows(path):
    """{key of a mutant: (hash of its statement, verdict)}"""
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
            told = row.group("statement"), row.group("verdict").split(" — ")[0]
            known[row.group("label"), place, number, row.group("fault")] = told
    return known


def read(path, mutants):
    """{key of a mutant: verdict}; where the statement is another one, the verdict says so first."""
    known = rows(path)
    return {
        one.key: verdict if statement == one.statement or verdict.startswith(CHANGED) else CHANGED + verdict
        for one in mutants
        if one.key in known
        for statement, verdict in [known[one.key]]
    }


def differences(path, mutants):
    """What the table does not say, or not of these."""
    wanted, known = {one.key: one for one in mutants}, rows(path)
    name = lambda key: f"{key[1]}: [{key[0]}]" + (f" ({key[2]})" if key[2] > 1 else "") + f" {key[3]}"
    for key, verdict in read(path, mutants).items():
        if verdict.startswith((CHANGED, "not tried", "undecided")):
            yield f"{name(key)}: {'the statement is another one now' if verdict.startswith(CHANGED) else verdict}"
    yield from (f"{name(key)}: is not in the table" for key in wanted if key not in known)
    yield from (f"{name(key)}: is in the table, and no more in the sources" for key in known if key not in wanted)


def kind_of(mutant):
    if not mutant.verdict:
        return "not tried"
    if mutant.verdict.startswith(CHANGED):
        return "changed since, to be tried again"
    kind = "not executed" if mutant.verdict.startswith("not executed") else mutant.verdict.split()[0].rstrip(",:")
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
        parts.append(f"\n## {place}\n\n| order | fault | statement | verdict |\n|---|---|---|---|\n")
        parts += [f"| {one.name} | {one.fault} | {one.statement} | {text_of(one)} |\n" for one in found]
    part = path.with_name(path.name + ".new")
    part.write_text("".join(parts), encoding="utf-8")
    os.replace(part, path)
