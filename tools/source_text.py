"""C++ files as the checks of this folder read them: code and comments apart, line by line."""

import dataclasses
import pathlib
import re

SUFFIXES = {".h", ".cpp"}

_TOKEN = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'",
    re.S,
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


@dataclasses.dataclass(frozen=True)
class Problem:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Source:
    """`code` has the comments and literals blanked, so that offsets and lines are those of the file."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.code, self._comments = self._split(text)
        self.code_lines = self.code.split("\n")
        self.comment_lines = self._comments.split("\n")

    @staticmethod
    def _split(text):
        code, comments, at = [], [], 0
        for match in _TOKEN.finditer(text):
            between, token = text[at : match.start()], match.group()
            code.append(between + _blank(token))
            is_comment = token.startswith(("//", "/*"))
            comments.append(_blank(between) + (token if is_comment else _blank(token)))
            at = match.end()
        code.append(text[at:])
        comments.append(_blank(text[at:]))
        return "".join(code), "".join(comments)

    def line_of(self, offset):
        """Counted from 0."""
        return self.text.count("\n", 0, offset)

    def comment(self, line):
        """The words of a line's comment, without its marks."""
        return self.comment_lines[line].strip().strip("/*").strip()

    def is_comment_only(self, line):
        return not self.code_lines[line].strip() and bool(self.comment_lines[line].strip())

    def is_empty(self, line):
        return not self.code_lines[line].strip() and not self.comment_lines[line].strip()

    def includes(self):
        """(line, spelling with its quotes or brackets) of each #include."""
        for number, line in enumerate(self.text.split("\n")):
            match = re.match(r'\s*#\s*include\s*([<"][^>"]+[>"])', line)
            if match:
                yield number, match.group(1)


def sources(root, folders):
    """All C++ files below the folders of a tree, with paths relative to it."""
    for folder in folders:
        for path in sorted((pathlib.Path(root) / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))


def self_test(check, cases):
    """Each case: (what it shows, {path: text}, part of the expected message or None). Exit code 0 if all hold."""
    import tempfile

    failed = 0
    for name, files, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                target = pathlib.Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            found = [str(problem) for problem in check(pathlib.Path(folder))]
        good = not found if expected is None else len(found) == 1 and expected in found[0]
        if not good:
            failed += 1
            print(f"self-test '{name}': expected {expected!r}, found {found}")
    print(f"self-test: {len(cases) - failed} of {len(cases)} cases as they should be")
    return 1 if failed else 0


def main(check, cases, description):
    import argparse
    import sys

    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--self-test", action="store_true", help="show that each kind of violation is caught")
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).resolve().parent.parent, type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.self_test:
        sys.exit(self_test(check, cases))
    if not (arguments.root / "core").is_dir():
        parser.error(f"root is '{arguments.root}', which has no folder core/")
    problems = check(arguments.root)
    for problem in problems:
        print(problem)
    name = pathlib.Path(sys.argv[0]).name
    print(f"{name}: {len(problems)} problems" if problems else f"{name}: nothing to object to")
    sys.exit(1 if problems else 0)
