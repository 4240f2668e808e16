"""Data directories that earlier versions made (tests/kept/make.py) open, check, audit and say what they said then."""
import json
import os
import re
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kept_grid  # noqa: E402
import program  # noqa: E402


class Kept(unittest.TestCase):
    def expect_sound(self, grid):
        self.assertIn("is sound", grid.call("check")[0])
        audited = json.loads(grid.call("audit", "--run", "all", "--json")[0])
        self.assertGreater(len(audited), 1)
        self.assertTrue(all(run["equal"] for run in audited), audited)

    def expect_as_told(self, name, grid):
        """Every table and answer is what it was; then so is their digest, which was made with them."""
        kept = kept_grid.kept_answers(name)
        self.assertEqual(kept_grid.digest(kept), kept_grid.kept_digest(name), "the kept answers were changed")
        told = kept_grid.in_terms_of(kept_grid.everything_told(grid), kept)
        for table, text in kept.items():
            with self.subTest(table=table):
                self.assertMultiLineEqual(told[table], text)
        self.assertEqual(kept_grid.digest(told), kept_grid.kept_digest(name))

    def each(self, check):
        """Gives every kept grid, unpacked anew, to `check(name, data)`."""
        self.assertNotEqual(kept_grid.names(), [])
        for name in kept_grid.names():
            with self.subTest(name), program.temporary_folder() as folder:
                check(name, kept_grid.unpack(name, folder))

    def test_there_is_one_for_every_rule_set(self):
        source = (program.PROJECT / "core" / "rule_set.hpp").read_text(encoding="utf-8")
        first, newest = (int(re.search(which + r"_rule_set = ([0-9]+);", source).group(1)) for which in ("first", "newest"))
        self.assertLessEqual(set(range(first, newest + 1)), {kept_grid.rule_set_of(name) for name in kept_grid.names()})

    def test_it_is_sound_and_says_what_it_said(self):
        def check(name, data):
            self.expect_sound(program.Grid(data))
            self.expect_as_told(name, program.Grid(data))
        self.each(check)

    def test_its_journal_alone_folds_to_the_same(self):
        def check(name, data):
            for part in data.iterdir():
                if part.is_dir() and part.name != "journal":
                    shutil.rmtree(part)
            self.assertEqual(sorted(path.name for path in data.iterdir()), ["GRID", "LOCK", "journal"])
            self.expect_as_told(name, program.Grid(data))
            self.expect_sound(program.Grid(data))
        self.each(check)

    def test_it_goes_on_from_there(self):
        def check(_, data):
            grid = program.Grid(data)
            meter = program.rows(grid.call("export", "registrations")[0])[0]
            reading = data.parent / "consumption_wide.csv"
            reading.write_text("mpan,measurement_quantity,utc_day,quality,%s\n%s,AI,2026-01-08,A%s\n" % (
                ",".join("p%d" % n for n in range(1, 49)), meter["mpan"], ",0.777" * 48), encoding="utf-8")
            self.assertEqual(grid.ingest(reading)["entries_accepted"], 1)
            grid.call("close-day", "2026-01-08")
            run = grid.run_days(["2026-01-06"], "RF")["2026-01-06"]
            self.assertEqual(run["status"], "published")
            self.expect_sound(grid)
        self.each(check)


if __name__ == "__main__":
    unittest.main()
