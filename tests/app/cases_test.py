"""Small inputs with one fault each, from the file to the settled volume: what counts, what is refused, what is told."""
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

MPANS = ["1200000000011", "1200000000020", "1200000000030", "1200000000049", "1200000000058", "1200000000067", "1200000000076",
         "1200000000085", "1200000000094", "1200000000100", "1200000000119", "1200000000128", "1200000000137"]
DAY = "2024-01-17"
LONG = "mpan,measurement_quantity,period_end_utc,kwh,quality"
WIDE = "mpan,measurement_quantity,utc_day,quality," + ",".join("p%d" % p for p in range(1, 49))
METERS = "mpan,meter_id,installed_at,maximum_kwh"
REGISTRATION = ("mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,bmu_id,llfc_id,duos_tariff_id,"
                "market_segment,connection_type,domestic,energisation,data_service_id")


def end_of(period):
    """The end of a half hour of the day in UTC."""
    minutes = 30 * period
    return "%sT%02d:%02d:00Z" % (DAY, minutes // 60, minutes % 60)


def registration(mpan, supplier="SUPA", start="2020-01-01", end="", segment="S", connection="W", energised="E"):
    return "%s,%s,%s,I,_C,12,%s,,1,,%s,%s,T,%s," % (mpan, start, end, supplier, segment, connection, energised)


def register(mpan, maximum, start="2020-01-01T00:00:00Z", meter="M1"):
    return "%s,%s,%s,%s" % (mpan, meter, start, maximum)


def wide(mpan, values, quality="A"):
    return "%s,AI,%s,%s,%s" % (mpan, DAY, quality, ",".join(values))


class Case(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid", "grid.partitions=2")

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, header, rows):
        path = self.folder / name
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return path

    def load_market(self, take_mwh):
        """What a run of the day needs, but for meters: units, classes, losses of 1 and a take of the GSP Group."""
        periods = range(1, 49)
        self.grid.ingest(
            self.write("bmus.csv", "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to",
                       ["2__CSUPA000,SUPA,_C,T,2010-01-01,", "2__CSUPB000,SUPB,_C,T,2010-01-01,"]),
            self.write("component_classes.csv",
                       "ccc_id,connection_type,measurement_quantity,market_segment,indicator,weight,effective_from,effective_to",
                       ["%d,%s,AI,%s,%s,1.00,2010-01-01," % (100 + i, connection, segment, indicator) for i, (connection, segment, indicator)
                        in enumerate((c, s, x) for c, s in (("W", "S"), ("L", "A"), ("H", "A")) for x in "CL")]),
            self.write("line_losses.csv", "distributor_id,llfc_id,settlement_date,settlement_period,llf",
                       ["12,001,%s,%d,1.000" % (DAY, p) for p in periods]),
            self.write("group_takes.csv", "gsp_group_id,settlement_date,settlement_period,mwh",
                       ["_C,%s,%d,%s" % (DAY, p, take_mwh) for p in periods]))

    def export(self, table, *options):
        return program.rows(self.grid.call("export", table, *options)[0])

    def volumes(self, run):
        return {(row["bmu_id"], row["settlement_period"]): row for row in self.export("bmu-volumes", "--run", run)}


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
                self.assertEqual([(row["code"], row["address"], row["utc_day"]) for row in self.export("refusals")],
                                 [("ECS1006", "meter/" + MPANS[0], "2020-01-01")] * 2)
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
