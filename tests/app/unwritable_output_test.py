"""Output that cannot be written, from every command, and descriptors that are closed when the program starts."""
import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

UNWRITTEN = 7
DAY = "2026-01-06"


def call(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options):
    return subprocess.run([program.executable(), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                          text=True, timeout=120, check=False, **options)


def unread_pipe():
    """The end of a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w")


class Unwritable(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = program.temporary_folder()
        cls.folder = pathlib.Path(cls._folder.name)
        cls.data = cls.folder / "grid"
        grid = program.Grid(cls.data)
        grid.call("simulate", "--meters", "20", "--days", "2", "--groups", "1", "--from", "2026-01-05")
        grid.call("run", "--day", DAY, "--code", "II")
        cls.mpan = program.rows(grid.call("export", "consumption")[0])[0]["mpan"]
        cls.file = cls.folder / "bank_holidays.csv"
        cls.file.write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def commands(self):
        """Every command, in a form that prints something."""
        data = ("--data", self.data)
        yield "ingest", self.file, *data
        yield "run", "--day", DAY, "--code", "II", *data
        yield "runs", *data
        yield "close-day", "2026-01-05", *data
        yield "export", "consumption", *data
        yield "export", "refusals", *data
        yield "inspect", "meter/" + self.mpan, *data
        yield "status", *data
        yield "dead-letters", "list", *data
        yield "audit", *data
        yield "check", *data
        yield "simulate", "--meters", 20, "--days", 1, "--output", self.folder / "town", "--overwrite"
        yield "demo", "--meters", 100, "--days", 3, "--groups", 1
        yield "bench", "csv", "--meters", 20, "--days", 1, "--runs", 1, "--directory", self.folder / "bench"
        yield "help", "run"

    def logging(self):
        """A command that logs something."""
        return "run", "--day", DAY, "--code", "II", "--data", self.data, "--set", "log.level=debug"

    def test_every_command_says_that_standard_output_is_full(self):
        for command in self.commands():
            with self.subTest(command=command[0]), open("/dev/full", "w", encoding="utf-8") as full:
                done = call(*command, stdout=full)
                self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
                self.assertIn("standard output: not everything could be written: No space left", done.stderr)

    def test_every_command_says_that_nobody_reads_its_output(self):
        for command in self.commands():
            with self.subTest(command=command[0]), unread_pipe() as pipe:
                done = call(*command, stdout=pipe)
                self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
                self.assertIn("Broken pipe", done.stderr)

    def test_output_as_json_is_no_exception(self):
        for command in self.commands():
            if command[0] in ("demo", "help"):
                continue
            with self.subTest(command=command[0]), open("/dev/full", "w", encoding="utf-8") as full:
                done = call(*command, "--json", stdout=full)
                self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
                self.assertEqual(json.loads(done.stderr.splitlines()[-1])["code"], UNWRITTEN)

    def test_help_and_version_are_no_exceptions(self):
        for arguments in (("--help",), ("--version",), ("run", "--help"), ("--help-all",)):
            with self.subTest(arguments=arguments), open("/dev/full", "w", encoding="utf-8") as full:
                self.assertEqual(call(*arguments, stdout=full).returncode, UNWRITTEN)

    def test_a_message_that_cannot_be_written_ends_no_command_by_an_abort(self):
        failing = (("run", "--day", "nonsense", "--data", self.data), ("check", "--data", self.folder / "nowhere"),
                   ("nonsense",), ("export", "components", "--run", "nonsense", "--data", self.data))
        for command in failing:
            for end in (lambda: open("/dev/full", "w", encoding="utf-8"), unread_pipe):
                with self.subTest(command=command[0]), end() as broken:
                    self.assertEqual(call(*command, stderr=broken).returncode, UNWRITTEN)
                with self.subTest(command=command[0]), end() as broken:
                    self.assertEqual(call(*command, "--json", stdout=broken, stderr=broken).returncode, UNWRITTEN)

    def test_a_log_that_cannot_be_written_is_told(self):
        done = call(*self.logging(), "--set", "log.file=/dev/full")
        self.assertEqual((done.returncode, "2026-01-06-II" in done.stdout), (UNWRITTEN, True), done.stderr)
        self.assertIn("the log /dev/full: not everything could be written", done.stderr)

    def test_a_log_on_standard_error_that_cannot_be_written_is_told(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertEqual(call(*self.logging(), stderr=full).returncode, UNWRITTEN)

    def test_a_file_of_output_that_cannot_be_written_leaves_nothing_and_is_told(self):
        place = self.folder / "full"
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", place], capture_output=True, check=False).returncode:
            self.skipTest("cannot mount a tmpfs, it needs root")
        try:
            done = call("export", "consumption", "--data", self.data, "--output", place / "c.csv")
            self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
            self.assertIn("c.csv: not everything could be written: No space left", done.stderr)
            self.assertEqual(list(place.iterdir()), [])
            done = call("simulate", "--meters", 20, "--days", 1, "--output", place / "town")
            self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
        finally:
            subprocess.run(["umount", place], check=True)


    def test_what_is_no_file_is_written_to_and_stays_what_it_is(self):
        place = self.folder / "places"
        place.mkdir()
        want = call("export", "registrations", "--data", self.data).stdout
        os.mkfifo(place / "pipe")
        with subprocess.Popen(["cat", place / "pipe"], stdout=subprocess.PIPE, text=True) as reader:
            done = call("export", "registrations", "--data", self.data, "--output", place / "pipe")
            if done.returncode:
                reader.kill()
            self.assertEqual((done.returncode, reader.communicate(timeout=60)[0]), (0, want), done.stderr)
        self.assertTrue(stat.S_ISFIFO((place / "pipe").stat().st_mode))
        (place / "file").write_text("old", encoding="utf-8")
        (place / "link").symlink_to(place / "file")
        self.assertEqual(call("export", "registrations", "--data", self.data, "--output", place / "link").returncode, 0)
        self.assertTrue((place / "link").is_symlink())
        self.assertEqual((place / "file").read_text(encoding="utf-8"), want)
        (place / "early").symlink_to("later")  # to what is not there yet
        self.assertEqual(call("export", "registrations", "--data", self.data, "--output", place / "early").returncode, 0)
        self.assertEqual((place / "later").read_text(encoding="utf-8"), want)
        self.assertTrue((place / "early").is_symlink())
        with open(place / "out", "w+", encoding="utf-8") as out:
            for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
                out.write("before\n")
                out.flush()
                self.assertEqual(call("export", "registrations", "--data", self.data, "--output", name, stdout=out).returncode, 0)
            out.write("after\n")
            out.seek(0)
            self.assertEqual(out.read(), 3 * ("before\n" + want) + "after\n")
        (place / "full").symlink_to("/dev/full")
        done = call("export", "registrations", "--data", self.data, "--output", place / "full")
        self.assertEqual(done.returncode, UNWRITTEN, done.stderr)
        self.assertIn("No space left", done.stderr)
        self.assertTrue((place / "full").is_char_device())


class Closed(unittest.TestCase):
    """Started without standard input, output and error: no data file takes their place."""

    def test_nothing_is_written_into_a_data_file(self):
        with program.temporary_folder() as folder:
            data, file = pathlib.Path(folder) / "grid", pathlib.Path(folder) / "bank_holidays.csv"
            file.write_text("date,name\n2013-12-25,Christmas\n", encoding="utf-8")
            for command in ("ingest %s --data %s", "ingest %s --data %s --set log.level=trace"):
                line = "exec '%s' %s <&- >&- 2>&-" % (program.executable(), command % (file, data))
                self.assertEqual(subprocess.run(["sh", "-c", line], timeout=120, check=False).returncode, 0)
            self.assertIn("is sound", program.Grid(data).call("check")[0])
            text = (data / "LOCK").read_text(encoding="utf-8")
            self.assertRegex(text, r"^\d+\n$")


class Help(unittest.TestCase):
    def test_help_says_what_the_option_says(self):
        for words in ([], ["run"], ["dead-letters", "list"]):
            with self.subTest(words=words):
                done = call("help", *words)
                self.assertEqual((done.returncode, done.stdout), (0, call(*words, "--help").stdout))

    def test_help_of_what_is_no_command_is_a_usage_error(self):
        for words in (["nonsense"], ["run", "nonsense"]):
            done = call("help", *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("nonsense: there is no such command", done.stderr)


if __name__ == "__main__":
    unittest.main()
