"""The command line as scripts rely on it: exit codes, messages, and a settlement of a small simulated town."""
import fcntl
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

HEADERS = {
    "bmu-volumes": "run_id,settlement_date,settlement_code,run_number,gsp_group_id,supplier_id,bmu_id,settlement_period,"
                   "import_mwh,export_mwh,allocated_mwh",
    "components": "run_id,settlement_date,settlement_code,run_number,gsp_group_id,supplier_id,bmu_id,ccc_id,indicator,"
                  "settlement_period,msid_count,uncorrected_mwh,corrected_mwh",
    "factors": "run_id,settlement_date,settlement_code,gsp_group_id,settlement_period,group_take_mwh,uncorrected_mwh,"
               "gcf_import,gcf_export,residual_mwh",
    "deemed-takes": "run_id,settlement_date,settlement_code,run_number,gsp_group_id,supplier_id,settlement_period,"
                    "deemed_take_mwh",
    "duos": "run_id,settlement_date,settlement_code,run_number,gsp_group_id,distributor_id,supplier_id,duos_tariff_id,"
            "direction,domestic,settlement_period,uncorrected_mwh,energised_count,de_energised_count,actual_mwh,estimated_mwh",
    "defaults": "run_id,mpan,measurement_quantity,period_end_utc,kwh,load_shape_flag",
    "load-shapes": "utc_day,run_number,gsp_group_id,connection_type,market_segment,domestic,measurement_quantity,"
                   "utc_period,kwh,flag,count",
    "load-shape-totals": "utc_day,run_number,gsp_group_id,connection_type,market_segment,domestic,measurement_quantity,"
                         "day_total,day_peak,day_off_peak,rolling_7_day,rolling_7_day_peak,rolling_7_day_off_peak,"
                         "rolling_annual",
    "exceptions": "run_id,kind,subject,settlement_period,text",
    "consumption": "mpan,measurement_quantity,period_end_utc,kwh,quality,estimation_reason,amendment_reason,version,"
                   "received_at,source",
    "registrations": "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,bmu_id,llfc_id,"
                     "duos_tariff_id,market_segment,connection_type,domestic,energisation,data_service_id",
    "annual-consumption": "mpan,effective_from,kwh,quality",
    "meters": "mpan,meter_id,installed_at,removed_at,register_id,measurement_quantity,role,maximum_kwh",
}
COMMANDS = ("ingest", "run", "runs", "export", "inspect", "status", "dead-letters", "audit", "simulate")


class Usage(unittest.TestCase):
    def expect(self, code, *arguments):
        done = program.run(*arguments)
        self.assertEqual(done.returncode, code, "%s\n%s" % (done.stdout, done.stderr))
        return done

    def test_every_command_has_help(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                shown = self.expect(0, command, "--help").stdout
                for option in ("--data", "--config", "--set", "--json", "--quiet"):
                    self.assertIn(option, shown)

    def test_no_command_is_a_usage_error(self):
        self.assertIn("subcommand", self.expect(1).stderr)

    def test_an_unknown_command_is_a_usage_error(self):
        self.assertIn("settle: there is no such command", self.expect(1, "settle").stderr)

    def test_an_unknown_option_is_named(self):
        self.assertIn("--fast", self.expect(1, "ingest", "x.csv", "--fast").stderr)
        self.assertIn("Not expected: --cod SF.", self.expect(1, "run", "--cod", "SF").stderr)
        self.assertIn("after the command", self.expect(1, "--data", "grid", "runs").stderr)

    def test_values_that_are_none_are_usage_errors_that_name_them(self):
        for arguments in (("run", "--day", "2013-02-30", "--code", "II"), ("run", "--day", "2013-03-31", "--code", "XX"),
                          ("run", "--day", "2013-03-31", "--code", "II", "--cutoff", "noon"),
                          ("ingest", "x.csv", "--kind", "diary"), ("ingest", "x.csv", "--received-at", "noon"),
                          ("ingest", "x.csv", "--received-at", "2999-01-01T00:00:00Z"),
                          ("run", "--day", "2013-03-31", "--code", "II", "--cutoff", "2999-01-01T00:00:00Z"),
                          ("export", "consumption", "--as-of", "noon"), ("export", "factors", "--format", "xml"),
                          ("simulate", "--meters", "-3", "--output", "x")):
            with self.subTest(arguments=arguments):
                message = self.expect(1, *arguments).stderr
                bad = next(a for a in arguments if a in ("2013-02-30", "XX", "noon", "2999-01-01T00:00:00Z", "diary",
                                                        "xml", "-3"))
                self.assertIn(bad, message)

    def test_options_that_do_not_go_together_are_usage_errors(self):
        for arguments in (("run",), ("run", "--day", "2013-03-31"), ("run", "--release", "x", "--code", "II"),
                          ("export", "all"), ("export", "diary"), ("export", "factors", "--all-versions"),
                          ("export", "factors", "--run", "latest", "--day", "2013-03-31"),
                          ("simulate",), ("simulate", "--output", "x", "--data", "y"),
                          ("demo", "--json"), ("demo", "--data", "x"),
                          ("dead-letters",), ("dead-letters", "replay")):
            with self.subTest(arguments=arguments):
                self.expect(1, *arguments)

    def test_an_error_is_a_json_object_with_json(self):
        error = json.loads(self.expect(1, "export", "diary", "--json").stderr)
        self.assertEqual(error["code"], 1)
        self.assertIn("diary", error["error"])
        self.assertEqual(json.loads(self.expect(1, "ingest", "--json").stderr)["code"], 1)

    def test_settings_that_are_wrong_are_usage_errors(self):
        self.assertIn("memtable_mib", self.expect(1, "status", "--set", "storage.memtable_mib=0").stderr)
        self.expect(1, "status", "--set", "storage.color=blue")
        self.expect(1, "status", "--config", "/nonexistent.toml")

    def test_the_settings_file_is_used_and_options_win_over_it(self):
        with program.temporary_folder() as folder:
            config = pathlib.Path(folder, "hhgrid.toml")
            config.write_text('[data]\ndirectory = "%s/from-file"\n' % folder, encoding="utf-8")
            self.assertIn("from-file", self.expect(1, "status", "--config", str(config)).stderr)
            self.assertIn("from-option", self.expect(1, "status", "--config", str(config), "--data",
                                                     folder + "/from-option").stderr)


class Places(unittest.TestCase):
    """What is not there, not ours, or taken."""

    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid")

    def tearDown(self):
        self._folder.cleanup()

    def test_commands_that_read_do_not_make_a_grid(self):
        for arguments in (("status",), ("runs",), ("export", "factors"), ("inspect", "gsp/_C"), ("audit",),
                          ("run", "--day", "2013-03-31", "--code", "II"), ("dead-letters", "list")):
            with self.subTest(arguments=arguments):
                _, message = self.grid.call(*arguments, expect=1)
                self.assertIn(str(self.folder / "grid"), message)
                self.assertFalse((self.folder / "grid").exists())

    def test_files_that_are_not_there_are_refused_before_a_grid_is_made(self):
        _, message = self.grid.call("ingest", self.folder / "none.csv", expect=2)
        self.assertIn("none.csv", message)
        self.assertFalse((self.folder / "grid").exists())

    def test_a_folder_of_something_else_is_foreign_and_is_left_alone(self):
        (self.folder / "grid").mkdir()
        letter = self.folder / "grid" / "letter.txt"
        letter.write_text("Dear Sir", encoding="utf-8")
        (self.folder / "bank_holidays.csv").write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")
        self.grid.call("ingest", self.folder / "bank_holidays.csv", expect=3)
        self.assertEqual([p.name for p in (self.folder / "grid").iterdir()], ["letter.txt"])
        self.assertIn("letter.txt: is not a directory", program.Grid(letter).call("runs", expect=3)[1])

    def test_a_grid_in_use_is_refused(self):
        (self.folder / "bank_holidays.csv").write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")
        self.grid.ingest(self.folder / "bank_holidays.csv")
        with open(self.folder / "grid" / "LOCK", "r+", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _, message = self.grid.call("status", expect=3)
        self.assertIn("in use", message)
        self.grid.call("status")

    def test_another_number_of_partitions_is_refused(self):
        (self.folder / "bank_holidays.csv").write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")
        self.grid.ingest(self.folder / "bank_holidays.csv", partitions=3)
        self.grid.call("ingest", self.folder / "bank_holidays.csv", "--partitions", "4", expect=1)
        self.grid.ingest(self.folder / "bank_holidays.csv")


class Town(unittest.TestCase):
    """A simulated town from its files to its results; what is checked here is the way, not the numbers."""

    @classmethod
    def setUpClass(cls):
        cls._folder = program.temporary_folder()
        cls.folder = pathlib.Path(cls._folder.name)
        cls.grid = program.Grid(cls.folder / "grid", "grid.partitions=4")
        done = program.run("simulate", "--meters", "300", "--days", "3", "--seed", "5", "--groups", "2", "--from",
                           "2026-01-05", "--output", str(cls.folder / "town"), "--quiet")
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        cls.first = cls.grid.ingest(cls.folder / "town", received_at="2026-01-09T12:00:00Z")
        cls.first_run = cls.grid.run_days(["2026-01-06"], "II", "2026-01-10T00:00:00Z")["2026-01-06"]
        cls.late = cls.grid.ingest(cls.folder / "town" / "late", received_at="2026-01-20T12:00:00Z")
        cls.second_run = cls.grid.run_days(["2026-01-06"], "SF", "2026-01-21T00:00:00Z")["2026-01-06"]

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def test_everything_simulated_is_accepted(self):
        for summary in (self.first, self.late):
            self.assertEqual((summary["rows_rejected"], summary["dead_letters"], summary["half_hours_refused"]), (0, 0, 0))
        self.assertGreater(self.first["entries_accepted"], 800)
        self.assertGreater(self.late["entries_accepted"], 5)

    def test_loading_again_changes_nothing(self):
        before = self.grid.call("export", "factors", "--day", "2026-01-06")[0]
        again = self.grid.ingest(self.folder / "town" / "late")
        self.assertEqual(again["entries_accepted"], 0)
        self.assertEqual(again["entries_unchanged"], self.late["entries_accepted"])
        self.assertEqual(self.grid.call("export", "factors", "--day", "2026-01-06")[0], before)

    def test_standing_data_is_counted_like_readings(self):
        file = self.folder / "bank_holidays.csv"
        file.write_text("date,name\n2027-12-27,Christmas\n", encoding="utf-8")
        new, again = self.grid.ingest(file), self.grid.ingest(file)
        self.assertEqual([(s["entries_accepted"], s["entries_unchanged"]) for s in (new, again)], [(1, 0), (0, 1)])

    def test_readings_of_meters_without_a_registration_are_told(self):
        readings = (self.folder / "town" / "consumption_wide.csv").read_text(encoding="utf-8").splitlines()
        file = self.folder / "consumption_wide.csv"
        stranger = "1012345678903" + readings[1][readings[1].index(","):]
        file.write_text("\n".join([readings[0], stranger, ""]), encoding="utf-8")
        grid = program.Grid(self.folder / "strangers")
        self.assertEqual(grid.ingest(file)["entries_unregistered"], 1)
        self.assertIn("without a registration", grid.call("ingest", self.edited(file))[0])
        self.assertEqual(grid.call("export", "unregistered")[0], "mpan\n1012345678903\n")
        self.assertEqual(self.grid.call("export", "unregistered")[0], "mpan\n")
        self.assertEqual((self.first["entries_unregistered"], self.late["entries_unregistered"]), (0, 0))

    @staticmethod
    def edited(file):
        """Another value in the first period."""
        header, row = file.read_text(encoding="utf-8").splitlines()
        fields = row.split(",")
        fields[header.split(",").index("p1")] = "77.777"
        file.write_text("\n".join([header, ",".join(fields), ""]), encoding="utf-8")
        return file

    def test_a_folder_with_files_is_not_overwritten_unawares(self):
        simulate = ("simulate", "--meters", "10", "--days", "1", "--output", str(self.folder / "hamlet"))
        self.assertEqual(program.run(*simulate).returncode, 0)
        again = program.run(*simulate)
        self.assertEqual((again.returncode, "--overwrite" in again.stderr), (1, True))
        self.assertEqual(program.run(*simulate, "--overwrite").returncode, 0)

    def test_runs_are_published_and_listed(self):
        self.assertEqual((self.first_run["run_id"], self.first_run["status"]), ("2026-01-06-II-1", "published"))
        listed = json.loads(self.grid.call("runs", "--json")[0])
        self.assertEqual([r["run_id"] for r in listed if r["status"] == "published"], ["2026-01-06-II-1", "2026-01-06-SF-2"])

    def test_every_table_has_the_columns_of_the_contract(self):
        for kind, header in HEADERS.items():
            with self.subTest(kind=kind):
                lines = self.grid.call("export", kind)[0].splitlines()
                self.assertEqual(lines[0], header)
                if kind not in ("exceptions", "meters"):  # the town names no devices
                    self.assertGreater(len(lines), 1)

    def test_meters_come_out_as_they_went_in(self):
        grid = program.Grid(self.folder / "devices")
        file = self.folder / "meters.csv"
        text = "\n".join([HEADERS["meters"], "1012345678903,M1,2020-01-01T00:00:00Z,2024-01-17T10:05:00Z,01,AI,main,12.500",
                          "1012345678903,M2,2024-01-17T10:20:00Z,,,AI,main,", "1012345678903,C2,2024-01-17T10:25:00Z,,,AE,check,0.001", ""])
        file.write_text(text, encoding="utf-8")
        self.assertEqual(grid.ingest(file)["entries_accepted"], 3)
        self.assertEqual(grid.call("export", "meters")[0], text)
        self.assertEqual(grid.ingest(file)["entries_unchanged"], 3)
        self.assertEqual(grid.call("export", "registrations")[0], HEADERS["registrations"] + "\n")
        file.write_text("mpan,meter_id,installed_at,digits,multiplier\n1012345678903,M3,2024-02-01T00:00:00Z,5,1\n", encoding="utf-8")
        self.assertIn("columns of which this version makes nothing: digits, multiplier\n", grid.call("ingest", file)[0])
        self.assertEqual(grid.ingest(file)["files"][0]["unread_columns"], ["digits", "multiplier"])
        grid.call("check")

    def test_volumes_corrected_add_up_to_the_group_take(self):
        """Within rounding: corrected import less export, plus the residual, is the take."""
        text = self.grid.call("export", "bmu-volumes", "--run", "2026-01-06-SF-2")[0]
        allocated = {}
        for row in program.rows(text):
            key = (row["gsp_group_id"], row["settlement_period"])
            allocated[key] = allocated.get(key, 0) + round(float(row["allocated_mwh"]) * 1e6)
        for row in program.rows(self.grid.call("export", "factors", "--run", "2026-01-06-SF-2")[0]):
            take, residual = (round(float(row[c]) * 1e6) for c in ("group_take_mwh", "residual_mwh"))
            self.assertEqual(allocated[row["gsp_group_id"], row["settlement_period"]], take - residual)

    def test_deemed_takes_are_the_suppliers_units_added_up(self):
        units, takes = {}, {}
        for row in program.rows(self.grid.call("export", "bmu-volumes")[0]):
            key = (row["gsp_group_id"], row["supplier_id"], row["settlement_period"])
            units[key] = units.get(key, 0) + round(float(row["allocated_mwh"]) * 1e6)
        for row in program.rows(self.grid.call("export", "deemed-takes")[0]):
            takes[row["gsp_group_id"], row["supplier_id"], row["settlement_period"]] = round(
                float(row["deemed_take_mwh"]) * 1e6)
        self.assertEqual(units, takes)

    def test_late_data_makes_fewer_defaults(self):
        count = {r: len(program.rows(self.grid.call("export", "defaults", "--run", r)[0])) for r in
                 ("2026-01-06-II-1", "2026-01-06-SF-2")}
        self.assertLess(count["2026-01-06-SF-2"], count["2026-01-06-II-1"])

    def test_all_writes_every_table_of_a_run(self):
        target = self.folder / "all"
        self.grid.call("export", "all", "--run", "latest", "--output", target)
        self.assertEqual(sorted(p.stem for p in target.iterdir()),
                         sorted(k for k in HEADERS if k not in ("consumption", "registrations", "annual-consumption", "meters")))
        self.assertEqual((target / "factors.csv").read_text(encoding="utf-8"), self.grid.call("export", "factors")[0])

    def test_json_and_json_lines_hold_the_same_rows_as_csv(self):
        table = program.rows(self.grid.call("export", "factors")[0])
        as_json = json.loads(self.grid.call("export", "factors", "--format", "json")[0])
        as_lines = [json.loads(line) for line in self.grid.call("export", "factors", "--format", "jsonl")[0].splitlines()]
        self.assertEqual(as_json, as_lines)
        self.assertEqual(len(table), len(as_json))
        self.assertEqual(float(table[0]["gcf_import"]), as_json[0]["gcf_import"])

    def test_consumption_counts_what_was_received_last(self):
        counting = program.rows(self.grid.call("export", "consumption", "--day", "2026-01-06")[0])
        history = program.rows(self.grid.call("export", "consumption", "--day", "2026-01-06", "--all-versions")[0])
        earlier = program.rows(self.grid.call("export", "consumption", "--day", "2026-01-06", "--as-of", "2026-01-10T00:00:00Z")[0])
        key = lambda row: (row["mpan"], row["measurement_quantity"], row["period_end_utc"])
        position = lambda row: tuple(int(part) for part in row["version"].split("."))  # block.index
        last = {}
        for row in history:
            if key(row) not in last or position(row) > position(last[key(row)]):
                last[key(row)] = row
        self.assertEqual({key(r): r for r in counting}, last)
        self.assertLess(len(counting), len(history))
        self.assertLess(len(earlier), len(counting))
        self.assertEqual({r["received_at"] for r in earlier}, {"2026-01-09T12:00:00Z"})

    def test_registrations_come_out_as_they_went_in(self):
        delivered = program.rows((self.folder / "town" / "registrations.csv").read_text(encoding="utf-8"))
        key = lambda row: (row["mpan"], row["effective_from"])
        stored = program.rows(self.grid.call("export", "registrations")[0])
        self.assertEqual(stored, sorted(delivered, key=key))
        self.assertEqual(program.rows(self.grid.call("export", "registrations", "--as-of", "2026-01-01T00:00:00Z")[0]), [])

    def test_an_option_that_a_table_does_not_know_is_named(self):
        for option in (("registrations", "--run", "latest"), ("registrations", "--all-versions"),
                       ("annual-consumption", "--day", "2026-01-06"), ("refusals", "--as-of", "2026-01-01T00:00:00Z")):
            self.assertIn(option[1] + " has no meaning for " + option[0], self.grid.call("export", *option, expect=1)[1])

    def test_registrations_of_a_day_are_the_meters_that_the_run_counted(self):
        counted = {}
        for row in program.rows(self.grid.call("export", "components", "--day", "2026-01-06")[0]):
            if row["settlement_period"] == "1" and row["indicator"] == "C":
                unit = row["gsp_group_id"], row["supplier_id"]
                counted[unit] = counted.get(unit, 0) + int(row["msid_count"])
        registered = {}
        for row in program.rows(self.grid.call("export", "registrations", "--day", "2026-01-06")[0]):
            if row["energisation"] == "E":
                unit = row["gsp_group_id"], row["supplier_id"]
                registered[unit] = registered.get(unit, 0) + 1
        self.assertEqual(registered, {unit: n for unit, n in counted.items() if n})

    def test_a_run_that_is_not_there_is_a_usage_error(self):
        self.assertIn("2026-01-06-II-9", self.grid.call("export", "factors", "--run", "2026-01-06-II-9", expect=1)[1])
        self.grid.call("export", "factors", "--day", "2026-02-06", expect=1)
        self.grid.call("audit", "--run", "2026-01-06-II-9", expect=1)

    def test_a_day_without_a_take_is_refused(self):
        shown, message = self.grid.call("run", "--day", "2026-02-06", "--code", "II", "--json", expect=5)
        self.assertIn("refused", message)
        run = json.loads(shown)
        self.assertEqual(run["status"], "refused")
        told = program.rows(self.grid.call("export", "exceptions", "--run", run["run_id"])[0])
        self.assertEqual(len(told), run["exceptions"])
        self.assertEqual((told[0]["kind"], told[0]["text"]), ("refused", run["reason"]))
        self.grid.call("export", "factors", "--run", run["run_id"], expect=5)
        self.grid.call("audit", "--run", run["run_id"], expect=5)

    def test_several_days_are_one_json_document_and_a_day_given_twice_is_run_once(self):
        shown, _ = self.grid.call("run", "--day", "2026-01-05", "--day", "2026-02-07", "--day", "2026-01-05", "--code", "R1",
                                  "--json", expect=5)
        self.assertEqual([(r["settlement_date"], r["status"]) for r in json.loads(shown)],
                         [("2026-01-05", "published"), ("2026-02-07", "refused")])

    def test_a_run_that_is_not_held_is_not_released(self):
        _, message = self.grid.call("run", "--release", "2026-01-06-II-1", expect=1)
        self.assertIn("--release 2026-01-06-II-1", message)
        self.assertIn("--release", self.grid.call("run", "--release", "2026-01-06-II-9", expect=1)[1])

    def test_every_run_recomputes_to_the_same_bits(self):
        reports = json.loads(self.grid.call("audit", "--run", "all", "--json")[0])
        self.assertEqual([r["equal"] for r in reports], [True] * len(reports))
        self.assertGreaterEqual(len(reports), 2)

    def test_actors_can_be_inspected(self):
        mpan = program.rows(self.grid.call("export", "consumption", "--day", "2026-01-06")[0])[0]["mpan"]
        bmu = program.rows(self.grid.call("export", "bmu-volumes")[0])[0]["bmu_id"]
        for address in ("meter/" + mpan, "bmu/" + bmu, "gsp/_A"):
            with self.subTest(address=address):
                described = json.loads(self.grid.call("inspect", address, "--day", "2026-01-06", "--json")[0])
                self.assertIsInstance(described, dict)
                self.assertTrue(self.grid.call("inspect", address)[0].strip())
        self.grid.call("inspect", "meter/1234", expect=1)
        self.grid.call("inspect", "cat/1", expect=1)

    def test_the_status_shows_every_partition(self):
        partitions = json.loads(self.grid.call("status", "--json")[0])["partitions"]
        self.assertEqual([p["kind"] for p in partitions], ["meters"] * 4 + ["market", "gsp/_A", "gsp/_B"])
        self.assertEqual(sum(p["meters"] for p in partitions), 300)
        self.assertTrue(all(p["applied"] == p["journal_end"] for p in partitions))
        self.assertTrue(all(p["repeated_blocks"] == p["early_blocks"] == 0 for p in partitions))

    def test_there_are_no_dead_letters(self):
        self.assertEqual(json.loads(self.grid.call("dead-letters", "list", "--json")[0]), [])
        self.grid.call("dead-letters", "replay", "--all")
        self.grid.call("dead-letters", "replay", "0:7", expect=1)

    def test_a_population_straight_into_a_grid_is_the_same_as_through_files(self):
        direct = program.Grid(self.folder / "direct", "grid.partitions=4")
        direct.call("simulate", "--meters", "300", "--days", "3", "--seed", "5", "--groups", "2", "--from", "2026-01-05")
        columns = lambda grid: [
            {k: v for k, v in row.items() if k not in ("version", "received_at", "source")}
            for row in program.rows(grid.call("export", "consumption", "--day", "2026-01-06")[0])]
        self.assertEqual(columns(direct), columns(self.grid))


if __name__ == "__main__":
    unittest.main()
