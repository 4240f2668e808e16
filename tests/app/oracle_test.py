"""The program against the independent settlement in tests/oracle: every exported byte has to be the same."""
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402  (makes the oracle importable)
import allocation  # noqa: E402
import clock  # noqa: E402
import registry  # noqa: E402
import settle  # noqa: E402
import shapes  # noqa: E402
import tables  # noqa: E402

TABLES = ("bmu-volumes", "components", "factors", "load-shapes", "load-shape-totals", "defaults")
#: GSP Groups whose off-peak window is not the default.
OFF_PEAK_OF = {"_A": (1, 14), "_C": (48, 13)}
OFF_PEAK_SETTING = "shape.off_peak_groups=" + ", ".join("%s %d-%d" % (g, *w) for g, w in OFF_PEAK_OF.items())
#: Settlement code -> (batches received before the run, batches received by its cut-off). The last two look back: data that
#: came after their cut-offs is there already.
RUNS = (("II", 1, 1), ("SF", 2, 2), ("R1", 3, 3), ("R2", 3, 2), ("R3", 3, 1))


def an_hour_after(instant):
    return instant.replace("T0", "T1", 1)


class Oracle:
    """The independent settlement of a case as of a cut-off."""

    def __init__(self, batches, cutoff, method):
        self._case = settle.load([], batches, cutoff and clock.parse_instant(cutoff))
        self._registry = registry.Registry(self._case)
        self._shapes = shapes.Shapes(self._case, self._registry, off_peak_of=OFF_PEAK_OF)
        self._settlement = allocation.Settlement(self._case, self._registry, self._shapes)
        self._method = method

    def complete_days(self):
        days = sorted({d for _, d in self._case.group_takes})
        return [d for d in days if self._settlement.is_complete(d)]

    def write(self, day, run, folder):
        """Settles one day into the tables of a run of that number."""
        result = self._settlement.settle(day, self._method)
        with tables.Writer(folder, run["settlement_code"], run["run_number"]) as writer:
            writer.run(day, result)
            # A run shapes the groups of who is registered on its settlement day.
            groups = {shapes.group_of(r, r.quantity) for _, r in self._registry.registered(day) if r.energised}
            for utc_day in clock.utc_days_of(day):
                writer.shapes(utc_day, groups, self._shapes)


def first_difference(expected, actual):
    """"line 7: expected ..., got ..." of two texts, or None."""
    if expected == actual:
        return None
    a, b = expected.splitlines(), actual.splitlines()
    for number, (wanted, got) in enumerate(zip(a, b), 1):
        if wanted != got:
            return "line %d: the oracle has\n  %s\nthe grid has\n  %s" % (number, wanted, got)
    return "the oracle has %d lines, the grid %d" % (len(a), len(b))


class Comparison:
    """What the test cases below share."""

    def settle_and_compare(self, grid, oracle, days, code, cutoff, folder):
        """Runs the days and compares every table of every run; gives the runs."""
        runs = grid.run_days([clock.date_text(d) for d in days], code, cutoff)
        self.assertEqual(sorted(runs), [clock.date_text(d) for d in days], "a run that was asked for is missing")
        settled = {}
        for day in days:
            run = runs[clock.date_text(day)]
            try:
                oracle.write(day, run, os.path.join(folder, "oracle", run["run_id"]))
                settled[day] = run
            except allocation.Refused as reason:
                self.assertEqual(run["status"], "refused", "%s: the oracle refuses it: %s" % (run["run_id"], reason))
        for day, run in settled.items():
            self.assertIn(run["status"], ("published", "held"), "%s: %s" % (run["run_id"], run["reason"]))
        grid.export_runs(settled.values(), os.path.join(folder, "grid"))
        for run in settled.values():
            for table in TABLES:
                place = os.path.join(run["run_id"], table + ".csv")
                expected = pathlib.Path(folder, "oracle", place).read_text(encoding="utf-8")
                actual = pathlib.Path(folder, "grid", place).read_text(encoding="utf-8")
                difference = first_difference(expected, actual)
                if difference:
                    self.fail("%s, %s, cut-off %s: %s" % (run["run_id"], table, cutoff, difference))
        return runs

    def check_made_case(self, seed, season, method="import_export", runs=RUNS, days=11):
        with program.temporary_folder() as folder:
            batches = program.made_case(os.path.join(folder, "case"), seed, season, days)
            grid = program.Grid(os.path.join(folder, "grid"), "correction.method=" + method, "grid.partitions=3",
                                OFF_PEAK_SETTING)
            received = 0
            for code, before, by_cutoff in runs:
                for path, at in batches[received:before]:
                    grid.ingest_case(path, received_at=at)
                received = before
                cutoff = an_hour_after(batches[by_cutoff - 1][1])
                known = [(path, clock.parse_instant(at)) for path, at in batches[:before]]
                oracle = Oracle(known, cutoff, method)
                self.settle_and_compare(grid, oracle, oracle.complete_days(), code, cutoff, os.path.join(folder, code))
            audited, _ = grid.call("audit", "--run", "all")
            self.assertNotIn("differs", audited)


class MadeCases(Comparison, unittest.TestCase):
    """Small nasty cases from seeds."""

    def test_spring_with_late_data_and_cut_offs_that_look_back(self):
        self.check_made_case(1, "spring")

    def test_autumn_with_late_data_and_cut_offs_that_look_back(self):
        self.check_made_case(2, "autumn")

    def test_spring_with_the_legacy_correction(self):
        self.check_made_case(3, "spring", "legacy", RUNS[:2])

    def test_autumn_with_the_legacy_correction(self):
        self.check_made_case(4, "autumn", "legacy", RUNS[:1] + RUNS[4:])

    def test_more_seeds(self):
        for seed in (5, 6, 7):
            with self.subTest(seed=seed):
                self.check_made_case(seed, "spring" if seed % 2 else "autumn", runs=RUNS[2:])


class RealReadings(Comparison, unittest.TestCase):
    """Real readings of 2013 with the published line loss factors."""

    def check_real_case(self, first, last):
        maker = program.SHARED / "tools" / "make_real_case.py"
        readings = program.SHARED / "data" / "lcl_325_households_2013"
        if not maker.is_file() or not readings.is_dir():
            self.skipTest("the real readings are not there: %s, %s" % (maker, readings))
        with program.temporary_folder() as folder:
            case = os.path.join(folder, "case")
            subprocess.run([sys.executable, str(maker), "--out", case, "--from", first, "--to", last], check=True,
                           stdout=subprocess.DEVNULL)
            grid = program.Grid(os.path.join(folder, "grid"), OFF_PEAK_SETTING)
            summary = grid.ingest(case)
            self.assertEqual(summary["rows_rejected"], 0)
            oracle = Oracle([(case, clock.parse_instant("2014-01-01T00:00:00Z"))], None, "import_export")
            days = oracle.complete_days()
            self.assertGreater(len(days), 0)
            self.settle_and_compare(grid, oracle, days, "SF", None, folder)

    def test_the_clock_change_of_spring(self):
        self.check_real_case("2013-03-28", "2013-04-02")

    def test_the_clock_change_of_autumn(self):
        self.check_real_case("2013-10-24", "2013-10-29")


if __name__ == "__main__":
    unittest.main()
