#!/usr/bin/env python3
"""A node serves a grid: every command gives through it what it gives on the directory."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import node_program  # noqa: E402
import program  # noqa: E402

DAY = "2026-01-03"
RUN = DAY + "-II-1"
RECEIVED, LATE = "2026-01-10T10:00:00Z", "2026-01-20T10:00:00Z"
TABLES = ["bmu-volumes", "components", "factors", "deemed-takes", "duos", "defaults", "load-shapes", "load-shape-totals",
          "exceptions", "consumption", "registrations", "annual-consumption", "unregistered", "refusals", "outbox"]


def without_positions(table):
    """A table without the columns that say where in the journal something lies: a node makes other blocks."""
    return [{name: value for name, value in row.items() if name not in ("position", "version")} for row in program.rows(table)]


def without_time(text):
    """What hangs on when, how fast and where: of status the memory and disk, of an ingestion the seconds."""
    text = re.sub(r'in \d+\.\d s \([\d,]+ rows/s\)|"seconds":[\d.]+', "TIME", text)
    text = re.sub(r'"(memory|disk|applied|journal_end|resident|records|partition|version)":("?[\d.]+"?)', "SIZE", text)
    text = re.sub(r'[\d,]+ records read', "RECORDS", text)  # a node makes other blocks
    text = re.sub(r'"position":"[\d.]+"', "POSITION", text).replace(" Or name another directory with --data.", "")
    text = re.sub(r'"(requested_at|closed_at|requested at)":"[^"]+"', "AT", text)
    return re.sub(r'--(data|connect) \S+|(unix:)?/\S+', "PLACE", text)


class ThroughANode(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = program.temporary_folder()
        cls.folder = pathlib.Path(cls._folder.name)
        cls.town = cls.folder / "town"
        made = program.run("simulate", "--meters", "600", "--days", "5", "--groups", "2", "--output", str(cls.town), "-q")
        assert made.returncode == 0, made.stderr
        bad = cls.folder / "bad" / "consumption_wide.csv"  # more than a whole-current meter can take, and a wrong MPAN
        bad.parent.mkdir()
        header, first = (cls.town / "consumption_wide.csv").read_text().splitlines()[:2]
        values = first.split(",")
        bad.write_text("\n".join([header, ",".join(values[:4] + ["99999.000"] * (len(values) - 4)),
                                  ",".join(["1" * 13] + values[1:])]) + "\n")
        cls.bad = bad.parent

    @classmethod
    def tearDownClass(cls):
        cls._folder.cleanup()

    def story(self):
        """Commands as (words, exit code), in their order."""
        yield ["ingest", self.town, "--received-at", RECEIVED, "--json"], 0
        yield ["ingest", self.town, "--received-at", RECEIVED], 0  # all there
        yield ["ingest", self.bad, "--received-at", RECEIVED, "--participant", "ABCD", "--rejected", self.folder / "rejected"], 2
        yield ["ingest", self.bad / "none.csv"], 2
        yield ["ingest", self.town, "--partitions", "7"], 1
        yield ["run", "--day", DAY, "--code", "II", "--cutoff", RECEIVED], 0
        yield ["run", "--day", "2026-02-03", "--code", "II", "--cutoff", RECEIVED, "--json"], 5  # nothing is known of it
        yield ["ingest", self.town / "late", "--received-at", LATE], 0
        yield ["run", "--day", DAY, "--code", "SF", "--cutoff", LATE, "--json"], 0
        yield ["run", "--release", RUN], 1  # it is published
        yield ["runs", "--json"], 0
        yield ["close-day", "2026-01-02"], 0
        yield ["close-day", "2026-01-02", "--json"], 0  # again
        yield ["close-day", "2099-01-01"], 1
        for table in TABLES:
            yield ["export", table], 0
        yield ["export", "bmu-volumes", "--run", RUN, "--run", DAY + "-SF-3", "--format", "jsonl"], 0
        yield ["export", "bmu-volumes", "--day", DAY, "--json"], 0
        yield ["export", "consumption", "--day", DAY, "--all-versions", "--as-of", RECEIVED], 0
        yield ["export", "bmu-volumes", "--run", "none"], 1
        for address in ("gsp/_A", "shape/_A.W.S.T.AI"):
            yield ["inspect", address], 0
            yield ["inspect", address, "--json", "--day", DAY], 0
        yield ["inspect", "meter/1"], 1
        yield ["inspect", "bmu/NONE"], 1
        yield ["audit", "--run", "all"], 0
        yield ["audit", "--json"], 0
        yield ["check"], 0
        yield ["dead-letters", "list"], 0
        yield ["dead-letters", "replay", "0:1.0"], 1
        yield ["outbox", "take", "--participant", "ABCD"], 0
        yield ["outbox", "take", "--participant", "ABCD"], 0  # taken
        yield ["status", "--json"], 0
        yield ["check", "--json"], 0

    def test_every_command_says_the_same(self):
        grid = program.Grid(self.folder / "alone")
        with node_program.Node(self.folder / "served") as node:
            for words, expect in self.story():
                with self.subTest(" ".join(map(str, words))):
                    alone = grid.call(*words, expect=expect)
                    served = node.call(*words, expect=expect)
                    if words[:2] in (["export", "consumption"], ["export", "outbox"]):
                        self.assertEqual(without_positions(alone[0]), without_positions(served[0]))
                        continue
                    for mine, its in zip(alone, served):
                        mine, its = [re.sub(r"\S*there was no grid; a new one is made.\n", "", text) for text in (mine, its)]
                        self.assertEqual(without_time(mine), without_time(its))
            code, seconds, error = node.end()
            self.assertEqual((code, error), (0, ""))
            self.assertLess(seconds, 20)
        served = program.Grid(self.folder / "served")
        for table in TABLES:
            with self.subTest("the same bytes afterwards: " + table):
                of_run = ["--run", RUN] if table in TABLES[:TABLES.index("consumption")] else []
                tables = [g.call("export", table, *of_run)[0] for g in (grid, served)]
                if table in ("consumption", "outbox"):
                    tables = [without_positions(t) for t in tables]
                self.assertEqual(*tables)
        self.assertIn("sound", served.call("check")[0])

    def test_a_directory_that_a_node_has_open_is_asked_through_it(self):
        grid = program.Grid(self.folder / "in use")
        with node_program.Node(self.folder / "in use") as node:
            out, error = grid.call("ingest", self.town, "--received-at", RECEIVED)
            self.assertIn("entries accepted", out)
            self.assertIn("a node has it open (process %d)" % node.described["pid"], error)
            self.assertEqual(grid.call("runs", "--json")[1], "")  # JSON: no remarks
            error = grid.call("run", "--day", DAY, "--code", "II", "--set", "correction.method=legacy", expect=1)[1]
            self.assertIn("whose settings count", error)
            # What opens a directory by itself still cannot have it.
            done = program.run("node", "--data", str(grid.folder))
            self.assertEqual(done.returncode, 3, done.stderr)
            # A node that is gone all of a sudden, and a command that finds it in its place.
            node.end(signal.SIGKILL)
            self.assertIn(RUN, grid.call("run", "--day", DAY, "--code", "II", "--cutoff", RECEIVED)[0])
            self.assertTrue((grid.folder / "NODE").exists())  # left over, and harmless

    def test_a_node_comes_back_after_a_crash_with_all_it_has_acknowledged(self):
        folder = self.folder / "crashed"
        with node_program.Node(folder) as node:
            node.call("ingest", self.town, "--received-at", RECEIVED, "-q")
            node.end(signal.SIGKILL)
        alone = program.Grid(self.folder / "whole")
        alone.ingest(self.town, received_at=RECEIVED)
        with node_program.Node(folder) as node:
            self.assertEqual(node.call("export", "consumption")[0], alone.call("export", "consumption")[0])
            self.assertIn("sound", node.call("check")[0])

    def test_exit_code_6_when_nothing_answers(self):
        done = program.run("status", "--connect", "unix:" + str(self.folder / "nobody.sock"))
        self.assertEqual(done.returncode, 6)
        self.assertIn("no node answers", done.stderr)

    def test_a_node_that_goes_away_in_the_middle_is_said(self):
        with node_program.Node(self.folder / "gone") as node:
            node.call("ingest", self.town, "--received-at", RECEIVED, "-q")
            waits = subprocess.Popen([program.executable(), "ingest", "-", "--kind", "consumption_wide", "--connect",
                                      node.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     text=True)
            lines = (self.town / "consumption_wide.csv").read_text().splitlines(keepends=True)
            waits.stdin.writelines(lines[:1000])
            waits.stdin.flush()
            node.end(signal.SIGKILL)
            out, error = waits.communicate("".join(lines[1000:]), timeout=60)
            self.assertEqual(waits.returncode, 6, out + error)
            self.assertIn("no node answers: it has closed the connection", error)

    def test_a_table_that_nobody_reads_to_its_end_is_said_as_on_the_directory(self):
        grid = program.Grid(self.folder / "unread")
        grid.ingest(self.town, received_at=RECEIVED)
        said = []
        with contextlib.ExitStack() as stack:
            for through in ([], ["--connect"]):
                if through:
                    through = ["--connect", stack.enter_context(node_program.Node(grid.folder)).address]
                export = subprocess.Popen([program.executable(), "export", "consumption", *(through or ["--data", str(grid.folder)])],
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                export.stdout.readline()
                export.stdout.close()
                said.append((export.stderr.read(), export.wait(timeout=60)))
                export.stderr.close()
        self.assertEqual(said[0], said[1])
        self.assertEqual(said[0][1], 7)
        self.assertIn("Broken pipe", said[0][0])

    def test_health_and_what_systemd_is_told(self):
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        told.bind(str(self.folder / "notify"))
        told.settimeout(30)
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"))
        with node_program.Node(self.folder / "healthy", environment=environment) as node:
            self.assertEqual(told.recv(100), b"READY=1")
            self.assertEqual(node.get("/livez"), (200, "alive\n"))
            self.assertEqual(node.get("/readyz"), (200, "ready\n"))
            self.assertEqual(node.get("/other")[0], 404)
            self.assertEqual(os.stat(node.described["socket"]).st_mode & 0o777, 0o660)
            self.assertEqual(node.end()[0], 0)
            self.assertEqual(told.recv(100), b"STOPPING=1")
            told.close()
            self.assertFalse((self.folder / "healthy" / "NODE").exists())
            self.assertFalse(os.path.exists(node.described["socket"]))

    def test_a_node_whose_partition_has_stopped_is_not_ready(self):
        folder = self.folder / "stopped"
        grid = program.Grid(folder)
        grid.ingest(self.town, received_at=RECEIVED)
        with node_program.Node(folder) as node:
            for table in (folder / "partitions").rglob("*.sst"):
                with contextlib.suppress(FileNotFoundError):  # merged into another meanwhile
                    table.write_bytes(b"\0" * table.stat().st_size)
            node.call("ingest", self.town / "late", "--received-at", LATE, expect=3)
            status, text = node.get("/readyz")
            self.assertEqual(status, 503, text)
            self.assertEqual(node.get("/livez")[0], 200)


if __name__ == "__main__":
    unittest.main()
