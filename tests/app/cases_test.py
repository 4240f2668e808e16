"""Small inputs with one fault each, from the file to the settled volume: what counts, what is refused, what is told."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402
from market_case import Case, DAY, LONG, METERS, MPANS, REGISTRATION, WIDE, end_of, register, registration, wide  # noqa: E402


class Maxima(Case):
    """What meters send in place of an error is refused, and settles nothing."""

    def test_what_a_household_cannot_use_settles_nothing(self):
        self.load_market("0.006500")
        self.grid.ingest(self.write("registrations.csv", REGISTRATION,
                                    [registration(m, "SUPA" if i < 6 else "SUPB") for i, m in enumerate(MPANS)]))
        lines = [wide(mpan, ["0.500"] * 48) for mpan in MPANS[:12]]
        errors = [(21, "16777.215"), (25, "8590.017"), (29, "34364.271")]
        for i, (period, kwh) in enumerate(errors):
            lines[i] = wide(MPANS[i], ["0.500"] * (period - 1) + [kwh] + ["0.500"] * (48 - period))
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, lines), expect=2)
        self.assertEqual([(row["code"], row["period"], row["kwh"]) for row in self.export("refusals")],
                         [("ECS1012", str(period), kwh) for period, kwh in errors])
        run = self.grid.run_days([DAY], "SF")[DAY]["run_id"]
        shapes = [(row["kwh"], row["count"]) for row in self.export("load-shapes", "--run", run)
                  if row["utc_period"] == "21" and (row["connection_type"], row["domestic"], row["measurement_quantity"]) == ("W", "T", "AI")]
        self.assertEqual(shapes, [("0.500", "11")])
        volumes = self.volumes(run)
        self.assertEqual([volumes[unit, "21"]["allocated_mwh"] for unit in ("2__CSUPA000", "2__CSUPB000")], ["0.003000", "0.003500"])

    def test_the_limit_is_that_of_the_connection_type(self):
        limits = {"W": 38, "L": 600, "H": 50000, "E": 400000, "U": 1000}
        segments = {"W": "S", "L": "A", "H": "A", "E": "A", "U": "U"}
        meters = dict(zip(limits, MPANS))
        self.grid.ingest(self.write("registrations.csv", REGISTRATION,
                                    [registration(meters[c], segment=segments[c], connection=c) for c in limits]))
        lines = []
        for connection, limit in limits.items():
            for period, kwh in ((1, "%d.000" % limit), (2, "%d.001" % limit)):
                lines.append("%s,AI,%s,%s,A" % (meters[connection], end_of(period), kwh))
        self.grid.ingest(self.write("consumption.csv", LONG, lines), expect=2)
        self.assertEqual({row["mpan"]: row["kwh"] for row in self.export("consumption")},
                         {meters[c]: "%d.000" % limit for c, limit in limits.items()})
        self.assertEqual({row["address"]: (row["code"], row["kwh"]) for row in self.export("refusals")},
                         {"meter/" + meters[c]: ("ECS1012", "%d.001" % limit) for c, limit in limits.items()})


    def test_a_meters_own_limit_counts_over_that_of_its_connection_whenever_it_comes(self):
        """A flat of 3 kW behind a connection of 38 kWh, and a site behind one of 600 kWh whose meter carries 700."""
        flat, site = MPANS[:2]
        registrations = self.write("registrations.csv", REGISTRATION, [
            registration(flat), registration(site, "SUPB", segment="A", connection="L")])
        readings = self.write("consumption.csv", LONG, [
            "%s,AI,%s,%s,A" % (mpan, end_of(period), kwh) for mpan, values in ((flat, ("1.500", "1.501")), (site, ("700.000", "700.001")))
            for period, kwh in enumerate(values, 20)])
        own = self.write("meters.csv", METERS, [register(flat, "1.5"), register(site, "700")])
        orders = {(registrations, own, readings): (0, 0, 2), (own, readings, registrations): (0, 0, 2), (registrations, readings, own): (0, 2, 2)}
        for order, codes in orders.items():
            with self.subTest([path.stem for path in order]):
                self.grid = program.Grid(self.folder / ("".join(path.stem for path in order)))
                for path, code in zip(order, codes):
                    self.grid.ingest(path, expect=code)
                self.assertEqual([(row["mpan"], row["kwh"]) for row in self.export("consumption")],
                                 [(flat, "1.500"), (site, "700.000")])
                self.assertEqual({(row["code"], row["address"], row["kwh"]) for row in self.export("refusals")},
                                 {("ECS1012", "meter/" + flat, "1.501"), ("ECS1012", "meter/" + site, "700.001")})
                self.grid.call("check")

    def test_a_run_settles_by_a_meters_own_limit_and_as_of_a_cut_off_before_it_without(self):
        self.load_market("0.001000")
        self.grid.ingest(self.write("registrations.csv", REGISTRATION, [registration(mpan) for mpan in MPANS[:2]]),
                         received_at="2024-02-01T00:00:00Z")
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, [wide(mpan, ["0.500"] * 20 + ["8.000"] + ["0.500"] * 27) for mpan in MPANS[:2]]),
                         received_at="2024-02-01T00:00:00Z")
        self.grid.ingest(self.write("meters.csv", METERS, [register(MPANS[0], "2.000")]), received_at="2024-02-05T00:00:00Z", expect=2)
        self.assertEqual(len(self.export("consumption", "--as-of", "2024-02-04T00:00:00Z")), 96)
        self.assertEqual(len(self.export("consumption")), 95)
        self.assertEqual([(row["mpan"], row["maximum_kwh"]) for row in self.export("meters")], [(MPANS[0], "2.000")])
        self.assertEqual(self.export("meters", "--as-of", "2024-02-04T00:00:00Z"), [])
        uncorrected = {}
        for code, cutoff in (("II", "2024-02-04T00:00:00Z"), ("SF", None)):
            run = self.grid.run_days([DAY], code, *([cutoff] if cutoff else []))[DAY]["run_id"]
            uncorrected[code] = {row["settlement_period"]: row["uncorrected_mwh"] for row in self.export("factors", "--run", run)}["21"]
        self.assertEqual(uncorrected, {"II": "0.016000", "SF": "0.008000"})
        self.grid.call("audit", "--run", "all")
        self.grid.call("check")

    def test_registers_of_one_installation_that_differ_are_refused(self):
        for name, order in (("neighbours", [0, 1, 2]), ("apart", [0, 2, 1]), ("turned", [1, 2, 0])):
            with self.subTest(name):
                rows = [register(MPANS[0], "10"), register(MPANS[0], "20"), register(MPANS[1], "30")]
                self.grid = program.Grid(self.folder / name)
                summary = self.grid.ingest(self.write("meters-%s.csv" % name, METERS, [rows[i] for i in order]), expect=2)
                self.assertEqual((summary["registers_refused"], summary["entries_accepted"]), (2, 2))
                self.assertEqual([row["mpan"] for row in self.export("meters")], [MPANS[1]])
                self.assertEqual([(row["code"], row["address"], row["utc_day"], row["sentence"]) for row in self.export("refusals")],
                                 [("ECS1006", "meter/" + MPANS[0], "2020-01-01",
                                   "The delivery says two things of one register: M1 AI 2020-01-01T00:00:00Z.")] * 2)
                self.grid.call("check")


class AsOfACutOff(Case):
    def test_what_a_registration_refuses_that_was_received_later_counts_before(self):
        """In either order of loading: what was known then is what a run with that cut-off settles by."""
        readings = self.write("consumption.csv", LONG, ["%s,AI,%s,99.000,A" % (MPANS[0], end_of(20))])
        registered = self.write("registrations.csv", REGISTRATION, [registration(MPANS[0])])
        at = {readings: "2024-02-01T00:00:00Z", registered: "2024-02-05T00:00:00Z"}
        for order in ([registered, readings], [readings, registered]):
            with self.subTest(first=order[0].name):
                self.grid = program.Grid(self.folder / order[0].stem)
                for n, path in enumerate(order):
                    self.grid.ingest(path, received_at=at[path], expect=2 if n == 1 else 0)
                counting = {day: [row["kwh"] for row in self.export("consumption", "--as-of", "2024-02-%sT00:00:00Z" % day)]
                            for day in ("01", "04", "05")}
                self.assertEqual(counting, {"01": ["99.000"], "04": ["99.000"], "05": []})
                self.assertEqual(self.export("consumption"), [])


class Uncovered(Case):
    """Readings of a day that no registration of the meter covers, and of a meter without supply."""

    def test_a_meter_between_two_registrations_is_named_and_counts_nowhere(self):
        ended, other = MPANS[1], MPANS[0]
        self.load_market("0.001000")
        self.grid.ingest(self.write("registrations.csv", REGISTRATION, [
            registration(other), registration(MPANS[2], "SUPB", energised="D"),
            registration(ended, "SUPB", end="2024-01-16"), registration(ended, "SUPB", start="2024-01-18")]))
        shown, _ = self.grid.call("ingest", self.write("consumption_wide.csv", WIDE, [wide(m, ["1.000"] * 48) for m in (ended, other)]))
        self.assertIn("Of the entries 1 are readings of days that no registration of the meter covers (ECS1009)", shown)
        run = self.grid.run_days([DAY], "SF")[DAY]["run_id"]
        exceptions = [(row["kind"], row["subject"]) for row in self.export("exceptions", "--run", run)]
        self.assertEqual(exceptions, [("not_registered", ended)])
        volumes = self.volumes(run)
        self.assertEqual([volumes[unit, "1"]["allocated_mwh"] for unit in ("2__CSUPA000", "2__CSUPB000")], ["0.001000", "0.000000"])
        self.assertEqual(self.export("unregistered"), [])

    def test_of_a_de_energised_meter_actuals_count_with_a_warning_and_estimates_are_refused(self):
        without, other = MPANS[2], MPANS[0]
        self.load_market("0.001500")
        self.grid.ingest(self.write("registrations.csv", REGISTRATION, [registration(other), registration(without, "SUPB", energised="D")]))
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, [wide(other, ["1.000"] * 48), wide(without, ["0.500"] * 48)]))
        self.grid.ingest(self.write("consumption_wide.csv", WIDE, [wide(without, ["9.000"] * 48, "E1")]), expect=2)
        self.assertEqual({row["code"] for row in self.export("refusals")}, {"ECS1008"})
        run = self.grid.run_days([DAY], "SF")[DAY]["run_id"]
        exceptions = [(row["kind"], row["subject"]) for row in self.export("exceptions", "--run", run)]
        self.assertEqual(exceptions, [("de_energised", without)])
        volumes = self.volumes(run)
        self.assertEqual([volumes[unit, "1"]["allocated_mwh"] for unit in ("2__CSUPA000", "2__CSUPB000")], ["0.001000", "0.000500"])


if __name__ == "__main__":
    unittest.main()
