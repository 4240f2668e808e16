"""A grid whose making was interrupted opens again: the same command simply goes on."""
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

#: After so many seconds: in the middle of making the stores, and a little later.
MOMENTS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8)


class InterruptedCreation(unittest.TestCase):
    def interrupt(self, arguments, seconds):
        process = subprocess.Popen([program.executable(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_an_ingest_that_was_killed_while_it_made_the_grid_can_be_run_again(self):
        with program.temporary_folder() as folder:
            town = os.path.join(folder, "town")
            program.run("simulate", "--meters", "60", "--days", "2", "--output", town)
            for n, seconds in enumerate(MOMENTS):
                with self.subTest(seconds=seconds):
                    grid = program.Grid(os.path.join(folder, "grid%d" % n))
                    self.interrupt(["ingest", town, "--data", str(grid.folder)], seconds)
                    summary = grid.ingest(town)
                    self.assertEqual(summary["rows_rejected"], 0)
                    self.assertIn("sound", grid.call("check")[0])
                    self.assertEqual(list(grid.folder.glob("**/*.new")), [], "nothing half-made is left")


if __name__ == "__main__":
    unittest.main()
