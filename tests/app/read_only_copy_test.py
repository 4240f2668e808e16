"""check and audit read a data directory that cannot be written, and leave one that can be as it is."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402


class ReadOnly:
    """A folder that is seen again at another place, where it cannot be written; needs root."""

    def __init__(self, folder, place):
        self._folder, self._place = folder, place

    def __enter__(self):
        self._place.mkdir()
        for command in (["mount", "--bind", self._folder, self._place], ["mount", "-o", "remount,bind,ro", self._place]):
            if subprocess.run(command, capture_output=True, check=False).returncode:
                raise unittest.SkipTest("a folder cannot be mounted read-only: it needs root")
        return self._place

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self._place], check=False)


def contents(folder):
    """Every file and folder by name, files with a digest of their bytes."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            for path in sorted(folder.rglob("*"))}


class Verification(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.data = self.folder / "grid"
        self.grid = program.Grid(self.data)
        self.grid.call("simulate", "--meters", "20", "--days", "2", "--groups", "1", "--from", "2026-01-05")
        self.grid.call("run", "--day", "2026-01-06", "--code", "II")

    def tearDown(self):
        self._folder.cleanup()

    def expect_verified(self, place):
        grid = program.Grid(place)
        self.assertIn("is sound", grid.call("check")[0])
        self.assertIn("equal bit by bit", grid.call("audit", "--run", "all")[0])
        self.assertEqual([r["equal"] for r in json.loads(grid.call("audit", "--json")[0])], [True])

    def test_check_and_audit_change_nothing(self):
        before = contents(self.data)
        self.expect_verified(self.data)
        self.assertEqual(contents(self.data), before)

    def test_check_and_audit_work_where_nothing_can_be_written(self):
        with ReadOnly(self.data, self.folder / "copy") as place:
            self.expect_verified(place)

    def test_a_store_that_is_behind_the_journal_has_to_be_brought_up_first(self):
        shutil.rmtree(self.data / "partitions" / "00001")  # the journal still has all of it
        with ReadOnly(self.data, self.folder / "copy") as place:
            _, message = program.Grid(place).call("check", expect=3)
            self.assertIn("the journal holds entries that the stores do not have yet", message)
        self.expect_verified(self.data)

    def test_a_grid_in_use_is_not_verified(self):
        reader, writer = os.pipe()
        with subprocess.Popen([program.executable(), "ingest", "-", "--kind", "bank_holidays", "--data", str(self.data)],
                              stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as loading:
            os.close(reader)
            holder = ""
            while holder != str(loading.pid):
                holder = (self.data / "LOCK").read_text(encoding="utf-8").strip()
            _, message = self.grid.call("check", expect=3)
            self.assertIn("is in use by process %d" % loading.pid, message)
            os.write(writer, b"date,name\n")
            os.close(writer)
            loading.communicate()


class NoStore(unittest.TestCase):
    """A partition for which nothing has come has no store, and no reader makes one."""

    def test_readers_pass_over_partitions_without_entries(self):
        with program.temporary_folder() as name:
            folder = pathlib.Path(name)
            grid = program.Grid(folder / "grid", "grid.partitions=4")
            file = folder / "bank_holidays.csv"
            file.write_text("date,name\n2027-12-27,Christmas\n", encoding="utf-8")
            grid.ingest(file)
            for command in (("status",), ("export", "registrations"), ("export", "consumption", "--as-of", "2026-01-01T00:00:00Z"),
                            ("export", "refusals"), ("export", "outbox"), ("dead-letters", "list"), ("check",), ("runs",)):
                with self.subTest(command=command):
                    grid.call(*command)
            self.assertIn("has no state in this grid", grid.call("inspect", "meter/1200000000011", expect=1)[1])
            self.assertFalse((folder / "grid" / "partitions").exists())
            grid.call("simulate", "--meters", "1", "--days", "2", "--groups", "1", "--from", "2026-01-05", "--join")
            self.assertEqual(len(list((folder / "grid" / "partitions").iterdir())), 1)
            self.assertNotEqual(program.rows(grid.call("export", "registrations")[0]), [])
            grid.run_days(["2026-01-05"], "II")
            self.assertEqual(len(list((folder / "grid" / "partitions").iterdir())), 4, "a run asks them all")


if __name__ == "__main__":
    unittest.main()
