"""Writes the CSV files of a made case."""
import csv
import gzip
import io
import os

import clock
from contract import COLUMNS
from numbers_exact import decimal_text

ZERO_ESTIMATES = ("ZE", "ZE1", "ZE2", "ZE3")


class Files:
    """Writers of one folder, opened when first used."""

    def __init__(self, folder, zipped=()):
        os.makedirs(folder, exist_ok=True)
        self._folder, self._zipped, self._open = folder, zipped, {}

    def row(self, name, values):
        if name not in self._open:
            self._open[name] = self._start(name)
            self._open[name][0].writerow(COLUMNS[name])
        self._open[name][0].writerow(values)

    def _start(self, name):
        """(table, streams to close in order); without a time in the gzip header one seed gives one file."""
        path = os.path.join(self._folder, name + ".csv" + (".gz" if name in self._zipped else ""))
        streams = [open(path, "wb")]
        if name in self._zipped:
            streams.insert(0, gzip.GzipFile("", "wb", fileobj=streams[0], mtime=0))
        streams.insert(0, io.TextIOWrapper(streams[0], encoding="utf-8", newline=""))
        return csv.writer(streams[0], lineterminator="\n"), streams

    def close(self):
        for _, streams in self._open.values():
            for stream in streams:
                stream.close()


def kwh(energy, quality):
    """Kilowatt-hours, sometimes without needless zeros; zero estimates are zero."""
    text = decimal_text(0 if quality in ZERO_ESTIMATES else energy, 3)
    return text.rstrip("0").rstrip(".") if energy % 7 == 0 else text


def annual_row(meter, start, energy, quality):
    return (meter.mpan, clock.date_text(start), decimal_text(energy, 3), quality)


def date_or_blank(day):
    return "" if day is None else clock.date_text(day)
