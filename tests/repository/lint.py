#!/usr/bin/env python3
"""Runs clang-tidy over the sources that changed, or whose headers changed, since they last passed.

Usage: lint.py BUILD_DIRECTORY [SOURCE...]   (from the project's directory, after a build)
A source that passes leaves a stamp in BUILD_DIRECTORY/lint. Exit code 1 if clang-tidy finds anything.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

CLANG_TIDY = ["clang-tidy-14", "--quiet"]
SETTINGS = pathlib.Path(".clang-tidy")


def dependencies(build):
    """{source: [itself and our headers]} of every object that the build compiled, from ninja's log."""
    listing = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True
    ).stdout
    found, files = {}, None
    for line in listing.splitlines():
        if line and not line.startswith(" "):
            files = []
        elif line.strip():
            path = pathlib.Path(line.strip())
            if path.is_absolute() and path.is_relative_to(pathlib.Path.cwd()):
                path = path.relative_to(pathlib.Path.cwd())
            elif path.is_absolute():
                continue
            if not files:  # the first one listed is what was compiled
                found[path] = files
            files.append(path)
    return {source: files for source, files in found.items() if source.suffix == ".cpp"}


def modified(path):
    return path.stat().st_mtime_ns if path.exists() else 0


def is_current(stamp, files):
    return stamp.exists() and all(modified(f) < modified(stamp) for f in [*files, SETTINGS])


def lint(build, source, stamp):
    """Returns what clang-tidy says of the source; empty when it passes."""
    begun = stamp.with_suffix(".begun")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    begun.touch()
    run = subprocess.run(
        [*CLANG_TIDY, "-p", build, str(source)], capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        return run.stdout.strip() or run.stderr.strip()
    # The stamp is as old as the begin, so an edit made while clang-tidy ran is checked next time.
    os.replace(begun, stamp)
    return ""


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    build, wanted = arguments[1], [pathlib.Path(name) for name in arguments[2:]]
    compiled = dependencies(build)
    stamps = {source: pathlib.Path(build, "lint", f"{source}.passed") for source in compiled}
    for source in wanted:
        if source not in compiled:
            print(f"lint: {source} is not compiled by {build}", file=sys.stderr)
            return 2
    pending = [
        source
        for source in sorted(wanted or compiled)
        if source.exists() and not is_current(stamps[source], compiled[source])
    ]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda source: lint(build, source, stamps[source]), pending):
            if said:
                failed += 1
                print(said, flush=True)
    print(f"lint: {len(pending)} of {len(wanted or compiled)} sources checked, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
