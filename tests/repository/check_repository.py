#!/usr/bin/env python3
"""Checks what a compiler cannot: includes' direction, headers nobody needs, names, length of files.

Usage: check_repository.py PROJECT_DIRECTORY. Prints one line per offence; exit code 1 if there is one.
"""

import pathlib
import re
import sys

LINES_MAX = 400

# Room -> rooms that it may include beside itself; what a room may include, the rooms above it may
# include too. A new folder with sources has to be entered here.
ROOMS = {
    "core": [],
    "core/load_shape": ["core"],
    "core/standing": ["core/load_shape"],
    "core/allocation": ["core/standing"],
    "core/validation": ["core/standing"],
    "config": [],
    "storage/wire": ["core/allocation", "core/validation", "config"],
    "storage/disk": ["storage/wire"],
    "storage/journal": ["storage/wire"],
    "storage/journal/local": ["storage/journal", "storage/disk"],
    "storage/store": ["storage/wire", "storage/disk"],
    "actors/host": ["storage/journal", "storage/store"],
    "actors/meter": ["actors/host"],
    "actors/standing": ["actors/host"],
    "actors/gsp": ["actors/standing"],
    "actors/market": ["actors/gsp"],
    "actors/query": ["actors/meter", "actors/market", "actors/gsp"],
    "actors/verify": ["actors/query"],
    "actors/grid": ["actors/verify", "storage/journal/local"],
    "net/ingest": ["storage/journal"],
    "net/files": ["net/ingest"],
    "net/simulator": ["net/files"],
    "net/tables": ["net/files", "actors/query"],
    "net/service": ["net/tables", "actors/grid"],
    "net/rpc": ["net/service"],
    "net/node": ["net/rpc"],
    "bench": ["net/simulator", "net/rpc"],
    "app": ["bench", "net/node"],
}
TESTS = "tests"

# Folders whose rooms have a mirror under tests/. The other folders there test the whole program.
MIRRORED = {room.split("/")[0] for room in ROOMS} - {"app"}

# Sources without a header of their name: nobody calls what they define.
STANDALONE = {"app/main.cpp", "app/allocator.cpp"}
SUBCOMMANDS = "app/commands.hpp"  # declares add_x, which app/x.cpp defines


def reach(room):
    """The rooms that `room` may include, itself too."""
    found, pending = set(), [room]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(ROOMS[name])
    return found


TOP_FOLDERS = sorted({room.split("/")[0] for room in ROOMS} | {TESTS})

# The rules of the market are read by people who do not know this program: core/ stays free of it.
CORE_LIBRARIES = re.compile(r"^(tl/expected\.hpp|date/[a-z_]+\.h|[a-z_0-9]+)$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The room of a file of the project, named by its path; None for one in no room."""
    if path.startswith(TESTS + "/"):
        return TESTS
    folder = path.rpartition("/")[0]
    if folder.endswith("/schema"):  # what belongs to a room's records
        folder = folder[: -len("/schema")]
    return folder if folder in ROOMS else None


def include_offences(room, text):
    """Yields (line number, text) of the includes that a file of the room may not have."""
    allowed = {TESTS, *ROOMS} if room == TESTS else reach(room)
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, target = match.groups()
        first = target.split("/")[0]
        if bracket == '"':
            if "/" not in target:
                yield number, f'"{target}" is not rooted at the project: write "{room}/{target}"'
            elif first not in TOP_FOLDERS:
                yield number, f'"{target}" is not in a folder of the project: use <{target}>'
            elif room_of(target) not in allowed:
                yield number, f'{room}/ may not include "{target}"'
        elif first in TOP_FOLDERS and "/" in target:
            yield number, f'<{target}> is our own: write "{target}"'
        elif room.split("/")[0] == "core" and not CORE_LIBRARIES.match(target):
            yield number, f"core/ may not include <{target}>: only the standard library, tl and date"


def included(text):
    """What a file includes of the project."""
    for line in text.splitlines():
        match = INCLUDE.match(line)
        if match and match.group(1) == '"':
            yield match.group(2)


# A file or folder as documents name it: in backticks, from the project's directory.
NAMED_PATH = re.compile(r"`([a-z_0-9]+(?:/[A-Za-z_0-9.-]+)+/?)`")
NAMED_DOCUMENT = re.compile(r"([a-z][a-z-]*\.md)\b")
DOCUMENTS = "docs"


def document_offences(project, texts):
    """Yields what documents and comments name and the project does not have."""
    documents = [*sorted((project / DOCUMENTS).glob("*.md")), *sorted(project.glob("*.md"))]
    for path in documents:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for name in NAMED_PATH.findall(line):
                known = name.split("/")[0] in {*TOP_FOLDERS, DOCUMENTS, "cmake"}
                if known and not (project / name).exists():
                    yield f"{path.relative_to(project)}:{number}: there is no {name}"
    known = {path.name for path in documents}
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), start=1):
            for document in NAMED_DOCUMENT.findall(line):
                if document not in known and not name.startswith(f"{TESTS}/repository/"):
                    yield f"{name}:{number}: cites {document}, which is not in {DOCUMENTS}/"


def lacks_header(name, texts):
    """Whether nothing of its name declares what a source defines."""
    header = name[: -len("cpp")] + "hpp"
    folder, _, file = name.rpartition("/")
    is_subcommand = folder == "app" and f"void add_{file[:-len('.cpp')]}(" in texts.get(
        SUBCOMMANDS, ""
    )
    return header not in texts and name not in STANDALONE and not is_subcommand


def names_in(folder, texts):
    """The names of the headers and sources in a folder; of tests only their helpers."""
    paths = [pathlib.PurePosixPath(name) for name in texts]
    return {
        path.stem
        for path in paths
        if str(path.parent) == folder
        and path.suffix in {".hpp", ".cpp"}
        and not path.stem.endswith("_test")
    }


def data_folders(project, room):
    """What a room has beside sources, as `config/standing`: folders in it that are no rooms."""
    folders = [path.name for path in (project / room).glob("*") if path.is_dir()]
    return {folder for folder in folders if f"{room}/{folder}" not in ROOMS}


def misnamed(project, texts):
    """Yields (file, reason) of the sources and tests that do not share their header's name."""
    for name in sorted(texts):
        if not name.endswith(".cpp"):
            continue
        folder, _, file = name.rpartition("/")
        if folder in ROOMS and lacks_header(name, texts):
            yield name, f"there is no {file[:-len('.cpp')]}.hpp to declare what it defines"
        tests, _, room = folder.partition("/")
        if tests == TESTS and room.split("/")[0] in MIRRORED and file.endswith("_test.cpp"):
            known = names_in(room, texts) | names_in(folder, texts) | data_folders(project, room)
            if not any(file.startswith(f"{subject}_") for subject in known):
                yield name, f"its name begins with no header or source of {room}/"


def offences(project):
    """Yields one line of text per offence in the project."""
    texts = {}
    for folder in TOP_FOLDERS:
        for path in sorted((project / folder).rglob("*")):
            if path.suffix in {".hpp", ".cpp", ".py", ".capnp"}:
                texts[str(path.relative_to(project))] = path.read_text(encoding="utf-8")
    wanted = {target for text in texts.values() for target in included(text)}
    for name, text in texts.items():
        lines = text.count("\n")
        if lines > LINES_MAX:
            yield f"{name}: {lines} lines, more than {LINES_MAX}: split it by what it does"
        if name.endswith((".py", ".capnp")):
            continue
        room = room_of(name)
        if room is None:
            yield f"{name}: its folder is no room of tests/repository/check_repository.py"
            continue
        for number, reason in include_offences(room, text):
            yield f"{name}:{number}: {reason}"
        if name.endswith(".hpp"):
            if "#pragma once" not in text:
                yield f"{name}:1: a header starts with #pragma once"
            if name not in wanted:
                yield f"{name}:1: nobody includes it"
    for name, reason in misnamed(project, texts):
        yield f"{name}:1: {reason}"
    yield from document_offences(project, texts)


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
