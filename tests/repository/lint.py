#!/usr/bin/env python3
"""Runs clang-tidy over what changed, or whose headers changed, since it last passed.

Usage: lint.py BUILD_DIRECTORY [SOURCE...]   (from the project's directory, after a build)
It works by translation units as the build has them: one source, or several that are compiled
together. A unit that passes leaves a stamp in BUILD_DIRECTORY/lint. Exit code 1 if clang-tidy finds
anything.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

CLANG_TIDY = ["clang-tidy-14", "--quiet"]
SETTINGS = pathlib.Path(".clang-tidy")


def units_of(build):
    """{translation unit: [itself and our files that it includes]}, from ninja's log of the build."""
    listing = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True
    ).stdout
    here, found, files = pathlib.Path.cwd(), {}, None
    for line in listing.splitlines():
        if line and not line.startswith(" "):
            files = []
        elif line.strip():
            path = pathlib.Path(build, line.strip()).absolute()
            path = pathlib.Path(os.path.normpath(path))
            if not path.is_relative_to(here):
                continue
            path = path.relative_to(here)
            if not files:  # the first one listed is what was compiled
                found[path] = files
            files.append(path)
    # What Cap'n Proto made of the schemas ends otherwise.
    return {unit: files for unit, files in found.items() if unit.suffix in (".cpp", ".cxx")}


def modified(path):
    return path.stat().st_mtime_ns if path.exists() else 0


def is_current(stamp, files):
    return stamp.exists() and all(modified(f) < modified(stamp) for f in [*files, SETTINGS])


def lint(build, unit, stamp):
    """Returns what clang-tidy says of the unit; empty when it passes."""
    begun = stamp.with_suffix(".begun")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    begun.touch()
    run = subprocess.run(
        [*CLANG_TIDY, f"--config-file={SETTINGS}", "-p", build, str(unit)],
        capture_output=True,
        text=True,
        check=False,
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
    units = units_of(build)
    units = {unit: files for unit, files in units.items() if unit.exists()}
    for source in wanted:
        if not any(source in files for files in units.values()):
            print(f"lint: {source} is not compiled by {build}", file=sys.stderr)
            return 2
    if wanted:
        units = {
            unit: files
            for unit, files in units.items()
            if any(source in files for source in wanted)
        }
    stamps = {unit: pathlib.Path(build, "lint", f"{unit}.passed") for unit in units}
    pending = [u for u, files in sorted(units.items()) if not is_current(stamps[u], files)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda unit: lint(build, unit, stamps[unit]), pending):
            if said:
                failed += 1
                print(said, flush=True)
    print(f"lint: {len(pending)} of {len(units)} translation units checked, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
