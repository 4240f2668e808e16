"""A made case is the same for the same seed, holds what makes settlement hard, and settles with its energy in balance."""
import collections
import contextlib
import csv
import filecmp
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import make_case  # noqa: E402
import settle  # noqa: E402
from numbers_exact import parse_decimal  # noqa: E402


def quietly(main, *argv):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(list(argv))


def batches(folder, count=3):
    return [argument for name, at in make_case.FOLDERS[:count]
            for argument in ("--batch", "%s:%s" % (os.path.join(folder, name), at))]


class MadeCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.case, cls.out = os.path.join(cls.temporary.name, "case"), os.path.join(cls.temporary.name, "out")
        quietly(make_case.main, "--seed", "5", "--out", cls.case)
        cls.code = quietly(settle.main, *batches(cls.case), "--out", cls.out)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def rows(self, name, out=None):
        with open(os.path.join(out or self.out, name + ".csv"), encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def test_a_seed_gives_one_case(self):
        again = os.path.join(self.temporary.name, "again")
        quietly(make_case.main, "--seed", "5", "--out", again)
        for name, _ in make_case.FOLDERS:
            files = os.listdir(os.path.join(self.case, name))
            _, different, missing = filecmp.cmpfiles(os.path.join(self.case, name), os.path.join(again, name), files, False)
            self.assertEqual((different, missing), ([], []))

    def test_both_clock_changes_and_all_flags_occur(self):
        self.assertEqual(self.code, 0)
        days = collections.Counter(r["settlement_date"] for r in self.rows("factors") if r["gsp_group_id"] == "_C")
        self.assertEqual(collections.Counter(days.values()), {48: 20, 46: 1, 50: 1})
        self.assertEqual({r["flag"] for r in self.rows("load-shapes")}, set("ABDE"))
        flags = {(r["measurement_quantity"], r["load_shape_flag"]) for r in self.rows("defaults")}
        self.assertEqual(flags, {(q, f) for q in ("AI", "AE") for f in "ABDE"})

    def test_corrected_volumes_and_residual_make_up_the_take(self):
        allocated = collections.Counter()
        for row in self.rows("bmu-volumes"):
            taken, given, net = (parse_decimal(row[c], 6) for c in ("import_mwh", "export_mwh", "allocated_mwh"))
            self.assertEqual(taken - given, net)
            allocated[row["run_id"], row["gsp_group_id"], row["settlement_period"]] += net
        factors = self.rows("factors")
        self.assertEqual(len(factors), len(allocated))
        for row in factors:
            residual = parse_decimal(row["residual_mwh"], 6)
            key = (row["run_id"], row["gsp_group_id"], row["settlement_period"])
            self.assertEqual(allocated[key] + residual, parse_decimal(row["group_take_mwh"], 6))
            self.assertLess(abs(residual), 30)

    def test_factors_stay_near_one(self):
        factors = [parse_decimal(r["gcf_import"], 9) for r in self.rows("factors")]
        self.assertTrue(all(800_000_000 < f < 1_200_000_000 for f in factors))
        self.assertTrue(min(factors) < 10**9 < max(factors))

    def test_a_run_as_of_a_cut_off_is_a_run_without_what_came_later(self):
        as_of, without = (os.path.join(self.temporary.name, name) for name in ("as_of", "without"))
        quietly(settle.main, *batches(self.case), "--cutoff", make_case.FOLDERS[1][1], "--out", as_of)
        quietly(settle.main, *batches(self.case, 2), "--out", without)
        names = [name + ".csv" for name in ("bmu-volumes", "components", "factors", "defaults", "load-shapes")]
        self.assertEqual(filecmp.cmpfiles(as_of, without, names, False)[0], names)
        self.assertNotIn("components.csv", filecmp.cmpfiles(as_of, self.out, names, False)[0])


if __name__ == "__main__":
    unittest.main()
