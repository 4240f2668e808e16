#!/usr/bin/env python3
"""Makes a small data directory to be kept, with what the program says of it: tests/kept/NAME/.

Usage: make.py NAME, for example rule-set-1. It is run once for a version whose formats are to be read for ever, with the
program of that version (HHGRID_EXECUTABLE, else the release build), and what it makes is committed. tests/app/kept_grid_test.py
opens every one of them from then on. NAME begins with the number of the rule set by which the grid folds.

    NAME/grid.tar.xz        the data directory, its whole journal included
    NAME/expected.tar.xz    every table that it exports, and what its actors say
    NAME/digest             of all of these: what its journal folds to
"""
import decimal
import io
import os
import pathlib
import sys
import tarfile

KEPT = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(KEPT.parent / "app"))

import kept_grid  # noqa: E402
import program  # noqa: E402

# The journal stays in one segment, so that it reaches back to its first block.
SETTINGS = ("grid.partitions=2", "storage.journal_segment_mib=1")
PERIODS = ["p%d" % n for n in range(1, 49)]
WIDE = ["mpan", "measurement_quantity", "utc_day", "quality", *PERIODS]
LONG = ["mpan", "measurement_quantity", "period_end_utc", "kwh", "quality", "estimation_reason", "amendment_reason"]
TAKES = ["gsp_group_id", "settlement_date", "settlement_period", "mwh", "flag"]


def read(path):
    return program.rows(pathlib.Path(path).read_text(encoding="utf-8"))


def write(path, columns, rows):
    path = pathlib.Path(path)
    path.parent.mkdir(exist_ok=True)
    lines = [",".join(columns)] + [",".join(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows_of(records):
    return [list(record.values()) for record in records]


class Town:
    """The meters of a small simulated town, by what is done with them."""

    def __init__(self, folder):
        done = program.run("simulate", "--meters", "14", "--days", "4", "--seed", "7", "--groups", "2", "--from",
                           "2026-01-05", "--output", folder, "--quiet")
        if done.returncode:
            raise RuntimeError(done.stderr)
        self.folder = pathlib.Path(folder)
        self.registrations = read(self.folder / "registrations.csv")
        plain = [r for r in self.registrations if (r["direction"], r["connection_type"], r["energisation"]) == ("I", "W", "E")]
        self.changes, self.stops, self.contradicts, self.exceeds, self.late, self.parts = plain[:6]

    def hold_back(self, registration):
        """Leaves a registration out of the first delivery."""
        write(self.folder / "registrations.csv", self.registrations[0],
              rows_of(r for r in self.registrations if r is not registration))

    def path(self, name):
        return self.folder.parent / name


def deliver_first(grid, town):
    """Standing data, registrations but one, annual consumption, readings in time, Group Takes."""
    town.hold_back(town.late)
    grid.ingest(town.folder, received_at="2026-01-09T12:00:00Z")


def deliver_odd_readings(grid, town):
    """Versions that are not plain, half hours that are refused, and two deliveries that contradict themselves."""
    of = lambda registration: [registration["mpan"], "AI"]
    mixed = "|".join(["A"] * 20 + ["E1"] * 8 + [""] * 20)
    values = ["0.%03d" % (100 + n) for n in range(28)] + [""] * 20
    grid.ingest(write(town.path("parts/consumption_wide.csv"), WIDE, [of(town.parts) + ["2026-01-06", mixed] + values]),
                write(town.path("parts/consumption.csv"), LONG, [
                    of(town.parts) + ["2026-01-07T10:00:00Z", "0.250", "E5", "3", ""],
                    of(town.parts) + ["2026-01-07T10:30:00Z", "0.260", "A1", "", "E"],
                    of(town.parts) + ["2026-01-07T23:30:00Z", "0.000", "ZE", "", ""]]),
                received_at="2026-01-10T12:00:00Z")
    above = ["0.200"] * 20 + ["50.000"] * 2 + ["0.300"] * 26
    grid.ingest(write(town.path("above/consumption_wide.csv"), WIDE, [of(town.exceeds) + ["2026-01-06", "A"] + above]),
                received_at="2026-01-10T13:00:00Z", participant="ABCD", expect=2)
    grid.ingest(town.path("above/consumption_wide.csv"), received_at="2026-01-10T13:30:00Z", participant="WXYZ", expect=2)
    first = ["1.000"] * 24 + ["0.500"] * 24
    second = ["1.000"] * 20 + ["2.000"] * 8 + ["0.500"] * 20
    between = of(town.parts) + ["2026-01-05", "A"] + ["0.111"] * 48
    grid.ingest(write(town.path("twice/consumption_wide.csv"), WIDE, [
        of(town.contradicts) + ["2026-01-06", "A"] + first, between,
        of(town.contradicts) + ["2026-01-06", "A"] + second]), received_at="2026-01-10T14:00:00Z", participant="WXYZ",
        expect=2)


def deliver_late(grid, town):
    """What comes after the first runs: late readings, registrations, losses, and a Group Take again."""
    grid.ingest(town.folder / "late", received_at="2026-01-20T12:00:00Z")
    columns = list(town.registrations[0])
    stops = dict(town.stops, effective_from="2026-01-07", energisation="D")
    other = next(unit["supplier_id"] for unit in read(town.folder / "bmus.csv")
                 if unit["gsp_group_id"] == town.changes["gsp_group_id"] and unit["supplier_id"] != town.changes["supplier_id"])
    changes = dict(town.changes, effective_from="2026-01-06", supplier_id=other, bmu_id="")
    grid.ingest(write(town.path("later/registrations.csv"), columns, rows_of([town.late, changes, stops])),
                received_at="2026-01-21T12:00:00Z")
    estimate = [town.stops["mpan"], "AI", "2026-01-07", "E1"] + ["0.050"] * 48
    grid.ingest(write(town.path("stopped/consumption_wide.csv"), WIDE, [estimate]), received_at="2026-01-21T13:00:00Z",
                expect=2)
    losses = [dict(r, llf="1.250") for r in read(town.folder / "line_losses.csv") if r["settlement_date"] == "2026-01-06"][:48]
    takes = [dict(r, mwh=str(decimal.Decimal(r["mwh"]) + decimal.Decimal("0.000001"))) for r in read(town.folder / "group_takes.csv")
             if (r["gsp_group_id"], r["settlement_date"]) == ("_B", "2026-01-06")]
    grid.ingest(write(town.path("again/line_losses.csv"), list(losses[0]), rows_of(losses)),
                write(town.path("again/group_takes.csv"), TAKES, rows_of(takes)), received_at="2026-01-22T12:00:00Z")
    stranger = ["1200000000067", "AI", "2026-01-06", "A"] + ["0.400"] * 48
    grid.ingest(write(town.path("stranger/consumption_wide.csv"), WIDE, [stranger]), received_at="2026-01-22T13:00:00Z")


def deliver_again(grid, town):
    """What was said before, which leaves traces; and a delivery that goes on to say something else of it."""
    said = [town.parts["mpan"], "AI", "2026-01-05", "A"] + ["0.111"] * 48
    other = [town.contradicts["mpan"], "AI", "2026-01-08", "A"] + ["0.333"] * 48
    grid.ingest(write(town.path("said/consumption_wide.csv"), WIDE, [said]),
                write(town.path("said/registrations.csv"), list(town.registrations[0]), rows_of([town.late])),
                received_at="2026-01-23T12:00:00Z")
    grid.ingest(write(town.path("otherwise/consumption_wide.csv"), WIDE, [said, other, said[:-1] + ["0.222"]]),
                received_at="2026-01-23T13:00:00Z", expect=2)


def deliver_meters(grid, town):
    """A limit of a meter's own, which refuses half hours that counted; an exchange; and two registers of one installation."""
    columns = ["mpan", "meter_id", "installed_at", "removed_at", "register_id", "measurement_quantity", "role", "maximum_kwh"]
    late, parts, exceeds = town.late["mpan"], town.parts["mpan"], town.exceeds["mpan"]
    grid.ingest(write(town.path("fitted/meters.csv"), columns, [
        [exceeds, "M1", "2025-01-01T00:00:00Z", "", "", "AI", "", "60"],
        [late, "M2", "2026-01-01T00:00:00Z", "2026-01-06T10:05:00Z", "1", "AI", "main", "0.050"],
        [late, "M3", "2026-01-06T10:20:00Z", "", "1", "AI", "main", ""],
        [late, "M4", "2026-01-01T00:00:00Z", "", "", "AE", "check", "5"]]), received_at="2026-01-24T12:00:00Z", participant="ABCD",
        expect=2)
    grid.ingest(write(town.path("fitted-again/meters.csv"), columns, [[exceeds, "M1", "2025-01-01T00:00:00Z", "", "", "AI", "", "60"]]),
                received_at="2026-01-24T13:00:00Z")
    grid.ingest(write(town.path("fitted-twice/meters.csv"), columns, [
        [parts, "M5", "2026-01-05T00:00:00Z", "", "", "AI", "", kwh] for kwh in ("20", "30")]), received_at="2026-01-24T14:00:00Z",
        participant="WXYZ", expect=2)


def expect_status(runs, status):
    for run in runs.values():
        if run["status"] != status:
            raise RuntimeError("%s is %s, not %s: %s" % (run["run_id"], run["status"], status, run["reason"]))


def fill(grid, town):
    deliver_first(grid, town)
    grid.call("close-day", "2026-01-05")
    expect_status(grid.run_days(["2026-01-06"], "II"), "published")
    deliver_odd_readings(grid, town)
    grid.call("close-day", "2026-01-06")
    expect_status(grid.run_days(["2026-01-06"], "SF"), "published")
    grid.call("outbox", "take", "--participant", "ABCD")
    holidays = [["2026-12-25", "Christmas"], ["2026-12-25", "Boxing Day"]]
    grid.ingest(write(town.path("holidays/bank_holidays.csv"), ["date", "name"], holidays), received_at="2026-01-11T12:00:00Z",
                participant="WXYZ", expect=2)
    negative = [["_A", "2026-01-07", str(period), "-1000", "A"] for period in range(1, 49)]
    grid.ingest(write(town.path("negative/group_takes.csv"), TAKES, negative), received_at="2026-01-12T12:00:00Z")
    held = grid.run_days(["2026-01-07"], "II")
    expect_status(held, "held")
    grid.call("run", "--release", held["2026-01-07"]["run_id"])
    expect_status(grid.run_days(["2026-01-07"], "SF"), "held")
    deliver_late(grid, town)
    deliver_again(grid, town)
    grid.call("close-day", "2026-01-07")
    expect_status(grid.run_days(["2026-01-06"], "R1"), "published")
    deliver_meters(grid, town)
    expect_status(grid.run_days(["2026-01-06"], "R2", cutoff="2026-01-10T12:30:00Z"), "published")
    expect_status(grid.run_days(["2026-01-06"], "R3"), "published")
    expect_status(grid.run_days(["2026-03-01"], "II"), "refused")


def files_of(data):
    """(name, content) of everything in a folder; a folder has no content."""
    return [(str(pathlib.PurePosixPath("grid", *path.relative_to(data).parts)), None if path.is_dir() else path.read_bytes())
            for path in [data, *sorted(data.rglob("*"))]]


def pack(target, files):
    """The same bytes for the same files: no times and no owners."""
    with tarfile.open(target, mode="w:xz", format=tarfile.PAX_FORMAT, preset=9) as packed:
        for name, content in files:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                packed.addfile(info)
            else:
                info.size, info.mode = len(content), 0o644
                packed.addfile(info, io.BytesIO(content))


def keep(grid, place):
    """Writes what is kept of a grid, over what there is."""
    segments = list((grid.folder / "journal").glob("journal-*.log"))
    if len(segments) != 1:
        raise RuntimeError("the journal has %d segments: it does not reach back to its first block" % len(segments))
    grid.call("check")
    grid.call("audit", "--run", "all")
    place.mkdir(exist_ok=True)
    pack(place / "grid.tar.xz", files_of(grid.folder))
    told = kept_grid.everything_told(grid)
    pack(place / "expected.tar.xz", [(name, text.encode()) for name, text in sorted(told.items())])
    (place / "digest").write_text(kept_grid.digest(told) + "\n", encoding="ascii")


def main():
    if len(sys.argv) != 2 or not kept_grid.rule_set_of(sys.argv[1]):
        sys.exit(__doc__)
    os.environ["HHGRID_EXECUTABLE"] = program.executable()
    with program.temporary_folder() as folder:
        os.chdir(folder)  # what is loaded is called by names without this machine's folders
        town = Town("town")
        grid = program.Grid("grid", *SETTINGS)
        fill(grid, town)
        keep(program.Grid("grid"), KEPT / sys.argv[1])
    for path in sorted((KEPT / sys.argv[1]).iterdir()):
        print("%7d bytes  %s" % (path.stat().st_size, path))


if __name__ == "__main__":
    main()
