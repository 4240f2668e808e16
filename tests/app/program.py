"""Runs the program as a user does, for the tests in this folder."""
import contextlib
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
ORACLE = PROJECT / "tests" / "oracle"
sys.path.insert(0, str(ORACLE))


def executable():
    """HHGRID_EXECUTABLE, else the program of the build directory that the test runs in, else the release build."""
    places = [os.environ.get("HHGRID_EXECUTABLE"), pathlib.Path.cwd() / "hhgrid", PROJECT / "build" / "release" / "hhgrid"]
    for place in places:
        if place and os.access(place, os.X_OK):
            return str(place)
    raise RuntimeError("there is no program to test: build it, or name it in HHGRID_EXECUTABLE")


class Grid:
    """A grid in a folder of its own."""

    def __init__(self, folder, *settings):
        self.folder = pathlib.Path(folder)
        self._options = ["--data", str(self.folder)] + [o for s in settings for o in ("--set", s)]

    def call(self, command, *arguments, expect=0, stdin=None):
        """Runs a command; the exit code must be `expect`. Returns standard output and error as text."""
        done = run(command, *map(str, arguments), *self._options, stdin=stdin)
        if done.returncode != expect:
            raise AssertionError("hhgrid %s %s: exit code %d, expected %d\n%s\n%s" % (
                command, " ".join(map(str, arguments)), done.returncode, expect, done.stdout[-3000:], done.stderr[-3000:]))
        return done.stdout, done.stderr

    def ingest_case(self, *paths, **options):
        """Folders or files of a made case, which are whole but for registrations that contradict each other."""
        import contract  # the oracle's
        refused = any(contract.contradicted_registrations(str(path)) for path in paths)
        return self.ingest(*paths, expect=2 if refused else 0, **options)

    def ingest(self, *paths, expect=0, **options):
        return json.loads(self.call("ingest", *paths, "--json", *flags(options), expect=expect)[0])

    def run_days(self, days, code, cutoff=None):
        """Settles days; {day: run as the program describes it}. A day that is refused or held is in it all the same."""
        options = flags({"code": code, "cutoff": cutoff})
        done = run("run", "--json", *self._options, *options, *[o for d in days for o in ("--day", d)])
        if done.returncode not in (0, 5):
            raise AssertionError("hhgrid run: exit code %d\n%s\n%s" % (done.returncode, done.stdout, done.stderr))
        if not done.stdout:
            return {}
        runs = json.loads(done.stdout)
        return {run["settlement_date"]: run for run in (runs if isinstance(runs, list) else [runs])}

    def export_runs(self, runs, folder):
        """Writes every table of the runs to folder/<run id>/."""
        ids = sorted(r["run_id"] for r in runs)
        target = [folder] if len(ids) > 1 else [os.path.join(folder, ids[0])]
        self.call("export", "all", "--output", *target, *[o for i in ids for o in ("--run", i)])


def made_case(folder, seed, season, days):
    """A case of tests/oracle/make_case.py: [(folder, received at)]."""
    import make_case  # the oracle's; importable only now
    with contextlib.redirect_stdout(io.StringIO()):
        make_case.main(["--seed", str(seed), "--out", folder, "--season", season, "--days", str(days)])
    return [(os.path.join(folder, name), at) for name, at in make_case.FOLDERS]


def rows(text):
    """A CSV text as one dictionary a row."""
    return list(csv.DictReader(io.StringIO(text)))


def flags(options):
    """{"received_at": x} as --received-at x; None is left out, True has no value."""
    result = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        result.append("--" + name.replace("_", "-"))
        if value is not True:
            result.append(str(value))
    return result


def run(*arguments, stdin=None):
    return subprocess.run([executable(), *arguments], capture_output=True, text=True, input=stdin, timeout=120, check=False)


def temporary_folder():
    return tempfile.TemporaryDirectory(prefix="hhgrid-test-")
