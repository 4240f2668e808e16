"""The command line and the files that it loads: bad rows, cut files, the order of deliveries."""
import gzip
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402


class Rows(unittest.TestCase):
    """Good and bad rows."""

    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid")
        self.file = self.folder / "bank_holidays.csv"
        self.file.write_text("date,name\n2013-12-25,Christmas\n2013-13-01,Nonsense\n2014-01-01,New Year\n", encoding="utf-8")

    def tearDown(self):
        self._folder.cleanup()

    def test_a_bad_row_is_told_with_its_place_and_kept_beside_the_file(self):
        shown, _ = self.grid.call("ingest", self.file, expect=2)
        self.assertIn("line 3", shown)
        self.assertIn("2013-13-01", shown)
        self.assertIn("2013-13-01", pathlib.Path(str(self.file) + ".rejected.csv").read_text(encoding="utf-8"))

    def test_the_rest_of_the_file_is_loaded(self):
        summary = self.grid.ingest(self.file, expect=2)
        self.assertEqual((summary["rows_read"], summary["rows_accepted"], summary["rows_rejected"]), (3, 2, 1))
        rejection = summary["files"][0]["first_rejections"][0]
        self.assertEqual((rejection["line"], rejection["column"], rejection["value"]), (3, "date", "2013-13-01"))

    def test_strict_loads_nothing(self):
        shown, _ = self.grid.call("ingest", self.file, "--strict", expect=2)
        self.assertNotIn("accepted", shown.splitlines()[1], shown)
        self.file.write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")
        self.assertEqual(self.grid.ingest(self.file)["rows_accepted"], 1)

    def test_an_unknown_column_is_named(self):
        self.file.write_text("date,name,mood\n2013-12-25,Christmas,merry\n", encoding="utf-8")
        _, message = self.grid.call("ingest", self.file, expect=2)
        self.assertIn("mood", message)

    def test_the_good_rows_of_a_file_that_is_cut_short_are_loaded_and_told(self):
        text = "date,name\n" + "".join("2014-01-%02d,Day %d\n" % (day, day) for day in range(1, 30))
        whole = gzip.compress(text.encode(), mtime=0)
        file = self.folder / "bank_holidays.csv.gz"
        # The member's trailer is missing: every row is readable, and whether it is the last one nobody can say.
        file.write_bytes(whole[:-8])
        _, message = self.grid.call("ingest", file, expect=2)
        self.assertEqual(message.count(str(file)), 1, message)
        self.assertRegex(message, r"cut short.* The 2\d good rows before that are loaded")

    def test_a_place_for_rejected_rows_is_made_or_refused_before_anything_is_loaded(self):
        self.grid.call("ingest", self.file, "--rejected", self.folder / "a" / "b", expect=2)
        self.assertTrue((self.folder / "a" / "b" / (self.file.name + ".rejected.csv")).exists())
        _, message = self.grid.call("ingest", self.file, "--rejected", self.file, expect=1)
        self.assertIn("--rejected", message)

    def test_rejected_rows_are_loaded_after_repair_whatever_the_file_is_called(self):
        self.grid.call("ingest", self.file, expect=2)
        rejected = pathlib.Path(str(self.file) + ".rejected.csv").read_text(encoding="utf-8")
        repaired = self.folder / "bank_holidays-repaired.csv"
        repaired.write_text(rejected.replace("2013-13-01", "2013-12-01"), encoding="utf-8")
        self.assertEqual(self.grid.ingest(repaired)["rows_accepted"], 1)

    def test_standard_input_is_read_with_a_kind(self):
        shown, _ = self.grid.call("ingest", "-", "--kind", "bank_holidays", "--json", stdin="date,name\n2013-12-25,Christmas\n")
        self.assertEqual(json.loads(shown)["rows_accepted"], 1)
        self.grid.call("ingest", "-", expect=2, stdin="date,name\n")

    def test_of_two_deliveries_in_one_command_the_one_given_last_counts(self):
        def count(*folders):
            grid = program.Grid(self.folder / "-".join(folders))
            self.assertIn("a new one is made", grid.call("ingest", *(self.folder / f for f in folders))[1])
            return program.rows(grid.call("export", "consumption")[0])[0]["kwh"]

        mpan = "1012345678903"
        for name, kind, kwh in (("readings", "consumption_wide", 2), ("corrections", "consumption", 10)):
            (self.folder / name).mkdir()
            columns, values = "period_end_utc,kwh", "2026-01-06T00:30:00Z,%d" % kwh
            if kind == "consumption_wide":
                columns = "utc_day," + ",".join("p%d" % p for p in range(1, 49))
                values = "2026-01-06," + ",".join([str(kwh)] * 48)
            (self.folder / name / (kind + ".csv")).write_text(
                "mpan,measurement_quantity,%s,quality\n%s,AI,%s,A\n" % (columns, mpan, values), encoding="utf-8")
        self.assertEqual(count("readings", "corrections"), "10.000")
        self.assertEqual(count("corrections", "readings"), "2.000")


if __name__ == "__main__":
    unittest.main()
