"""What a kept data directory (tests/kept) says of itself, in a form that later versions can be held against."""
import csv
import hashlib
import io
import json
import pathlib
import re
import tarfile

import program

KEPT = program.PROJECT / "tests" / "kept"
STORED_TABLES = {
    "consumption": (), "consumption-versions": ("--all-versions",),
    "consumption-as-of": ("--as-of", "2026-01-10T12:30:00Z"), "registrations": (),
    "registrations-as-of": ("--as-of", "2026-01-10T12:30:00Z"), "annual-consumption": (), "meters": (), "unregistered": (), "refusals": (), "outbox": (),
}


def names():
    return sorted(path.parent.name for path in KEPT.glob("*/grid.tar.xz"))


def rule_set_of(name):
    """The number of the rule set by which a kept grid folds; None for a name that says none."""
    match = re.match(r"rule-set-([1-9][0-9]*)(-|$)", name)
    return int(match.group(1)) if match else None


def unpack(name, folder):
    """Puts the data directory into a folder; returns its path."""
    with tarfile.open(KEPT / name / "grid.tar.xz") as packed:
        packed.extractall(folder)
    return pathlib.Path(folder) / "grid"


def kept_answers(name):
    """{file name: text} of what it said when it was made."""
    with tarfile.open(KEPT / name / "expected.tar.xz") as packed:
        return {member.name: packed.extractfile(member).read().decode() for member in packed}


def kept_digest(name):
    return (KEPT / name / "digest").read_text(encoding="ascii").strip()


def addresses(grid):
    """Actors to ask, with the day to ask for."""
    registrations = program.rows(grid.call("export", "registrations")[0])
    meters = sorted({r["mpan"] for r in registrations})
    groups = sorted({r["gsp_group_id"] for r in registrations})
    run = json.loads(grid.call("runs", "--json")[0])[0]["run_id"]
    units = sorted({r["bmu_id"] for r in program.rows(grid.call("export", "bmu-volumes", "--run", run)[0])})
    return ["meter/" + m for m in meters] + ["gsp/" + g for g in groups] + ["bmu/" + u for u in units] + \
        ["shape/%s.W.S.T.AI" % g for g in groups]


def everything_told(grid):
    """{file name: text}: every table of every run, every table of what is stored, and what actors say of a day."""
    told = {}
    runs = json.loads(grid.call("runs", "--json")[0])
    told["runs.json"] = json.dumps(runs, indent=1)
    with program.temporary_folder() as folder:
        for run in runs:
            name = run["run_id"]
            if run["status"] == "refused":
                told["exceptions-%s.csv" % name] = grid.call("export", "exceptions", "--run", name)[0]
                continue
            target = pathlib.Path(folder) / name
            grid.call("export", "all", "--run", name, "--output", target)
            for table in sorted(target.glob("*.csv")):
                told["%s-%s.csv" % (table.stem, name)] = table.read_text(encoding="utf-8")
    for name, options in STORED_TABLES.items():
        kind = re.sub("-(versions|as-of)$", "", name)
        told[name + ".csv"] = grid.call("export", kind, *options)[0]
    day = runs[0]["run_id"][:10]
    told["actors.json"] = json.dumps({a: json.loads(grid.call("inspect", a, "--day", day, "--json")[0])
                                      for a in addresses(grid)}, indent=1)
    return told


def digest(told):
    """Of all texts: what a journal has folded to, in one line."""
    whole = hashlib.sha256()
    for name in sorted(told):
        text = told[name].encode()
        whole.update(b"%s %d\n" % (name.encode(), len(text)))
        whole.update(text)
    return whole.hexdigest()


def in_terms_of(told, kept):
    """What is told now, without what the kept answers could not know: tables, columns and fields that were added since."""
    return {name: _table(told[name], text) if name.endswith(".csv") else _json(told[name], text)
            for name, text in kept.items() if name in told}


def _table(now, kept):
    columns = next(csv.reader(io.StringIO(kept)))
    reader = csv.DictReader(io.StringIO(now))
    if reader.fieldnames == columns:
        return now
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column) for column in columns] for row in reader)
    return out.getvalue()


def _json(now, kept):
    return json.dumps(_known(json.loads(now), json.loads(kept)), indent=1)


def _known(now, kept):
    if isinstance(now, dict) and isinstance(kept, dict):
        return {field: _known(now[field], kept[field]) for field in kept if field in now}
    if isinstance(now, list) and isinstance(kept, list) and len(now) == len(kept):
        return [_known(a, b) for a, b in zip(now, kept)]
    return now
