"""How many files the program may have open, and grids that need many."""
import os
import pathlib
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402


def call(soft, hard, *arguments):
    """Runs a command that may have so many files open."""
    return subprocess.run([program.executable(), *map(str, arguments)], capture_output=True, text=True, timeout=600, check=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))


class OpenFiles(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.file = self.folder / "bank_holidays.csv"
        self.file.write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")

    def tearDown(self):
        self._folder.cleanup()

    def test_the_soft_limit_is_raised_to_what_a_grid_of_many_partitions_needs(self):
        grid = self.folder / "grid"
        done = call(1024, 8192, "ingest", self.file, "--data", grid, "--partitions", 256)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = call(1024, 8192, "status", "--data", grid)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_does_not_fit_under_the_hard_limit_is_refused_before_anything_is_made(self):
        done = call(1024, 1024, "ingest", self.file, "--data", self.folder / "grid", "--partitions", 256)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("271 stores need 5676 open files, this process may have 1024", done.stderr)
        self.assertFalse((self.folder / "grid").exists())

    def test_a_grid_that_is_there_is_refused_and_left_as_it_is(self):
        grid = program.Grid(self.folder / "grid")
        grid.ingest(self.file, partitions=60)
        done = call(1024, 1024, "status", "--data", grid.folder)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("may have 1024", done.stderr)
        grid.call("check")


if __name__ == "__main__":
    unittest.main()
