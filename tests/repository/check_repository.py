#!/usr/bin/env python3
"""Checks what a compiler cannot: the direction of includes and the length of files.

Usage: check_repository.py PROJECT_DIRECTORY. Prints one line per offence; exit code 1 if there is one.
"""

import pathlib
import re
import sys

LINES_MAX = 400

# Folder -> folders that it may include. Downwards only: app -> net -> actors -> storage -> core;
# config stands beside core, so neither knows the other.
MAY_INCLUDE = {
    "core": {"core"},
    "config": {"config"},
    "storage": {"storage", "core", "config"},
    "actors": {"actors", "storage", "core", "config"},
    "net": {"net", "actors", "storage", "core", "config"},
    "bench": {"bench", "net", "actors", "storage", "core", "config"},
    "app": {"app", "bench", "net", "actors", "storage", "core", "config"},
    "tests": {"tests", "app", "bench", "net", "actors", "storage", "core", "config"},
}

# The rules of the market are read by people who do not know this program: core/ stays free of it.
CORE_LIBRARIES = re.compile(r"^(tl/expected\.hpp|date/[a-z_]+\.h|[a-z_0-9]+)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def include_offences(folder, text):
    """Yields (line number, text) of the includes that the folder may not have."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, target = match.groups()
        first = target.split("/")[0]
        if bracket == '"':
            if "/" not in target:
                yield number, f'"{target}" is not rooted at the project: write "{folder}/{target}"'
            elif first not in MAY_INCLUDE:
                yield number, f'"{target}" is not in a folder of the project: use <{target}>'
            elif first not in MAY_INCLUDE[folder]:
                yield number, f'{folder}/ may not include "{target}"'
        elif first in MAY_INCLUDE and "/" in target:
            yield number, f'<{target}> is our own: write "{target}"'
        elif folder == "core" and not CORE_LIBRARIES.match(target):
            yield number, f"core/ may not include <{target}>: only the standard library, tl and date"


def offences(project):
    """Yields one line of text per offence in the project."""
    for folder in MAY_INCLUDE:
        for path in sorted((project / folder).rglob("*")):
            if path.suffix not in {".hpp", ".cpp", ".py"}:
                continue
            name = path.relative_to(project)
            text = path.read_text(encoding="utf-8")
            lines = text.count("\n")
            if lines > LINES_MAX:
                yield f"{name}: {lines} lines, more than {LINES_MAX}: split it by what it does"
            if path.suffix == ".py":
                continue
            for number, reason in include_offences(folder, text):
                yield f"{name}:{number}: {reason}"
            if path.suffix == ".hpp" and "#pragma once" not in text:
                yield f"{name}:1: a header starts with #pragma once"


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(offences(pathlib.Path(arguments[1])))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
