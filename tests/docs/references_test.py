#!/usr/bin/env python3
"""The documents are readable, and what they refer to exists: files, linked or in `code`, and labels of memory orders."""

import pathlib
import re
import sys

LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
NAMED_FILE = re.compile(r"`((?:core|include|tests|bench|tools)/[\w./-]*)`")
LABEL = re.compile(r"\[([A-Z]{1,3}\d+)\](?!\()")
CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
DEFINITION = re.compile(r"\[([A-Z]{1,3}\d+)\]\s+(?:acquire|release|acq_rel|seq_cst)\b")


def documents(root):
    yield from (root / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))
    for folder in ("core", "bench", "tests", "tools"):
        yield from sorted((root / folder).rglob("*.md"))


def defined_labels(root):
    labels = set()
    for folder in ("core", "include"):
        for suffix in ("*.h", "*.cpp"):
            for path in (root / folder).rglob(suffix):
                labels.update(DEFINITION.findall(path.read_text(encoding="utf-8")))
    return labels


def problems_of(root, document, labels):
    text = CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))
    if not text.startswith("# "):
        yield "does not begin with a title"
    for target in LINK.findall(text):
        if "://" not in target and not (document.parent / target).exists():
            yield f"links to {target}, which does not exist"
    for name in NAMED_FILE.findall(text):
        if not (root / name).exists():
            yield f"names {name}, which does not exist"
    for label in sorted(set(LABEL.findall(text)) - labels):
        yield f"cites [{label}], which no operation in core/ or include/ carries"


def main():
    if len(sys.argv) != 2:
        print("usage: references_test.py ROOT", file=sys.stderr)
        return 2
    root = pathlib.Path(sys.argv[1])
    labels = defined_labels(root)
    found = [
        f"{document.relative_to(root)}: {problem}"
        for document in documents(root)
        for problem in problems_of(root, document, labels)
    ]
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(labels)} labels known, {len(found)} broken references")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
