"""Results must not depend on how the data came in: partitions, blocks, order of independent rows, number of ingestions."""
import csv
import io
import os
import pathlib
import random
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

DAYS = ("2013-03-30", "2013-03-31", "2013-04-01")
BASE, CUTOFF = "2013-11-20T08:00:00Z", "2013-11-21T00:00:00Z"


def shuffled(source, target, seed):
    """Copies a case with the rows of every file in another order."""
    os.makedirs(target)
    for path in pathlib.Path(source).glob("*.csv"):
        with open(path, encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        # Only rows that do not replace one another are independent: those with different keys.
        groups = {}
        for row in rows:
            groups.setdefault(key_of(path.stem, row), []).append(row)
        order = list(groups.values())
        random.Random(seed).shuffle(order)
        with open(os.path.join(target, path.name), "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(row for group in order for row in group)


def key_of(kind, row):
    """What a later row of the file must share to replace or contradict this one; the MPAN for all that meters receive."""
    if kind in ("registrations", "annual_consumption", "meters", "consumption", "consumption_wide"):
        return row[0]
    return tuple(row)


class Invariance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = program.temporary_folder()
        cls.folder = cls._folder.name
        cls.case = os.path.join(cls.folder, "case")
        cls.base = program.made_case(cls.case, 12, "spring", 8)[0][0]
        cls.expected = cls.results("reference", 3, [cls.base])

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    @classmethod
    def results(cls, name, partitions, paths, **options):
        """{file: bytes} of everything that is exported after loading `paths` one after the other."""
        grid = program.Grid(os.path.join(cls.folder, name))
        for path in paths:
            grid.ingest_case(*([path] if isinstance(path, str) else path), received_at=BASE, partitions=partitions, **options)
        runs = grid.run_days(DAYS, "II", CUTOFF)
        out = os.path.join(cls.folder, name + "-out")
        grid.export_runs(runs.values(), out)
        exported = {str(p.relative_to(out)): p.read_bytes() for p in pathlib.Path(out).rglob("*.csv")}
        exported["annual-consumption"] = grid.call("export", "annual-consumption")[0].encode()
        consumption = csv.DictReader(io.StringIO(grid.call("export", "consumption", "--day", DAYS[1])[0]))
        exported["consumption"] = sorted(
            tuple(v for k, v in row.items() if k not in ("version", "source")) for row in consumption)
        return exported

    def check(self, name, partitions, paths, **options):
        actual = self.results(name, partitions, paths, **options)
        self.assertEqual(sorted(actual), sorted(self.expected))
        for place, content in self.expected.items():
            self.assertEqual(content, actual[place], "%s differs from the reference" % place)

    def test_the_reference_has_results(self):
        self.assertGreater(len(self.expected["2013-03-31-II-2/components.csv"].splitlines()), 100)
        self.assertGreater(len(self.expected["2013-03-31-II-2/defaults.csv"].splitlines()), 10)

    def test_one_partition_gives_the_same_bytes(self):
        self.check("one", 1, [self.base])

    def test_sixteen_partitions_give_the_same_bytes(self):
        self.check("sixteen", 16, [self.base])

    def test_blocks_of_one_entry_give_the_same_bytes(self):
        self.check("single", 2, [self.base], batch_entries=1)

    def test_blocks_of_seven_entries_give_the_same_bytes(self):
        self.check("seven", 5, [self.base], batch_entries=7)

    def test_independent_rows_in_another_order_give_the_same_bytes(self):
        target = os.path.join(self.folder, "shuffled-case")
        shuffled(self.base, target, 99)
        self.check("shuffled", 3, [target])

    def test_many_ingestions_give_the_same_bytes(self):
        files = sorted(str(p) for p in pathlib.Path(self.base).iterdir())
        # Readings before registrations, standing data at the very end; consumption keeps the order of its two files.
        files.sort(key=lambda f: 0 if "consumption" in f else 1 if "registrations" in f else 2)
        files.sort(key=lambda f: 0 if os.path.basename(f).startswith("consumption.") else 1)
        self.check("many", 4, files)

    def test_loading_everything_twice_gives_the_same_bytes(self):
        self.check("twice", 3, [self.base, self.base])


if __name__ == "__main__":
    unittest.main()
