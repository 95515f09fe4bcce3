#!/usr/bin/env python3
"""Compiles every C++ block of a Markdown file. Blocks with a main are linked with the library and run."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROLOGUE = pathlib.Path(__file__).resolve().parent / "fragment_prologue.h"
COMPILE_SECONDS = 200
RUN_SECONDS = 60


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", default="", help="more options for the compiler")
    parser.add_argument("--include", required=True, help="where threadgroup/ is")
    parser.add_argument("--library", required=True, help="libthreadgroup, shared or static")
    parser.add_argument("--link", action="append", default=[], help="further libraries, for a static one")
    parser.add_argument("document", type=pathlib.Path)
    return parser.parse_args()


def blocks_of(document):
    """(line of the block's first line, its text) of each block."""
    text = document.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield text.count("\n", 0, match.start(1)) + 1, match.group(1)


def is_program(code):
    return re.search(r"\bint main\(", code) is not None


def located(code, line, document):
    return f'#line {line} "{document.name}"\n{code}'


def fragments_as_source(fragments, document):
    """One translation unit, because the headers take longer than the fragments."""
    functions = (f"void fragment_{line}() {{\n{located(code, line, document)}}}\n" for line, code in fragments)
    return f'#include "{PROLOGUE}"\n' + "".join(functions)


def compiler_command(options, program):
    command = [options.compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", *options.flags.split()]
    if not program:
        # A fragment ends where its point is made.
        command += ["-Wno-unused-variable", "-Wno-unused-but-set-variable"]
    if options.library.endswith(".a"):
        command.append("-DTHREADGROUP_STATIC")
    return command + [f"-I{options.include}", "-pthread"]


def link_arguments(options):
    library = pathlib.Path(options.library).resolve()
    return [str(library), *options.link, f"-Wl,-rpath,{library.parent}"]


def failure_of(command, seconds):
    """What went wrong, or None."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"did not end within {seconds} s"
    if done.returncode == 0:
        return None
    return f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


def program_failure(options, code, line, folder):
    source, program = folder / f"program_{line}.cpp", folder / f"program_{line}"
    source.write_text(located(code, line, options.document), encoding="utf-8")
    command = [*compiler_command(options, True), str(source), "-o", str(program), *link_arguments(options)]
    return failure_of(command, COMPILE_SECONDS) or failure_of([str(program)], RUN_SECONDS)


def fragments_failure(options, fragments, folder):
    source = folder / "fragments.cpp"
    source.write_text(fragments_as_source(fragments, options.document), encoding="utf-8")
    return failure_of([*compiler_command(options, False), "-fsyntax-only", str(source)], COMPILE_SECONDS)


def main():
    options = read_arguments()
    blocks = list(blocks_of(options.document))
    programs = [block for block in blocks if is_program(block[1])]
    fragments = [block for block in blocks if not is_program(block[1])]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        failures = [program_failure(options, code, line, folder) for line, code in programs]
        failures.append(fragments_failure(options, fragments, folder))
    if not programs:
        failures.append("no complete program was found")
    failures = [f"{options.document.name}: {what}" for what in failures if what]
    for what in failures:
        print(what, file=sys.stderr)
    print(f"{len(programs)} programs compiled and run, {len(fragments)} fragments compiled, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
