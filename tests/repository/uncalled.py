#!/usr/bin/env python3
"""Finds functions that the program does not need: those that only tests call, or nobody.

Usage: uncalled.py BUILD_DIRECTORY   (from the project's directory, after a build of the program
that puts every function into a section of its own and inlines none: preset `sections`)
The program is linked once more without the sections that nothing reaches, and the linker says what
it has dropped. A function may be listed in uncalled.txt, with the reason why it stays; a line there
that is not needed is an offence too. Exit code 1 if there is any.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

LISTED = pathlib.Path("tests/repository/uncalled.txt")
# `removing unused section '.text.NAME' in file 'FILE'`. A function of a header is in a group, which
# is written `.text.NAME[NAME]`: the program has one from each file, and all but one are dropped.
DROPPED = re.compile(r"removing unused section '\.text\.([\w.$]+)' in file '([^']+)'")


def link_command(build):
    commands = subprocess.run(
        ["ninja", "-C", build, "-t", "commands", "hhgrid"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return commands[-1]


def dropped_symbols(command, directory):
    """Symbols of functions that a link by `command` can do without, of our own object files."""
    with tempfile.TemporaryDirectory() as folder:
        words = shlex.split(command)
        words = [word for word in words if word not in (":", "&&")]
        words[words.index("-o") + 1] = folder + "/program"
        words[1:1] = ["-Wl,--gc-sections", "-Wl,--print-gc-sections"]
        told = subprocess.run(words, check=True, capture_output=True, text=True, cwd=directory)
    return [
        symbol
        for symbol, file in DROPPED.findall(told.stdout + told.stderr)
        if not file.startswith("/") and "_schema" not in file
    ]


def names_of(symbols):
    """Qualified names without parameters, of the project's own functions; lambdas are part of theirs."""
    listing = subprocess.run(
        ["c++filt"], input="\n".join(symbols), check=True, capture_output=True, text=True
    ).stdout
    names = set()
    for line in listing.splitlines():
        name = name_of(line)
        if name:
            names.add(name)
    return names


def name_of(signature):
    """`a::(anonymous namespace)::f<int>(long)` -> `a::f<int>`; None if it is not the project's."""
    text = signature.replace("(anonymous namespace)::", "").replace("[abi:cxx11]", "")
    if "{lambda" in text:
        return None
    name = without_return_type(text.split("(", 1)[0])
    # A class with virtual functions has several destructors; the compiler calls those it needs.
    return name if name.startswith("hhgrid::") and "~" not in name else None


def without_return_type(head):
    """A template's signature begins with its return type: `std::optional<int> a::f<int>`."""
    depth, begin = 0, 0
    for at, letter in enumerate(head):
        depth += (letter == "<") - (letter == ">")
        if letter == " " and depth == 0:
            begin = at + 1
    return head[begin:]


def listed_names(text):
    """{name: reason}; a line is `name: reason`, or a comment."""
    listed = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, reason = re.fullmatch(r"(.*?):(?:\s+(.*))?", line).groups("")
            listed[name] = reason
    return listed


def offences(names, listed):
    for name in sorted(names - set(listed)):
        yield f"{name}: only tests call it, or nobody; delete it, or give the reason in {LISTED}"
    for name, reason in sorted(listed.items()):
        if name not in names:
            yield f"{LISTED}: {name} is called, or is not there any more; delete the line"
        elif not reason:
            yield f"{LISTED}: {name} has no reason"


def main(build):
    build = pathlib.Path(build)
    names = names_of(dropped_symbols(link_command(build), build))
    found = list(offences(names, listed_names(LISTED.read_text(encoding="utf-8"))))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
