"""The command line and runs: held and released ones, what a meter tells of them in summer, and the demonstration."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402


class Held(unittest.TestCase):
    """A run whose correction factor is negative waits for somebody's decision."""

    def test_the_reason_is_told_once_and_kept_when_the_run_is_released(self):
        with program.temporary_folder() as folder:
            grid = program.Grid(pathlib.Path(folder) / "grid")
            simulate = ("simulate", "--meters", "20", "--days", "2", "--groups", "1", "--from", "2026-01-05")
            grid.call(*simulate)
            takes = pathlib.Path(folder) / "group_takes.csv"
            takes.write_text("gsp_group_id,settlement_date,settlement_period,mwh,flag\n" +
                             "".join("_A,2026-01-06,%d,-1000,A\n" % period for period in range(1, 49)), encoding="utf-8")
            grid.ingest(takes)
            shown, message = grid.call("run", "--day", "2026-01-06", "--code", "II", expect=5)
            self.assertEqual((shown + message).count("is below 0"), 1, shown + message)
            self.assertIn("run --release 2026-01-06-II-1", message)
            for command in (("export", "factors"), ("export", "factors", "--day", "2026-01-06"), ("audit",)):
                with self.subTest(command=command):
                    message = grid.call(*command, expect=1)[1]
                    self.assertIn("2026-01-06-II-1 is held: name it with --run", message)
                    self.assertIn("run --release 2026-01-06-II-1", message)
            shown, _ = grid.call("run", "--release", "2026-01-06-II-1")
            self.assertIn("was held: A GSP Group Correction Factor of _A", shown)
            shown, message = grid.call("run", "--release", "2026-01-06-II-1")
            self.assertIn("was released before; there is nothing left to do", message)
            self.assertIn("2026-01-06-II-1", shown)
            self.assertEqual(json.loads(grid.call("dead-letters", "list", "--json")[0]), [])
            listed = json.loads(grid.call("runs", "--json")[0])
            self.assertEqual([(r["status"], "is below 0" in r["reason"]) for r in listed], [("published", True)])

    def test_the_exceptions_of_a_refused_run_are_as_many_as_are_exported(self):
        with program.temporary_folder() as folder:
            grid = program.Grid(pathlib.Path(folder) / "grid")
            grid.call("simulate", "--meters", "20", "--days", "2", "--groups", "1", "--from", "2026-01-05")
            shown, _ = grid.call("run", "--day", "2026-03-01", "--code", "II", "--json", expect=5)
            listed, = json.loads(grid.call("runs", "--json")[0])
            exported = program.rows(grid.call("export", "exceptions", "--run", listed["run_id"])[0])
            self.assertEqual((listed["status"], exported[0]["kind"]), ("refused", "refused"))
            self.assertEqual((listed["exceptions"], json.loads(shown)["exceptions"]), (len(exported), len(exported)))

    def test_what_is_simulated_joins_the_data_of_a_grid_only_when_asked_to(self):
        with program.temporary_folder() as folder:
            grid = program.Grid(pathlib.Path(folder) / "grid")
            simulate = ("simulate", "--meters", "20", "--days", "2", "--groups", "1")
            grid.call(*simulate, "--seed", "1")
            before = grid.call("export", "consumption")[0]
            self.assertIn("--join", grid.call(*simulate, "--seed", "2", expect=1)[1])
            self.assertEqual(grid.call("export", "consumption")[0], before)
            grid.call(*simulate, "--seed", "2", "--join")
            self.assertEqual(len(program.rows(grid.call("export", "registrations")[0])), 40)


class Summer(unittest.TestCase):
    """A settlement day in summer lies in two UTC days."""

    def test_what_a_meter_tells_of_a_utc_day_says_which_part_of_the_settlement_day_it_is(self):
        with program.temporary_folder() as folder:
            grid = program.Grid(pathlib.Path(folder) / "grid")
            grid.call("simulate", "--meters", "20", "--days", "3", "--groups", "1", "--from", "2025-06-10")
            grid.call("run", "--day", "2025-06-11", "--code", "II")
            mpan = program.rows(grid.call("export", "consumption", "--day", "2025-06-11")[0])[0]["mpan"]
            parts = {}
            for day in ("2025-06-10", "2025-06-11"):
                told = json.loads(grid.call("inspect", "meter/" + mpan, "--day", day, "--json")[0])
                run, = (r for r in told["quantities"][0]["runs"]["items"] if r["settlement_date"] == "2025-06-11")
                parts[day] = (run["settlement_periods"], run["other_settlement_periods"], len(run["periods"]))
            self.assertEqual(parts, {"2025-06-10": ("1-2", "3-48 in UTC day 2025-06-11", 2),
                                     "2025-06-11": ("3-48", "1-2 in UTC day 2025-06-10", 46)})


class Demonstration(unittest.TestCase):
    def test_the_commands_that_it_names_can_be_typed_as_they_stand(self):
        with program.temporary_folder() as folder:
            place = pathlib.Path(folder) / "a folder"
            place.mkdir()
            (place / "hhgrid").symlink_to(pathlib.Path(program.executable()).resolve())
            small = (place / "hhgrid", "demo", "--meters", "100", "--days", "3", "--groups", "1")

            def named(*arguments):
                told = subprocess.run([*small, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=True)
                return told.stdout.partition("Where to look next\n")[2].splitlines()

            self.assertEqual(named()[0].strip(),
                             "'%s/hhgrid' demo --meters 100 --days 3 --groups 1 --keep my-grid" % place)
            commands = named("--keep", "it's mine")
            self.assertEqual(len(commands), 4, commands)
            for command in commands:
                with self.subTest(command=command):
                    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=120,
                                          check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
