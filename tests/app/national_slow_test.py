"""A whole country in 64 partitions, all meters resident: loaded, settled, audited equal, opened again.

HHGRID_NATIONAL_METERS=32000000 makes it whole, for a machine with nothing else to do: only then it is held to its bounds.
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

WHOLE = 32_000_000
BOUNDS = {"national-load": 480, "national-run": 15, "national-open": 20, "national-memory": 16}


class National(unittest.TestCase):
    def test_a_country_is_loaded_settled_and_audited_equal(self):
        meters = int(os.environ.get("HHGRID_NATIONAL_METERS", "500000"))
        with program.temporary_folder() as folder:
            done = subprocess.run([program.executable(), "bench", "national", "--json", "--meters", str(meters), "--runs", "1",
                                   "--directory", str(pathlib.Path(folder) / "bench")],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = {f.pop("benchmark"): f.popitem()[1] for f in map(json.loads, done.stdout.splitlines())}
        self.assertEqual(sorted(figures), sorted([*BOUNDS, "national-audit"]))
        if meters >= WHOLE:
            for name, bound in BOUNDS.items():
                self.assertLessEqual(figures[name], bound, name)


if __name__ == "__main__":
    unittest.main()
