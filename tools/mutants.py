"""The faults that tools/mutate tries: which there are, where the program has them, what their places say about them."""

import collections
import dataclasses
import hashlib
import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys

import source_text

ROOT = pathlib.Path(__file__).resolve().parent.parent
WEAKER = {
    "load": {"seq_cst": ["relaxed", "acquire"], "acquire": ["relaxed"]},
    "store": {"seq_cst": ["relaxed", "release"], "release": ["relaxed"]},
    "change": {
        "seq_cst": ["relaxed", "acquire", "release", "acq_rel"],
        "acq_rel": ["relaxed", "acquire", "release"],
        "acquire": ["relaxed"],
        "release": ["relaxed"],
    },
}
LEFT_OUT = "left out"
HOOK = re.compile(r"<__tsan_atomic\d+_(load|store|exchange|fetch_\w+|compare_exchange)\w*>")
WAKE = re.compile(r"<_ZN2tg2os\d+futex_wake_\w+>")
WAKE_IN_SOURCE = re.compile(r"\bfutex_wake_\w+\s*\(")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(.*)$")
CALL = re.compile(r"(?:callq?|bl)\s")  # of x86-64, of arm64
# What a comment at the place says about a fault that no test notices: a sentence, or a part of one between semicolons.
EXCUSES = {
    "weaker": re.compile(r"\b(?:weaker would do|beyond the model)\b", re.I),
    "left out": re.compile(r"\bcould be left out\b", re.I),
    "not executed": re.compile(r"\bnot in the model\b", re.I),
}


@dataclasses.dataclass
class Mutant:
    label: str
    path: str
    line: int
    number: int  # of the operations with that label in that file
    fault: str  # as it is told
    given: str  # as the program takes it
    offsets: frozenset
    excuses: dict
    statement: str  # a short hash of its text
    verdict: str = ""

    @property
    def key(self):
        return self.label, self.path, self.number, self.fault

    @property
    def name(self):
        return self.label + (f" ({self.number})" if self.number > 1 else "")

    @property
    def is_step(self):
        return self.fault == LEFT_OUT

    @property
    def place(self):
        return self.label, self.path, self.number

    @property
    def excuse(self):
        """What the place says about the verdict, or None."""
        if self.verdict.startswith(("undecided", "changed")):
            return None
        if self.verdict.startswith("not executed"):
            return next(iter(self.excuses.get("not executed", [])), None)
        if self.is_step:
            return next(iter(self.excuses.get("left out", [])), None)
        of_failure = "failure" in self.fault
        return next((one for one in self.excuses.get("weaker", []) if ("fail" in one) == of_failure), None)


def allows_all_of(one, other):
    """Whether an order at a place leaves open whatever the other one does."""
    if one.is_step or other.is_step or ("failure" in one.fault) != ("failure" in other.fault):
        return False
    weak, strong = (fault.rpartition(" ")[2] for fault in (one.fault, other.fault))
    return weak == "relaxed" or (weak in ("acquire", "release") and strong == "acq_rel")


def load_check_orderings():
    loader = importlib.machinery.SourceFileLoader("check_orderings", str(ROOT / "tools" / "check_orderings"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def disassembled(program):
    return subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", program], check=True, capture_output=True, text=True
    ).stdout


def calls(text):
    """(kind, offset of what follows) of each call of a hook, in what objdump says."""
    kind = None
    for line in text.splitlines():
        match = INSTRUCTION.match(line)
        if not match:
            continue
        if kind:
            yield kind, int(match.group(1), 16)
        kind = None
        if CALL.match(match.group(2)):
            hook = HOOK.search(line)
            kind = hook.group(1) if hook else "wake" if WAKE.search(line) else None


def project_line(frames):
    """The innermost frame in the sources that are mutated, as (path, line)."""
    for frame in frames:
        match = re.search(r"/((?:core|include/threadgroup)/[^:]*):(\d+)", frame)
        if match and "/stand_in/" not in frame and not match.group(1).endswith("detail/atomic.h"):
            return match.group(1), int(match.group(2))
    return None


def sites_by_line(program):
    """path -> line -> [(kind, offset)]"""
    found = list(calls(disassembled(program)))
    if not found:
        sys.exit(f"mutate: {program} calls no hook: it is not the model tests, or its instructions are unknown here")
    given = "\n".join(hex(offset - 1) for _, offset in found)
    text = subprocess.run(
        ["addr2line", "-a", "-i", "-e", program], check=True, capture_output=True, text=True, input=given
    ).stdout
    blocks = re.split(r"^0x[0-9a-f]+\n", text, flags=re.M)[1:]
    sites = collections.defaultdict(lambda: collections.defaultdict(list))
    for site, block in zip(found, blocks):
        where = project_line(block.splitlines())
        if where:
            sites[where[0]][where[1]].append(site)
    return sites


def hook_kind(name):
    return "compare_exchange" if name.startswith("compare") else name


def label_of(orderings, comment):
    defined = [match.group(1) for match in orderings.DEFINITION.finditer(comment)]
    same = orderings.AS.search(comment)
    if defined:
        return defined[0]
    return "as " + re.sub(r"[\[\]]", "", same.group(1)) if same else "?"


def excuses_in(comment):
    parts = [part.strip() for part in re.split(r"[.;](?:\s|$)", comment)]
    found = {kind: [part for part in parts if pattern.search(part)] for kind, pattern in EXCUSES.items()}
    return {kind: told for kind, told in found.items() if told}


def head_of(source):
    """The comments that the file and its header begin with."""
    header = ROOT / source.path.replace(".cpp", ".h")
    lines = []
    for at in [source, source_text.Source(source.path, header.read_text(encoding="utf-8"))] if header.is_file() else [source]:
        end = next((line for line in range(len(at.code_lines)) if not at.is_comment_only(line)), 0)
        lines += [at.comment(line) for line in range(end)]
    return " ".join(lines)


def faults_of(operation):
    """(what is told, what the program is given)."""
    kind = operation.name if operation.name in ("load", "store") else "change"
    success = operation.orders[0]
    failure = operation.orders[1] if len(operation.orders) > 1 else "relaxed"
    for weaker in WEAKER[kind].get(success, []):
        yield f"{success} → {weaker}", f"{weaker}/{failure}"
    if len(operation.orders) > 1:
        for weaker in WEAKER["load"].get(failure, []):
            yield f"failure {failure} → {weaker}", f"{success}/{weaker}"
    if operation.name != "load":
        yield LEFT_OUT, "drop"


def offsets_for(sites, kind, first_line, last_line):
    return frozenset(
        offset
        for line in range(first_line, last_line + 1)
        for found, offset in sites.get(line, [])
        if found == kind
    )


def statement_of(source, first_line, last_line):
    """A short hash of what the lines say: other spaces and comments do not change it."""
    code = re.sub(r"\s+", "", "".join(source.code_lines[first_line : last_line + 1]))
    return hashlib.sha256(code.encode()).hexdigest()[:6]


def operations_of(orderings, source, sites):
    """(label, line, offsets, comment, statement, faults) in the order of the source."""
    for operation in orderings.operations(source):
        if operation.orders and set(operation.orders) != {"relaxed"}:
            comment = orderings.comment_of(source, operation)
            offsets = offsets_for(sites, hook_kind(operation.name), operation.first_line + 1, operation.last_line + 1)
            statement = statement_of(source, operation.first_line, operation.last_line)
            yield label_of(orderings, comment), operation.line + 1, offsets, comment, statement, list(faults_of(operation))
    for line, code in enumerate(source.code_lines):
        if WAKE_IN_SOURCE.search(code):
            block = orderings.block_above(source, line)
            comment = " ".join(source.comment(at) for at in [*block, line] if source.comment(at))
            offsets = offsets_for(sites, "wake", line + 1, line + 1)
            yield "wake", line + 1, offsets, comment, statement_of(source, line, line), [(LEFT_OUT, "drop")]


def mutants(program, wanted):
    """All faults whose '[LABEL] path:line fault' is wanted; without a program: of no place in one."""
    orderings = load_check_orderings()
    sites = sites_by_line(program) if program else {}
    for source in source_text.sources(ROOT, ["core", "include"]):
        if source.path.startswith("core/os/") or source.path == orderings.RAW_HOME:
            continue
        numbers = collections.Counter()
        head = excuses_in(head_of(source))
        found = list(operations_of(orderings, source, sites.get(source.path, {})))
        for label, line, offsets, comment, statement, faults in sorted(found, key=lambda one: one[1]):
            numbers[label] += 1
            excuses = {**head, **excuses_in(comment)}
            for fault, order in faults:
                given = f"{order}@{','.join(hex(offset) for offset in sorted(offsets))}" if offsets else ""
                mutant = Mutant(label, source.path, line, numbers[label], fault, given, offsets, excuses, statement)
                if wanted.search(f"[{mutant.name}] {mutant.path}:{line} {fault}"):
                    yield mutant
