#!/usr/bin/env python3
"""Closing UTC days: load shapes are published, and again when late readings change them."""

import json
import pathlib
import unittest

import program


class CloseDay(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid", "grid.partitions=3")
        done = program.run("simulate", "--meters", "200", "--days", "3", "--seed", "5", "--groups", "1", "--from",
                           "2026-01-05", "--output", str(self.folder / "town"), "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.grid.ingest(self.folder / "town", received_at="2026-01-09T12:00:00Z")

    def tearDown(self):
        self._folder.cleanup()

    def close(self, day, *options):
        return json.loads(self.grid.call("close-day", day, "--json", *options)[0])

    def shape(self, day):
        return json.loads(self.grid.call("inspect", "shape/_A.W.S.T.AI", "--day", day, "--json")[0])

    def test_a_day_is_closed_once(self):
        first = self.close("2026-01-06")
        self.assertFalse(first["closed_before"])
        self.assertGreater(first["shapes_published"], 0)
        self.assertEqual(first["shapes_reissued"], 0)
        again = self.close("2026-01-06")
        self.assertTrue(again["closed_before"])
        self.assertEqual(again["closed_at"], first["closed_at"])
        self.assertIn("nothing to do", self.grid.call("close-day", "2026-01-06")[0])
        self.assertEqual([issue["issue"] for issue in self.shape("2026-01-06")["published"]], [1])
        self.grid.call("check")

    def test_late_readings_make_a_new_issue_with_the_next_closing(self):
        self.close("2026-01-06")
        self.grid.ingest(self.folder / "town" / "late", received_at="2026-01-20T12:00:00Z")
        closed = self.close("2026-01-07")
        self.assertGreater(closed["shapes_reissued"], 0)
        issues = self.shape("2026-01-06")["published"]
        self.assertEqual([issue["issue"] for issue in issues], [1, 2])
        self.assertEqual([issue["with_closing_of"] for issue in issues], ["2026-01-06", "2026-01-07"])
        self.assertNotEqual(issues[0]["periods"], issues[1]["periods"])
        self.grid.call("check")

    def test_runs_settle_alike_with_and_without_closings(self):
        cutoff = "2026-01-10T00:00:00Z"
        run = self.grid.run_days(["2026-01-06"], "II", cutoff)["2026-01-06"]["run_id"]
        without = self.grid.call("export", "bmu-volumes", "--run", run)[0]
        self.close("2026-01-06")
        self.grid.ingest(self.folder / "town" / "late", received_at="2026-01-20T12:00:00Z")
        self.close("2026-01-07")
        run = self.grid.run_days(["2026-01-06"], "SF", cutoff)["2026-01-06"]["run_id"]
        beside = self.grid.call("export", "bmu-volumes", "--run", run)[0]
        self.assertEqual([list(row.values())[4:] for row in program.rows(without)],
                         [list(row.values())[4:] for row in program.rows(beside)])
        self.grid.call("audit", "--run", "all")

    def test_a_day_that_cannot_be_closed_is_refused_with_the_reason(self):
        for day, why in (("2999-01-01", "does not cover"), ("yesterday", "is no day"), ("2059-01-01", "not over yet")):
            with self.subTest(day):
                self.assertIn(why, self.grid.call("close-day", day, expect=1)[1])


if __name__ == "__main__":
    unittest.main()
