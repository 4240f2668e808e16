"""One delivery says two things of one: whatever the layout and the order of its rows, none of them counts, and it is told."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402
from market_case import Case, DAY, LONG, METERS, MPANS, REGISTRATION, WIDE, end_of, register, registration, wide  # noqa: E402


class ContradictedReadings(Case):
    """One delivery says two things of one half hour: the layout and the order of its rows change nothing."""

    def refused(self):
        """The half hours that are refused, each as often as it was said."""
        return sorted((row["code"], row["address"], row["period"], row["kwh"]) for row in self.export("refusals"))

    def test_every_layout_and_order_refuses_both_values_and_keeps_the_rest(self):
        first, other = MPANS[:2]
        def row(mpan, period, kwh):
            return "%s,AI,%s,%s,A" % (mpan, end_of(period), kwh)
        neighbours = [row(first, 20, "5.000"), row(first, 20, "0.000"), row(first, 21, "2.000"), row(other, 20, "1.000")]
        layouts = {
            "neighbours": (LONG, neighbours),
            "by_time": (LONG, [neighbours[0], neighbours[3], neighbours[1], neighbours[2]]),
            "backwards": (LONG, neighbours[::-1]),
            "three": (LONG, [*neighbours, neighbours[0]]),
            "wide": (WIDE, [wide(first, [""] * 19 + ["5.000", "2.000"] + [""] * 27), wide(other, [""] * 19 + ["1"] + [""] * 28),
                            wide(first, [""] * 19 + ["0"] + [""] * 28)]),
            "wide_backwards": (WIDE, [wide(first, [""] * 19 + ["0"] + [""] * 28), wide(other, [""] * 19 + ["1"] + [""] * 28),
                                      wide(first, [""] * 19 + ["5.000", "2.000"] + [""] * 27)]),
        }
        for name, (header, lines) in layouts.items():
            with self.subTest(name):
                self.grid = program.Grid(self.folder / name)
                kind = "consumption" if header == LONG else "consumption_wide"
                self.grid.ingest(self.write("%s-%s.csv" % (kind, name), header, lines), expect=2)
                counted = [(row["mpan"], row["period_end_utc"], row["kwh"]) for row in self.export("consumption")]
                self.assertEqual(counted, [(first, end_of(21), "2.000"), (other, end_of(20), "1.000")])
                self.assertEqual(self.refused(), [("ECS1006", "meter/" + first, "20", "0.000"), ("ECS1006", "meter/" + first, "20", "5.000")])

    def test_a_file_given_again_after_another_is_the_last(self):
        self.grid.ingest(self.write("registrations.csv", REGISTRATION, [registration(MPANS[0])]))
        first = self.write("consumption-1.csv", LONG, ["%s,AI,%s,1.000,A" % (MPANS[0], end_of(7))])
        second = self.write("consumption-2.csv", LONG, ["%s,AI,%s,2.000,A" % (MPANS[0], end_of(7))])
        self.grid.ingest(first, second, first)
        self.assertEqual([row["kwh"] for row in self.export("consumption")], ["1.000"])
        self.grid.call("check")

    def test_of_two_deliveries_the_later_one_counts(self):
        mpan = MPANS[0]
        for kwh in ("5.000", "0.000"):
            self.grid.ingest(self.write("consumption.csv", LONG, ["%s,AI,%s,%s,A" % (mpan, end_of(20), kwh)]))
        self.assertEqual([row["kwh"] for row in self.export("consumption")], ["0.000"])
        self.assertEqual(self.export("refusals"), [])

    def test_a_contradiction_leaves_what_an_earlier_delivery_said(self):
        mpan = MPANS[0]
        self.grid.ingest(self.write("consumption.csv", LONG, ["%s,AI,%s,7.000,A" % (mpan, end_of(20))]))
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, [wide(mpan, [str(kwh)] * 48) for kwh in (1, 2)]), expect=2)
        self.assertEqual([row["kwh"] for row in self.export("consumption")], ["7.000"])


class ContradictedRegistrations(Case):
    """The same of registrations with one effective_from."""

    def test_whatever_the_order_both_are_refused_and_named(self):
        first, other = MPANS[:2]
        one, another = registration(first), registration(first, "SUPB")
        for name, lines in {"neighbours": [one, another, registration(other)], "apart": [one, registration(other), another],
                            "turned": [another, registration(other), one], "again": [one, another, registration(other), one]}.items():
            with self.subTest(name):
                self.grid = program.Grid(self.folder / name)
                summary = self.grid.ingest(self.write("registrations-%s.csv" % name, REGISTRATION, lines), expect=2)
                self.assertEqual(summary["registrations_refused"], 2)
                self.assertEqual([row["mpan"] for row in self.export("registrations")], [other])
                self.assertEqual([(row["code"], row["address"], row["utc_day"]) for row in self.export("refusals")],
                                 [("ECS1006", "meter/" + first, "2020-01-01")] * 2)
                self.grid.call("check")

    def test_the_same_again_is_unchanged_and_no_refusal(self):
        lines = [registration(MPANS[0]), registration(MPANS[1]), registration(MPANS[0])]
        summary = self.grid.ingest(self.write("registrations.csv", REGISTRATION, lines))
        self.assertEqual((summary["entries_accepted"], summary["entries_unchanged"], summary["registrations_refused"]), (2, 1, 0))

    def test_of_two_deliveries_the_later_one_counts(self):
        for supplier in ("SUPA", "SUPB"):
            self.grid.ingest(self.write("registrations.csv", REGISTRATION, [registration(MPANS[0], supplier)]))
        self.assertEqual([row["supplier_id"] for row in self.export("registrations")], ["SUPB"])


class ContradictedStandingData(Case):
    """The same of Group Takes, line losses, annual consumption and the other standing data."""

    TAKES = "gsp_group_id,settlement_date,settlement_period,mwh"
    LOSSES = "distributor_id,llfc_id,settlement_date,settlement_period,llf"

    def orders(self, lines):
        """The first two contradict each other."""
        one, another, other = lines
        return {"neighbours": [one, another, other], "apart": [one, other, another], "turned": [another, other, one],
                "again": [one, other, another, other, one], "between": [one, other, another, one]}

    def load(self, name, kind, header, lines):
        self.grid = program.Grid(self.folder / name)
        return self.grid.ingest(self.write("%s-%s.csv" % (kind, name), header, lines), expect=2)

    def test_takes_of_one_period_are_refused_in_every_order(self):
        lines = ["_C,%s,1,1.000000" % DAY, "_C,%s,1,2.000000" % DAY, "_C,2024-01-18,1,3.000000"]
        for name, order in self.orders(lines).items():
            with self.subTest(name):
                summary = self.load(name, "group_takes", self.TAKES, order)
                shown = json.loads(self.grid.call("inspect", "gsp/_C", "--day", DAY, "--json")[0])["take"]
                self.assertEqual([p for p in shown["periods"] if p["kwh"] is not None], [])
                self.assertEqual((summary["standing_rows_refused"], summary["entries_accepted"], len(shown["versions"])), (2, 2, 2))
                refused = [(row["code"], row["address"], row["utc_day"], row["period"], row["kwh"]) for row in self.export("refusals")]
                self.assertEqual(sorted(refused), [("ECS1006", "gsp/_C", DAY, "1", kwh) for kwh in ("1000.000", "2000.000")])
                self.assertTrue(all("says two things" in row["sentence"] for row in self.export("refusals")))
                self.grid.call("check")

    def test_factors_of_one_period_are_refused_in_every_order(self):
        lines = ["12,001,%s,1,1.100" % DAY, "12,001,%s,1,1.200" % DAY, "12,002,%s,1,1.300" % DAY]
        for name, order in self.orders(lines).items():
            with self.subTest(name):
                summary = self.load(name, "line_losses", self.LOSSES, order)
                self.assertEqual(summary["standing_rows_refused"], 2)
                self.assertEqual(sorted(row["sentence"][-5:] for row in self.export("refusals")), ["1.100", "1.200"])
                self.grid.call("check")

    def test_what_is_repeated_and_then_contradicted_is_refused_in_every_order(self):
        """An earlier delivery said the first of them, so where that comes first it changes nothing."""
        lines = {"group_takes": (self.TAKES, ["_C,%s,1,%s" % (DAY, mwh) for mwh in ("1.000000", "2.000000")], "_C,2024-01-18,1,3.000000"),
                 "line_losses": (self.LOSSES, ["12,001,%s,1,%s" % (DAY, llf) for llf in ("1.100", "1.200")], "12,002,%s,1,1.300" % DAY),
                 "annual_consumption": ("mpan,effective_from,kwh,quality",
                                        ["%s,2020-01-01,%s,A" % (MPANS[0], kwh) for kwh in ("1000", "2000")],
                                        "%s,2020-01-01,3000,A" % MPANS[1]),
                 "registrations": (REGISTRATION, [registration(MPANS[0], supplier) for supplier in ("SUPA", "SUPB")],
                                   registration(MPANS[1])),
                 "meters": (METERS, [register(MPANS[0], kwh) for kwh in ("10.000", "20.000")], register(MPANS[1], "30.000")),
                 "consumption": (LONG, ["%s,AI,%s,%s,A" % (MPANS[0], end_of(20), kwh) for kwh in ("1.000", "2.000")],
                                 "%s,AI,%s,3.000,A" % (MPANS[1], end_of(20)))}
        told = {"annual_consumption": ("annual-consumption", "kwh"), "registrations": ("registrations", "supplier_id"),
                "meters": ("meters", "maximum_kwh"),
                "consumption": ("consumption", "kwh")}
        for kind, (header, (one, another), other) in lines.items():
            shown = []
            for name, order in self.orders([one, another, other]).items():
                with self.subTest(kind=kind, order=name):
                    self.grid = program.Grid(self.folder / (kind + name))
                    self.grid.ingest(self.write("%s-%s-before.csv" % (kind, name), header, [one, other]))
                    self.load(kind + name, kind, header, order)
                    self.assertEqual(len(self.export("refusals")), 2)
                    if kind in told:
                        table, column = told[kind]
                        shown.append(sorted((row["mpan"], row[column]) for row in self.export(table)))
                        self.assertEqual(len(shown[-1]), 2)
                        self.assertEqual(shown[-1], shown[0])
                    elif kind == "group_takes":
                        take = json.loads(self.grid.call("inspect", "gsp/_C", "--day", DAY, "--json")[0])["take"]
                        self.assertEqual([p["kwh"] for p in take["periods"] if p["kwh"] is not None], ["1000.000"])
                    self.grid.call("check")

    def test_a_run_settles_by_what_an_earlier_delivery_said(self):
        self.load_market("0.001000")
        self.grid.ingest(self.write("registrations.csv", REGISTRATION, [registration(MPANS[0])]))
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, [wide(MPANS[0], ["1.000"] * 48)]))
        takes = ["_C,%s,%d,%s" % (DAY, p, mwh) for mwh in ("0.002000", "0.003000") for p in range(1, 49)]
        losses = ["12,001,%s,%d,%s" % (DAY, p, llf) for llf in ("1.100", "1.200") for p in range(1, 49)]
        apart = takes[:48] + ["_C,2024-01-18,1,1.000000"] + takes[48:]
        apart_losses = losses[:48] + ["12,002,%s,1,1.000" % DAY] + losses[48:]
        summary = self.grid.ingest(self.write("group_takes.csv", self.TAKES, apart),
                                   self.write("line_losses.csv", self.LOSSES, apart_losses), expect=2)
        self.assertEqual(summary["standing_rows_refused"], 192)
        run = self.grid.run_days([DAY], "SF")[DAY]["run_id"]
        self.assertEqual({(row["group_take_mwh"], row["uncorrected_mwh"]) for row in self.export("factors", "--run", run)},
                         {("0.001000", "0.001000")})
        self.grid.call("audit", "--run", "all")
        self.grid.call("check")

    def test_units_of_one_identity_are_refused(self):
        self.load_market("0.001000")
        header = "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to"
        lines = ["2__CSUPX000,SUPX,_C,%s,2010-01-01," % default for default in "TF"]
        summary = self.grid.ingest(self.write("bmus.csv", header, lines), expect=2)
        self.assertEqual(summary["standing_rows_refused"], 2)
        self.assertEqual([(row["code"], row["address"], row["utc_day"]) for row in self.export("refusals")],
                         [("ECS1006", "bmu/2__CSUPX000", "2010-01-01")] * 2)
        self.grid.call("check")

    def test_annual_consumptions_of_one_day_are_refused(self):
        header = "mpan,effective_from,kwh,quality"
        lines = ["%s,2020-01-01,%s,A" % (mpan, kwh) for mpan, kwh in ((MPANS[0], "1000"), (MPANS[0], "2000"), (MPANS[1], "3000"))]
        for name, order in self.orders(lines).items():
            with self.subTest(name):
                summary = self.load(name, "annual_consumption", header, order)
                self.assertEqual(summary["annual_consumptions_refused"], 2)
                self.assertEqual([row["mpan"] for row in self.export("annual-consumption")], [MPANS[1]])
                self.assertEqual([(row["code"], row["address"], row["utc_day"]) for row in self.export("refusals")],
                                 [("ECS1006", "meter/" + MPANS[0], "2020-01-01")] * 2)
                self.grid.call("check")

    def test_the_same_again_is_unchanged_and_of_two_deliveries_the_later_counts(self):
        lines = ["_C,%s,1,1.000000" % DAY, "_C,2024-01-18,1,3.000000", "_C,%s,1,1.000000" % DAY]
        summary = self.grid.ingest(self.write("group_takes.csv", self.TAKES, lines))
        self.assertEqual((summary["entries_accepted"], summary["entries_unchanged"], summary["standing_rows_refused"]), (2, 1, 0))
        self.grid.ingest(self.write("group_takes.csv", self.TAKES, ["_C,%s,1,2.000000" % DAY]))
        shown = json.loads(self.grid.call("inspect", "gsp/_C", "--day", DAY, "--json")[0])["take"]["periods"]
        self.assertEqual(shown[0]["kwh"], "2000.000")
        self.assertEqual(self.export("refusals"), [])


if __name__ == "__main__":
    unittest.main()
