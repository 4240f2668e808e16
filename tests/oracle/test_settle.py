"""Tests of the oracle itself: the worked examples of the market's method statements and cases settled by hand."""
import contextlib
import io
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import allocation  # noqa: E402
import clock  # noqa: E402
import contract  # noqa: E402
import registry  # noqa: E402
import settle  # noqa: E402
import shapes  # noqa: E402
from numbers_exact import decimal_text, parse_decimal, round_ratio  # noqa: E402

D = clock.parse_date


def component(quantity, weight, mwh):
    return types.SimpleNamespace(quantity=quantity, weight=weight, uncorrected=[parse_decimal(mwh, 6)], corrected=[None])


def registration(**changes):
    fields = dict(effective_to=contract.OPEN_ENDED, direction="I", gsp="_C", distributor="12", supplier="ALFA", bmu="",
                  llfc="001", segment="S", connection="W", domestic="T", energised=True, quantity="AI")
    fields.update(changes)
    return types.SimpleNamespace(**fields)


def meter_day(values, actual=True):
    day = contract.MeterDay()
    for index, kwh in enumerate(values):
        day.energy_wh[index] = None if kwh is None else parse_decimal(kwh, 3)
        day.actual[index] = actual and kwh is not None
    return day


class Arithmetic(unittest.TestCase):
    def test_rounds_half_away_from_zero_on_both_sides(self):
        self.assertEqual([round_ratio(n, 2) for n in (-5, -3, -1, 0, 1, 3, 5)], [-3, -2, -1, 0, 1, 2, 3])
        self.assertEqual([round_ratio(n, 3) for n in (-2, -1, 1, 2)], [-1, 0, 0, 1])
        self.assertEqual(round_ratio(5, -2), -3)

    def test_decimals_keep_every_digit_and_refuse_more(self):
        self.assertEqual(parse_decimal("-.5", 3), -500)
        self.assertEqual(parse_decimal("1.230", 2), 123)
        self.assertEqual(decimal_text(-1, 6), "-0.000001")
        self.assertEqual(decimal_text(0, 6), "0.000000")
        for text in ("1.2345", "", ".", "1e3", " 1"):
            self.assertRaises(ValueError, parse_decimal, text, 3)


class Clock(unittest.TestCase):
    def test_clock_changes_give_46_and_50_periods(self):
        days = ("2013-03-30", "2013-03-31", "2013-04-01", "2013-10-27", "2013-10-28")
        self.assertEqual([clock.period_count(D(d)) for d in days], [48, 46, 48, 50, 48])

    def test_summer_days_begin_an_hour_before_the_utc_day(self):
        self.assertEqual(clock.end_text(clock.first_half_hour(D("2013-06-05"))), "2013-06-04T23:30:00Z")
        self.assertEqual(list(clock.utc_days_of(D("2013-06-05"))), [D("2013-06-04"), D("2013-06-05")])
        self.assertEqual(list(clock.utc_days_of(D("2013-03-31"))), [D("2013-03-31")])
        self.assertEqual(list(clock.utc_days_of(D("2013-10-27"))), [D("2013-10-26"), D("2013-10-27")])

    def test_utc_days_divide_into_settlement_days(self):
        spring, autumn = D("2013-03-31"), D("2013-10-27")
        self.assertEqual(clock.settlement_days_of(spring), ((spring, 0, 46), (spring + 1, 46, 48)))
        self.assertEqual(clock.settlement_days_of(autumn), ((autumn, 0, 48),))
        self.assertEqual(clock.settlement_days_of(autumn - 1), ((autumn - 1, 0, 46), (autumn, 46, 48)))

    def test_period_ends_round_trip(self):
        for text in ("2013-03-31T00:00:00Z", "2013-03-31T00:30:00Z", "2013-03-31T23:30:00Z"):
            self.assertEqual(clock.end_text(clock.half_hour_of_end(text)), text)
        self.assertRaises(ValueError, clock.half_hour_of_end, "2013-03-31T00:15:00Z")

    def test_a_bank_holiday_wins_over_the_weekday(self):
        days = [D("2013-03-29"), D("2013-03-30"), D("2013-03-31"), D("2013-04-02")]
        self.assertEqual([clock.day_type(d, {days[0]}) for d in days], ["BH", "SAT", "SUN", "WD"])


class CorrectionExample(unittest.TestCase):
    """Worked example 4.4 of the central services note."""
    ROWS = (("AI", 100, "300.000", "329.714684", "323.152914"), ("AI", 100, "23.400", "25.717745", "25.205927"),
            ("AI", 0, "400.000", "400.000000", "400.000000"), ("AI", 50, "20.000", "20.990489", "20.771764"),
            ("AI", 130, "10.000", "11.287636", "11.003293"), ("AI", 130, "0.780", "0.880436", "0.858257"),
            ("AE", 100, "40.000", "43.961958", "36.912945"), ("AE", 100, "3.120", "3.429033", "2.879210"),
            ("AE", 0, "60.000", "60.000000", "60.000000"), ("AE", 0, "1.200", "1.200000", "1.200000"))

    def correct(self, method, take="680"):
        components = [component(quantity, weight, mwh) for quantity, weight, mwh, _, _ in self.ROWS]
        factors = allocation.correct(components, 0, parse_decimal(take, 6), method)
        return factors, [decimal_text(c.corrected[0], 6) for c in components]

    def test_import_export_method(self):
        factors, corrected = self.correct("import_export")
        self.assertEqual((factors.gcf_import, factors.gcf_export), (1_077_176_379, 922_823_621))
        self.assertEqual(factors.uncorrected, 649_860_000)
        self.assertEqual(corrected, [row[4] for row in self.ROWS])
        self.assertLessEqual(abs(factors.residual), 5)

    def test_legacy_method(self):
        factors, corrected = self.correct("legacy")
        self.assertEqual((factors.gcf_import, factors.gcf_export), (1_099_048_946, 1_099_048_946))
        self.assertEqual(corrected, [row[3] for row in self.ROWS])

    def test_a_take_that_equals_the_volume_corrects_nothing(self):
        factors, corrected = self.correct("import_export", "649.86")
        self.assertEqual((factors.gcf_import, factors.gcf_export, factors.residual), (10**9, 10**9, 0))
        self.assertEqual(corrected, [decimal_text(parse_decimal(row[2], 6), 6) for row in self.ROWS])

    def test_no_weighted_volume_leaves_the_error_as_residual(self):
        factors = allocation.correct([component("AI", 0, "5"), component("AE", 100, "0")], 0, 7_000_000, "import_export")
        self.assertEqual((factors.gcf_import, factors.gcf_export, factors.residual), (10**9, 10**9, 2_000_000))


class ShapeExample(unittest.TestCase):
    """Worked example 2.7 of the central services note, and the ladder below it."""
    DAY = D("2013-01-16")
    SITES = (("0.200", "0.180", "0.160", "0.300"), ("0.400", "0.360", "0.300", "0.600"), ("0.120", "0.110", "0.090", "0.250"))
    GROUP = ("_C", "W", "S", "T", "AI")

    def case(self, *days):
        case = contract.Case()
        for site, values in enumerate(self.SITES):
            case.registrations[str(site)] = {0: registration()}
            case.consumption[(str(site), "AI")] = {day: meter_day(values) for day in days}
        return case

    def shapes(self, case, minimum=3):
        return shapes.Shapes(case, registry.Registry(case), minimum)

    def test_means_are_published_with_three_decimals_and_flag_a(self):
        values, flags, counts = self.shapes(self.case(self.DAY)).day_values(self.GROUP, self.DAY)
        self.assertEqual(values[:5], [240, 217, 183, 383, 0])
        self.assertEqual("".join(flags[:5]), "AAAAB")
        self.assertEqual(counts[:5], [3, 3, 3, 3, 0])

    def test_annual_consumption_scales_the_published_shape(self):
        # The note scales unrounded means (0.198 and 0.168 in the middle); the settled rule starts from published values.
        made = [allocation.default_from(v, "A", "AI", 2_700_000, 2_950_000) for v in (240, 217, 183, 383)]
        self.assertEqual(made, [220, 199, 167, 351])
        unrounded = [round_ratio(total * 2_700_000, 3 * 2_950_000) for total in (720, 650, 550, 1150)]
        self.assertEqual(unrounded, [220, 198, 168, 351])

    def test_a_small_sample_takes_the_latest_like_day_within_28(self):
        for back, flag in ((7, "D"), (28, "D"), (35, "B"), (4, "B")):  # 4 back is a Saturday
            loads = self.shapes(self.case(self.DAY - back))
            values, flags, _ = loads.day_values(self.GROUP, self.DAY)
            self.assertEqual((values[0], flags[0]), (240 if flag == "D" else 0, flag), back)

    def test_parents_without_domestic_then_without_gsp_group(self):
        loads = self.shapes(self.case(self.DAY))
        for group in (("_C", "W", "S", "F", "AI"), ("_A", "W", "S", "T", "AI")):
            values, flags, counts = loads.day_values(group, self.DAY)
            self.assertEqual((values[0], flags[0], counts[0]), (240, "E", 0))
        self.assertEqual(loads.day_values(("_C", "W", "A", "T", "AI"), self.DAY)[1][0], "B")

    def test_the_most_specific_default_shape_counts(self):
        case = contract.Case()
        for index, key in enumerate((("", "", "", "", "", ""), ("", "W", "", "", "AI", ""), ("_C", "", "", "", "AI", ""),
                                     ("_C", "", "", "", "AI", "SAT"), ("_A", "W", "S", "T", "AI", "WD"))):
            case.default_shapes[key] = [index] * 48
        loads = self.shapes(case)
        value = lambda group, day: loads.day_values(group, day)[0][0]  # noqa: E731
        self.assertEqual(value(self.GROUP, self.DAY), 2)
        self.assertEqual(value(self.GROUP, self.DAY + 3), 3)
        self.assertEqual(value(("_A", "W", "S", "T", "AI"), self.DAY), 4)
        self.assertEqual(value(("_B", "W", "S", "T", "AI"), self.DAY), 1)
        self.assertEqual(value(("_B", "W", "S", "T", "AE"), self.DAY), 0)

    def test_the_rolling_annual_total_scales_days_with_actuals(self):
        loads = self.shapes(self.case(self.DAY, self.DAY - 364, self.DAY - 365))
        self.assertEqual(loads.annual_total(self.GROUP, self.DAY), round_ratio(2 * 1023 * 365, 2))
        # no day with actuals: 365 of the day itself, here by the parent
        self.assertEqual(loads.annual_total(("_A", "W", "S", "T", "AI"), self.DAY), 365 * 1023)

    def test_de_energised_and_estimated_values_are_no_sample(self):
        case = self.case(self.DAY)
        case.registrations["0"] = {0: registration(energised=False)}
        case.consumption[("1", "AI")] = {self.DAY: meter_day(self.SITES[1], actual=False)}
        self.assertEqual(self.shapes(case, 1).day_values(self.GROUP, self.DAY)[0][:2], [120, 110])


class Defaults(unittest.TestCase):
    def test_every_branch_of_section_4(self):
        value = allocation.default_from
        self.assertEqual(value(300, "D", "AI", 3_000_000, 9_000_000), 100)
        self.assertEqual(value(300, "A", "AE", 3_000_000, 9_000_000), 100)
        self.assertEqual(value(300, "E", "AI", None, None), 300)
        self.assertEqual(value(300, "E", "AE", None, None), 0)
        self.assertEqual(value(0, "B", "AI", 17_520_000, 0), 1000)
        self.assertEqual(value(0, "B", "AI", None, None), 0)
        self.assertEqual(value(0, "A", "AI", 8_760, 0), 1)


class SettledByHand(unittest.TestCase):
    """One winter day of two GSP-Group members and what must be ignored."""
    FILES = {
        "registrations.csv":
            "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,bmu_id,llfc_id,duos_tariff_id,"
            "market_segment,connection_type,domestic,energisation,data_service_id\n"
            "1,2013-01-01,,I,_C,12,ALFA,,1,T,S,W,T,E,X\n"        # two values, the rest defaulted flat from AC
            "2,2013-01-01,,E,_C,12,ALFA,WRONG,002,T,S,W,F,E,X\n"  # invalid unit; exports nothing but a value
            "3,2013-01-01,,I,_C,12,ALFA,,001,T,S,W,T,D,X\n"      # de-energised: no default, its value counts
            "4,2014-01-01,,I,_C,12,ALFA,,001,T,S,W,T,E,X\n",     # not registered on the day
        "consumption.csv":
            "mpan,measurement_quantity,period_end_utc,kwh,quality,estimation_reason,amendment_reason\n"
            "1,AI,2013-01-16T00:30:00Z,1.5,A,,\n1,AI,2013-01-16T01:00:00Z,9,A,,\n3,AI,2013-01-16T01:00:00Z,0.5,A,,\n"
            "4,AI,2013-01-16T00:30:00Z,7,A,,\n1,RI,2013-01-16T00:30:00Z,7,A,,\n",
        "consumption_wide.csv":
            "mpan,measurement_quantity,utc_day,quality," + ",".join(contract.PERIODS) + "\n"
            "1,AI,2013-01-16,E1,,2" + "," * 46 + "\n2,AE,2013-01-16,AAE1,1" + "," * 47 + "\n",
        "annual_consumption.csv": "mpan,effective_from,kwh,quality\n1,2013-01-01,17520,A\n1,2013-01-17,1,A\n",
        "bmus.csv": "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to\n"
                    "2__CALFA000,ALFA,_C,T,2010-01-01,\nWRONG,BETA,_C,T,2010-01-01,\n",
        "line_losses.csv": "distributor_id,llfc_id,settlement_date,settlement_period,llf\n"
                           "12,001,2013-01-16,1,1.1\n12,1,2013-01-10,2,0.999\n",
        "component_classes.csv":
            "ccc_id,connection_type,measurement_quantity,market_segment,indicator,weight,effective_from,effective_to\n"
            "200,W,AI,S,C,1.00,2010-01-01,\n201,W,AI,S,L,0.50,2010-01-01,\n99,W,AE,S,C,1.00,2010-01-01,\n"
            "100,W,AE,S,L,1.00,2010-01-01,\n",
        "group_takes.csv": "gsp_group_id,settlement_date,settlement_period,mwh,flag\n"
                           + "".join("_C,2013-01-16,%d,0.001,A\n" % p for p in range(1, 49)),
    }

    def settle(self, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        cases, out = os.path.join(folder.name, "in"), os.path.join(folder.name, "out")
        os.mkdir(cases)
        for name, text in self.FILES.items():
            with open(os.path.join(cases, name), "w", encoding="utf-8") as stream:
                stream.write(text)
        with contextlib.redirect_stderr(io.StringIO()):
            code = settle.main(["--cases", cases, "--out", out, *options])
        tables = {}
        for name in os.listdir(out):
            with open(os.path.join(out, name), encoding="utf-8", newline="") as stream:
                tables[name] = stream.read().split("\n")
        return code, tables

    def test_components_factors_and_units(self):
        code, tables = self.settle("--code", "R1", "--run-number", "3")
        self.assertEqual(code, 0)
        self.assertEqual(len(tables["components.csv"]), 1 + 4 * 48 + 1)
        run = "2013-01-16-R1-3,2013-01-16,R1"
        unit = run + ",3,_C,ALFA,2__CALFA000,"
        # period 1: AI 1.500 and 10 % losses, AE 1.000 without: E = 0.001 - 0.00065, W = 157.5 + 100 hundredths
        factor = 10**9 + round_ratio(350 * 100 * 10**9, 150_000 + 7_500 + 100_000)
        self.assertIn("%s,_C,1,0.001000,0.000650,%s,%s,0.000000" % (
            run, decimal_text(factor, 9), decimal_text(2 * 10**9 - factor, 9)), tables["factors.csv"])
        self.assertEqual(tables["components.csv"][1], unit + "99,C,1,1,0.001000,0.000864")
        self.assertIn(unit + "200,C,1,1,0.001500,0.001704", tables["components.csv"])
        self.assertIn(unit + "201,L,1,1,0.000150,0.000160", tables["components.csv"])
        self.assertEqual(tables["bmu-volumes.csv"][1], unit + "1,0.001864,0.000864,0.001000")
        # period 2: the wide file's 2 replaces 9; the de-energised 0.5 counts; -0.1 % by the earlier day's factor: -2.5 Wh
        # E = 1000 - 2497, W = 250000 - 150: the factor is 0.400840504, half of its effect on the losses
        self.assertIn(unit + "200,C,2,1,0.002500,0.001002", tables["components.csv"])
        self.assertIn(unit + "201,L,2,1,-0.000003,-0.000002", tables["components.csv"])

    def test_defaults_are_listed_for_energised_meters_only(self):
        _, tables = self.settle()
        rows = [row.split(",") for row in tables["defaults.csv"][1:-1]]
        self.assertEqual({(r[1], r[2]) for r in rows}, {("1", "AI"), ("2", "AE")})
        self.assertEqual(len(rows), 46 + 47)
        self.assertEqual(rows[0][3:], ["2013-01-16T01:30:00Z", "1.000", "B"])
        self.assertEqual(rows[-1][3:], ["2013-01-17T00:00:00Z", "0.000", "B"])

    def test_a_day_without_takes_is_refused(self):
        code, tables = self.settle("--day", "2013-01-17")
        self.assertEqual((code, len(tables["factors.csv"])), (5, 2))

    def test_what_came_after_the_cut_off_does_not_exist(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("consumption.csv", "registrations.csv", "bmus.csv"):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as stream:
                    stream.write(self.FILES[name])
            batch = [(folder, clock.parse_instant("2013-02-01T00:00:00Z"))]
            early = settle.load([], batch, clock.parse_instant("2013-01-31T23:59:59Z"))
            late = settle.load([], batch, clock.parse_instant("2013-02-01T00:00:00Z"))
        self.assertEqual((len(early.registrations), len(early.consumption), len(early.bmus)), (0, 0, 2))
        self.assertEqual((len(late.registrations), len(late.consumption)), (4, 4))


class Registrations(unittest.TestCase):
    def test_the_greatest_effective_from_that_covers_the_day_governs(self):
        case = contract.Case()
        case.registrations["1"] = {1: registration(supplier="A"), 5: registration(supplier="B", effective_to=7)}
        found = registry.Registry(case)
        self.assertIsNone(found.on("1", 0))
        self.assertEqual([found.on("1", d).supplier for d in (1, 4, 5, 7, 8)], list("AABBA"))


if __name__ == "__main__":
    unittest.main()
