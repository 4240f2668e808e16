"""Benchmarks run at small sizes, say the figures that docs/benchmarks.md has, and leave nothing behind."""
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

SMALL = {"meters": 400, "partitions": 2, "runs": 1}
# Benchmark -> its sizes beside SMALL (None: it does not take that one), and the figures that it says, by name.
BENCHMARKS = {
    "close-day": ({"days": 3}, {"close-day": ["seconds"]}),
    "cutoff": ({"days": 3}, {"cutoff": ["seconds", "without_s", "ratio"]}),
    "deliveries": ({}, {"deliveries": ["seconds", "of_one_s", "ratio"], "open": ["seconds"]}),
    "handles": ({"days": 3}, {"handles": ["requests_per_s"]}),
    "line-losses": ({"meters": None, "days": 1}, {"line-losses": ["records_per_s"]}),
    "registrations": ({"days": 2}, {"registrations": ["rows_per_s"], "supplier-changes": ["rows_per_s"]}),
    "national": ({"meters": 3000}, {"national-load": ["seconds"], "national-run": ["seconds"], "national-audit": ["seconds"],
                      "national-open": ["seconds"], "national-memory": ["gib"]}),
}


class Benchmarks(unittest.TestCase):
    def test_each_says_its_figures_and_leaves_nothing(self):
        for name, (sizes, expected) in BENCHMARKS.items():
            with self.subTest(name), program.temporary_folder() as folder:
                directory = pathlib.Path(folder) / "bench"
                done = program.run("bench", name, "--json", "--directory", str(directory),
                                   *program.flags({**SMALL, **sizes}))
                self.assertEqual(done.returncode, 0, done.stderr)
                figures = [json.loads(line) for line in done.stdout.splitlines()]
                self.assertEqual({f.pop("benchmark"): list(f) for f in figures}, expected)
                self.assertTrue(all(value > 0 for f in figures for value in f.values()), figures)
                self.assertFalse(directory.exists(), list(directory.rglob("*")))


if __name__ == "__main__":
    unittest.main()
