"""A node of the program, as an operator starts it."""
import json
import pathlib
import signal
import subprocess
import time
import urllib.request

import program


class Node:
    """Serves a folder's grid. In a `with` block: there until its end."""

    def __init__(self, folder, *settings, environment=None):
        self.folder = pathlib.Path(folder)
        options = [o for s in ("node.http=127.0.0.1:0", "timekeeper.close_at=", "timekeeper.run_dates=ignore", *settings)
                   for o in ("--set", s)]
        self.process = subprocess.Popen([program.executable(), "node", "--json", "--data", str(folder), *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()  # once it answers
        if not line:
            raise AssertionError("the node did not start: " + self.process.stderr.read())
        self.described = json.loads(line)

    @property
    def address(self):
        return "unix:" + self.described["socket"]

    def get(self, path):
        """(status, text) over HTTP."""
        try:
            with urllib.request.urlopen("http://" + self.described["http"] + path, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def call(self, command, *arguments, expect=0, stdin=None):
        """Runs a command through it; the exit code must be `expect`. Returns standard output and error."""
        done = program.run(command, *map(str, arguments), "--connect", self.address, stdin=stdin)
        if done.returncode != expect:
            raise AssertionError("hhgrid %s %s: exit code %d, expected %d\n%s\n%s" % (
                command, arguments, done.returncode, expect, done.stdout[-3000:], done.stderr[-3000:]))
        return done.stdout, done.stderr

    def end(self, with_signal=signal.SIGTERM):
        """Ends it and returns its exit code, seconds and standard error."""
        begun = time.monotonic()
        self.process.send_signal(with_signal)
        error = self.process.communicate(timeout=120)[1]
        return self.process.returncode, time.monotonic() - begun, error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
