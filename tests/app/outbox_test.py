#!/usr/bin/env python3
"""What is refused waits for the participant that has sent it, is listed, and is taken."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

DAYS = ["2026-01-%02d" % day for day in range(5, 9)]
TOO_MUCH = "99.500"  # kWh in half an hour of a whole-current meter


def check_digit(body):
    return sum(int(d) * w for d, w in zip(body, (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43))) % 11 % 10


def mpans(count):
    bodies = ("1%011d" % n for n in range(1, count + 1))
    return [body + str(check_digit(body)) for body in bodies]


class Outbox(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid", "grid.partitions=3")
        self.mpans = mpans(6)

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, header, rows):
        path = self.folder / name
        path.write_text("\n".join([header] + [",".join(row) for row in rows]) + "\n", encoding="utf-8")
        return path

    def registrations(self, connection="W", effective_from="2025-12-01"):
        return self.write("registrations.csv",
                          "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,llfc_id,"
                          "market_segment,connection_type,domestic,energisation",
                          [[mpan, effective_from, "", "I", "_C", "12", "SUPA", "100", "S", connection, "F", "E"]
                           for mpan in self.mpans])

    def readings(self, days=DAYS, bad=(20, 21), name="consumption_wide.csv"):
        """Of every meter and day; the bad periods are more than a whole-current meter can take."""
        values = [TOO_MUCH if period in bad else "0.250" for period in range(1, 49)]
        return self.write(name, "mpan,measurement_quantity,utc_day,quality," + ",".join("p%d" % p for p in range(1, 49)),
                          [[mpan, "AI", day, "A"] + values for day in days for mpan in self.mpans])

    def load_refused(self, *options):
        self.grid.call("ingest", self.registrations())
        self.grid.call("ingest", self.readings(), "--received-at", "2026-01-09T12:00:00Z", *options, expect=2)

    def participants(self):
        return json.loads(self.grid.call("status", "--json")[0])["participants"]

    def take(self, *options, participant="ABCD"):
        return [json.loads(line) for line in
                self.grid.call("outbox", "take", "--participant", participant, *options)[0].splitlines()]

    def test_a_named_participant_is_told_what_is_refused(self):
        self.load_refused("--participant", "ABCD")
        messages = self.take()
        self.assertEqual(len(messages), len(self.mpans) * len(DAYS))
        self.assertEqual({(m["address"], m["utc_day"]) for m in messages},
                         {("meter/" + m, d) for m in self.mpans for d in DAYS})
        for message in messages:
            self.assertEqual((message["participant"], message["kind"]), ("ABCD", "reading"))
            self.assertEqual(message["measurement_quantity"], "AI")
            self.assertEqual(message["refused"], [{"code": "ECS1012", "periods": [20, 21]}])
            self.assertEqual(message["allowed"], [])
            self.assertEqual((message["position"], message["n"]), (message["version"], message["version_n"]))
        self.assertEqual(len({(m["partition"], m["position"], m["n"]) for m in messages}), len(messages))
        self.assertEqual(self.take(), [])
        self.grid.call("check")
        refusals = program.rows(self.grid.call("export", "refusals")[0])
        self.assertEqual(len(refusals), 2 * len(messages), "what was taken stays listed as refused")
        self.assertEqual({row["participant"] for row in refusals}, {"ABCD"})

    def test_what_waits_is_listed(self):
        self.load_refused("--participant", "ABCD")
        expected = len(self.mpans) * len(DAYS)
        self.assertEqual(self.participants(), [{"participant": "ABCD", "messages_waiting": expected,
                                                "oldest": "2026-01-09T12:00:00Z", "messages_dropped": 0}])
        self.assertRegex(self.grid.call("status")[0], r"ABCD +%d +2026-01-09T12:00:00Z +0\n" % expected)
        listed = program.rows(self.grid.call("export", "outbox")[0])
        self.assertEqual(json.loads(self.grid.call("export", "outbox", "--json")[0])[0]["participant"], "ABCD")
        taken = self.take()
        self.assertEqual([(int(r["partition"]), r["position"], int(r["n"]), r["address"], r["utc_day"], r["code"], r["periods"],
                           r["version"], int(r["version_n"])) for r in listed],
                         [(m["partition"], m["position"], m["n"], m["address"], m["utc_day"], "ECS1012", "20 21",
                           m["version"], m["version_n"]) for m in taken])
        self.assertEqual(program.rows(self.grid.call("export", "outbox")[0]), [])
        self.assertEqual(self.participants(), [{"participant": "ABCD", "messages_waiting": 0, "oldest": "",
                                                "messages_dropped": 0}])

    def test_a_participant_is_told_of_every_entry_that_its_delivery_contradicts(self):
        mpan = self.mpans[0]
        contradicted = [
            self.write("registrations.csv",
                       "mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,llfc_id,"
                       "market_segment,connection_type,domestic,energisation",
                       [[mpan, "2025-12-01", "", "I", "_C", "12", supplier, "100", "S", "W", "F", "E"]
                        for supplier in ("SUPA", "SUPB")]),
            self.write("annual_consumption.csv", "mpan,effective_from,kwh,quality",
                       [[mpan, "2025-12-02", kwh, "D"] for kwh in ("3000", "4000")]),
            self.write("meters.csv", "mpan,meter_id,installed_at,maximum_kwh",
                       [[mpan, "M1", "2025-12-03T10:05:00Z", kwh] for kwh in ("30", "40")]),
            self.write("bank_holidays.csv", "date,name", [["2026-12-25", name] for name in ("Christmas", "Boxing Day")]),
            self.write("group_takes.csv", "gsp_group_id,settlement_date,settlement_period,mwh",
                       [["_C", "2026-01-05", "7", "10.5"], ["_C", "2026-01-05", "8", "10.5"],
                        ["_C", "2026-01-05", "7", "11.5"]])]
        for path in contradicted:
            self.grid.call("ingest", path, "--participant", "ABCD", expect=2)
        listed = program.rows(self.grid.call("export", "outbox")[0])
        self.assertEqual({m["participant"]: m["messages_waiting"] for m in self.participants()}, {"ABCD": 10})
        messages = self.take()
        self.assertEqual([(m["kind"], m["address"], m["day"], m["refused"]) for m in messages[:6:2] + messages[6::2]],
                         [(kind, address, day, [{"code": "ECS1006", "periods": periods}])
                          for kind, address, day, periods in (
                              ("registration", "meter/" + mpan, "2025-12-01", []),
                              ("annual_consumption", "meter/" + mpan, "2025-12-02", []),
                              ("meter_register", "meter/" + mpan, "2025-12-03", []),
                              ("standing_data", "standing/bank_holiday/2026-12-25", "2026-12-25", []),
                              ("standing_data", "gsp/_C", "2026-01-05", [7]))])
        self.assertEqual([(r["kind"], r["address"], r["utc_day"], r["code"], r["periods"], r["position"], r["version"])
                          for r in listed],
                         [(m["kind"], m["address"], m["day"], "ECS1006",
                           " ".join(str(p) for p in m["refused"][0]["periods"]), m["position"], m["version"])
                          for m in messages])
        self.assertEqual({m["subject"] for m in messages if "subject" in m}, {"M1 AI 2025-12-03T10:05:00Z"})
        for first, second in zip(messages[::2], messages[1::2]):
            self.assertEqual((first["position"], second["position"]), (second["version"], second["version"]))
            self.assertLess(first["version"], second["version"])
        self.assertEqual(self.take(), [])
        self.grid.call("check")

    def test_nobody_is_told_when_nobody_is_named(self):
        self.load_refused()
        self.assertEqual(self.participants(), [])
        self.assertEqual(self.take(), [])
        self.assertEqual({r["participant"] for r in program.rows(self.grid.call("export", "refusals")[0])}, {""})

    def test_the_setting_names_one_and_the_option_wins(self):
        setting = ("--set", "ingest.participant=WXYZ")
        self.grid.call("ingest", self.registrations())
        self.grid.call("ingest", self.readings(DAYS[:1]), *setting, expect=2)
        self.grid.call("ingest", self.readings(DAYS[1:2]), *setting, "--participant", "ABCD", expect=2)
        self.assertEqual({m["utc_day"] for m in self.take(participant="WXYZ")}, {DAYS[0]})
        self.assertEqual({m["utc_day"] for m in self.take(participant="ABCD")}, {DAYS[1]})
        day = json.loads(self.grid.call("inspect", "meter/" + self.mpans[0], "--day", DAYS[1], "--json")[0])
        self.assertIn('"participant": "ABCD"', json.dumps(day))

    def test_a_participant_that_is_none_is_refused(self):
        for text in ("abcd", "ABC", "ABCDE", "AB-D"):
            for command in (("ingest", self.registrations()), ("outbox", "take")):
                with self.subTest(text=text, command=command[0]):
                    self.assertIn("4 capital letters or digits",
                                  self.grid.call(*command, "--participant", text, expect=1)[1])
        self.assertIn("4 capital letters or digits",
                      self.grid.call("ingest", self.registrations(), "--set", "ingest.participant=abcd", expect=1)[1])
        self.assertIn("--participant", self.grid.call("outbox", "take", expect=1)[1])

    def test_a_later_registration_refuses_and_another_allows(self):
        self.grid.call("ingest", self.readings(DAYS[:1]), "--participant", "ABCD")
        self.assertEqual(self.take(), [])
        self.grid.call("ingest", self.registrations(), "--participant", "WXYZ", expect=2)
        self.assertEqual(self.take(participant="WXYZ"), [], "the readings are not theirs")
        refused = self.take()
        self.assertEqual([m["refused"] for m in refused], [[{"code": "ECS1012", "periods": [20, 21]}]] * len(self.mpans))
        self.assertTrue(all(m["position"] != m["version"] for m in refused))
        self.grid.call("ingest", self.registrations("H", "2026-01-01"))
        allowed = self.take()
        self.assertEqual([(m["refused"], m["allowed"]) for m in allowed], [([], [20, 21])] * len(self.mpans))
        self.assertEqual(sorted(m["version"] for m in allowed), sorted(m["version"] for m in refused))
        self.grid.call("check")

    def test_a_limit_takes_the_oldest_and_leaves_the_rest(self):
        self.load_refused("--participant", "ABCD")
        waiting = self.participants()[0]["messages_waiting"]
        first = self.take("--limit", 5)
        self.assertEqual(len(first), 5)
        self.assertEqual(self.participants()[0]["messages_waiting"], waiting - 5)
        rest = self.take()
        self.assertEqual(len(rest), waiting - 5)
        self.assertFalse({(m["partition"], m["position"]) for m in first} & {(m["partition"], m["position"]) for m in rest})
        self.grid.call("outbox", "take", "--participant", "ABCD", "--limit", "0", expect=1)

    def test_what_cannot_be_written_is_not_acknowledged(self):
        self.load_refused("--participant", "ABCD")
        command = [program.executable(), "outbox", "take", "--participant", "ABCD", "--data", str(self.folder / "grid")]
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=120, check=False)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("Nothing was acknowledged", done.stderr)
        self.assertEqual(len(self.take()), len(self.mpans) * len(DAYS))

    def test_what_is_killed_before_it_has_written_all_takes_nothing(self):
        self.mpans = mpans(150)  # more than a pipe holds
        self.load_refused("--participant", "ABCD")
        command = [program.executable(), "outbox", "take", "--participant", "ABCD", "--data", str(self.folder / "grid")]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as taker:
            first = taker.stdout.readline()
            taker.send_signal(signal.SIGKILL)
            taker.wait()
        self.assertEqual(taker.returncode, -signal.SIGKILL)
        again = self.grid.call("outbox", "take", "--participant", "ABCD")[0]
        self.assertEqual(len(again.splitlines()), len(self.mpans) * len(DAYS))
        self.assertEqual(again.splitlines()[0], first.decode().rstrip("\n"))


if __name__ == "__main__":
    unittest.main()
