"""What comes in by file: notations, bytes of any kind, folders with anything in them, limits, line loss files."""
import io
import json
import os
import pathlib
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

HEADER = "mpan,measurement_quantity,period_end_utc,kwh,quality\n"
MPAN = "1200000000011"


def reading(kwh, mpan=MPAN, end="2024-06-12T10:00:00Z"):
    return "%s,AI,%s,%s,A\n" % (mpan, end, kwh)


def ptf(records, line_end="\n"):
    """A D0265 file of one class and day, its check sum made here from the rule."""
    header = "ZHD||D0265001|R|LOND|G|CAPG|20230101000000||||OPER"
    counted = ["ZHD|D0265001|R|LOND|G|CAPG|20230101000000", *records]
    checksum = 0
    for record in counted:
        data = record.encode("ascii")
        data += b"\0" * (-len(data) % 4)
        for i in range(0, len(data), 4):
            checksum ^= int.from_bytes(data[i:i + 4], "big")
    return line_end.join([header, *records, "ZPT|%d|%d" % (len(records) + 2, checksum)]) + line_end


DAY = ["DIS|LOND", "LLF|1", "SDT|20240115", *("SPL|%d|1.071" % p for p in range(1, 49))]


class Pipe(io.RawIOBase):
    """A file that can only be written onwards: then a zip has its sizes behind each member."""

    def __init__(self, path):
        super().__init__()
        self._file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self._file.write(data)

    def close(self):
        self._file.close()
        super().close()


class Input(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid")

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, text):
        path = self.folder / name if isinstance(name, str) else pathlib.Path(os.fsdecode(os.fsencode(self.folder) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    def raw(self, *arguments):
        """Exit code, standard output and error as bytes."""
        done = subprocess.run([program.executable(), *map(str, arguments), "--data", str(self.grid.folder)],
                              capture_output=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr


class Notations(Input):
    def test_whole_watt_hours_are_taken_and_others_refused(self):
        taken = {"0.432000": "0.432", "0.000000": "0.000", ".362": "0.362", "0.5000": "0.500"}
        text = HEADER
        ends = ["2024-06-12T%02d:00:00Z" % hour for hour in range(1, 12)]
        for end, kwh in zip(ends, [*taken, "4.465528", "1.0779999"]):
            text += reading(kwh, end=end)
        summary = self.grid.ingest(self.write("consumption.csv", text), expect=2)
        self.assertEqual((summary["rows_accepted"], summary["rows_rejected"]), (4, 2))
        shown = program.rows(self.grid.call("export", "consumption")[0])
        self.assertEqual([row["kwh"] for row in shown], list(taken.values()))


class Contradictions(Input):
    def test_two_values_of_a_half_hour_are_both_refused_and_named(self):
        file = self.write("consumption.csv", HEADER + reading("5.000") + reading("0.000"))
        summary = self.grid.ingest(file, expect=2)
        self.assertEqual((summary["rows_rejected"], summary["half_hours_refused"]), (0, 2))
        named = [(row["code"], row["address"], row["period"]) for row in program.rows(self.grid.call("export", "refusals")[0])]
        self.assertEqual(named, [("ECS1006", "meter/" + MPAN, "20")] * 2)
        self.assertEqual(program.rows(self.grid.call("export", "consumption")[0]), [])

    def test_the_same_again_is_unchanged_and_no_refusal(self):
        long = self.write("consumption.csv", HEADER + reading("5.000") + reading("5.000"))
        summary = self.grid.ingest(long)
        self.assertEqual((summary["entries_accepted"], summary["entries_unchanged"]), (1, 1))

    def test_one_bad_period_of_a_wide_row_loses_that_period_alone(self):
        columns = ",".join("p%d" % p for p in range(1, 49))
        values = ",".join(["1", "-2", "3"] + [""] * 45)
        file = self.write("consumption_wide.csv", "mpan,measurement_quantity,utc_day,quality,%s\n%s,AI,2024-06-12,A,%s\n"
                          % (columns, MPAN, values))
        summary = self.grid.ingest(file, expect=2)
        self.assertEqual(summary["rejected_by_reason"], {"ECS1010 negative energy": 1})
        shown = program.rows(self.grid.call("export", "consumption")[0])
        self.assertEqual([row["kwh"] for row in shown], ["1.000", "3.000"])


class Bytes(Input):
    """Files and names may hold anything."""
    TEXTS = {"nbsp": b"0.1\xa0", "escape": b"\x1b[31m1\x02", "backslash": b'"1\\"2"', "c1": b"\xc2\x9b31m"}

    def file(self, name, kwh):
        return self.write(name, HEADER.encode() + MPAN.encode() + b",AI,2024-06-12T10:00:00Z," + kwh + b",A\n")

    def test_json_is_json_whatever_a_file_holds_or_is_called(self):
        files = [self.file("consumption-%s.csv" % name, kwh) for name, kwh in self.TEXTS.items()]
        files.append(self.file(b"consumption-caf\xe9.csv", b"0.1\xa0"))
        files.append(self.write("consumption-header.csv", HEADER.encode().replace(b"quality", b"quality,caf\xe9")))
        for file in files:
            code, out, err = self.raw("ingest", file, "--json")
            self.assertEqual(code, 2, err)
            for text in (out, *err.splitlines()):
                json.loads(text.decode("utf-8"))

    def test_what_is_stored_of_a_strange_name_comes_out_as_json(self):
        self.raw("ingest", self.file(b"consumption-caf\xe9\x1b.csv", b"0.1"))
        for command in (("export", "consumption", "--format", "json"), ("export", "consumption", "--format", "jsonl"),
                        ("inspect", "meter/" + MPAN, "--json")):
            code, out, _ = self.raw(*command)
            self.assertEqual(code, 0)
            json.loads(out.decode("utf-8"))

    def test_text_has_no_control_character(self):
        for name, kwh in self.TEXTS.items():
            with self.subTest(name):
                _, out, err = self.raw("ingest", self.file(b"consumption-" + name.encode() + b"\x1b[2J.csv", kwh))
                for text in (out, err):
                    shown = text.decode("utf-8")
                    self.assertEqual([c for c in shown if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)], [])
        _, out, _ = self.raw("inspect", "meter/" + MPAN)
        self.assertNotIn(b"\x1b", out)

    def test_an_argument_is_safe_in_an_error(self):
        _, _, err = self.raw("ingest", "nothing-\x1b[31m.csv")
        self.assertNotIn(b"\x1b", err)


class Folders(Input):
    def test_what_is_no_file_is_named_and_passed_over(self):
        self.write("in/bank_holidays.csv", "date,name\n2013-12-25,Christmas\n")
        self.write("in/readme.txt", "text")
        os.mkfifo(self.folder / "in" / "consumption.csv")
        (self.folder / "in" / "loop.csv").symlink_to("loop.csv")
        summary = self.grid.ingest(self.folder / "in")
        self.assertEqual(summary["rows_accepted"], 1)
        self.assertEqual(sorted(pathlib.Path(p["file"]).name for p in summary["passed_over"]),
                         ["consumption.csv", "loop.csv", "readme.txt"])
        shown, _ = self.grid.call("ingest", self.folder / "in")
        self.assertIn("consumption.csv: it is a pipe, no file", shown)


class Limits(Input):
    def test_reading_stops_at_the_limit_and_what_was_taken_stays(self):
        text = "date,name\n2013-12-25,Christmas\n" + "nonsense,\n" * 50
        grid = program.Grid(self.folder / "grid", "ingest.rejected_rows_max=10")
        shown, message = grid.call("ingest", self.write("bank_holidays.csv", text), expect=2)
        self.assertIn("before line 13", message)
        self.assertIn("The 1 good rows before that are loaded", message)
        self.assertEqual(shown.count("date is not valid"), 1, shown)
        rejected = self.folder / "bank_holidays.csv.rejected.csv"
        self.assertEqual(len(rejected.read_text(encoding="utf-8").splitlines()), 11)

    def test_an_empty_settings_file_means_the_defaults(self):
        file = self.write("bank_holidays.csv", "date,name\n2013-12-25,Christmas\n")
        self.grid.call("ingest", file, "--config", self.write("empty.toml", ""))

    def test_a_moment_that_is_still_to_come_is_refused(self):
        file = self.write("bank_holidays.csv", "date,name\n2013-12-25,Christmas\n")
        self.assertIn("in the future", self.grid.call("ingest", file, "--received-at", "2999-01-01T00:00:00Z", expect=1)[1])
        self.grid.call("ingest", file)
        self.assertIn("in the future", self.grid.call("export", "consumption", "--as-of", "2999-01-01T00:00:00Z", expect=1)[1])
        self.assertIn("in the future", self.grid.call("run", "--day", "2026-01-06", "--code", "SF", "--cutoff",
                                                      "2999-01-01T00:00:00Z", expect=1)[1])


class LineLosses(Input):
    def test_a_published_file_is_taken_in_whatever_form(self):
        text = ptf(DAY)
        self.assertTrue(text.endswith("ZPT|53|823145503\n"), text[-30:])
        with zipfile.ZipFile(self.folder / "upper.zip", "w") as archive:
            archive.writestr("LLFLOND20240115.PTF", text)
        with zipfile.ZipFile(self.folder / "mac.zip", "w") as archive:
            archive.writestr("llflond.ptf", text)
            archive.writestr("__MACOSX/._llflond.ptf", "junk")
        with Pipe(self.folder / "piped.zip") as pipe, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("llflond.ptf", text)
            archive.comment = b"made on the way through a pipe"
        for file in (self.write("good.ptf", text), self.write("v_upper.PTF", text), self.write("blank.ptf", text + "\n"),
                     self.write("crlf.ptf", ptf(DAY, "\r\n")), self.folder / "upper.zip", self.folder / "mac.zip", self.folder / "piped.zip"):
            with self.subTest(file.name):
                self.assertEqual(self.grid.ingest(file)["rows_accepted"], 48)

    def test_nothing_is_taken_of_a_file_with_one_changed_digit(self):
        file = self.write("flipped.ptf", ptf(DAY).replace("SPL|8|1.071", "SPL|8|7.071"))
        _, message = self.grid.call("ingest", file, expect=2)
        self.assertIn("check sum", message)
        self.assertEqual(self.grid.ingest(file, expect=2)["rows_accepted"], 0)

    def test_of_a_period_given_twice_neither_is_taken(self):
        file = self.write("twice.ptf", ptf([*DAY[:7], "SPL|4|1.099", *DAY[7:]]))
        summary = self.grid.ingest(file, expect=2)
        self.assertEqual((summary["rows_accepted"], summary["rows_rejected"], summary["standing_rows_refused"]), (49, 0, 2))


if __name__ == "__main__":
    unittest.main()
