#!/usr/bin/env python3
"""Makes a small but nasty settlement case from a seed, as folders of the CSV contract.

    make_case.py --seed N --out DIR [--season spring|autumn|both] [--days 11]

DIR/base holds everything, DIR/amend1 and DIR/amend2 later versions of registrations, consumption and annual consumption;
DIR/manifest.csv says when each was received. Everything is invented and follows from the seed. The GSP Group Takes come from
what the case settles to, so that correction factors mostly stay within 0.8-1.2.
"""
import argparse
import os
import random
import shlex
import sys

import allocation
import clock
import contract
import registry
import shapes
from case_files import ZERO_ESTIMATES, Files, annual_row, date_or_blank, kwh
from case_population import GSPS, LINE_LOSS_CLASSES, make_meters, make_units, may_be_de_energised
from contract import COLUMNS, PERIODS
from numbers_exact import decimal_text

#: The clocks change two thirds into each window of days.
CLOCK_CHANGES = {"spring": "2013-03-31", "autumn": "2013-10-27"}
BANK_HOLIDAYS = ("2013-03-29", "2013-04-01", "2013-10-25", "2013-10-26")  # the last on a Saturday
FOLDERS = (("base", "2013-11-20T08:00:00Z"), ("amend1", "2013-12-05T09:30:00Z"), ("amend2", "2014-02-01T00:00:00Z"))
ACTUALS = {"AI": ("A1", "A2", "A3"), "AE": ("A1", "AAE1", "AAE2", "AAE3")}
ESTIMATES = {"AI": ["E"] + ["E%d" % n for n in range(10)] + ["EA%d" % n for n in range(1, 14)],
             "AE": ["E", "EAE1", "EAE2", "EAE3"]}


class Maker:
    """One case: decides everything from `random` in a fixed order."""

    def __init__(self, out, seed, days):
        self.random = random.Random(seed)
        self.out = out
        self.days = days
        zipped = ("consumption_wide", "line_losses") if seed % 2 else ()
        self.files = [Files(os.path.join(out, name), zipped if name == "base" else ()) for name, _ in FOLDERS]
        self.meters = make_meters(self.random, days)
        self.outages = self._outages()

    def make(self):
        self._units()
        self._registrations()
        self._classes()
        self._losses()
        self._shapes_and_holidays()
        for meter in self.meters:
            self._annual(meter)
            self._consumption(meter)
        for files in self.files:
            files.close()
        self._takes()

    # -- standing data ------------------------------------------------------------------------------------------------

    def _units(self):
        for bmu, supplier, gsp, default, start, end in make_units(self.random, self.days):
            self.files[0].row("bmus", (bmu, supplier, gsp, default, clock.date_text(start), date_or_blank(end)))

    def _classes(self):
        ids, middle = self.random.sample(range(100, 1000), 120), self.days[len(self.days) // 2]
        start = self.days[0] - 300
        for quantity in ("AI", "AE"):
            for segment in "SAU":
                for connection in "WLHEU":
                    for indicator in "CL":
                        weight = self.random.choice((50, 100, 100, 130) if segment == "S" else (0, 50, 75, 100))
                        key, ccc, kind = (connection, quantity, segment, indicator), ids.pop(), self.random.random()
                        self._class(ccc, key, weight, start, middle - 1 if kind < 0.1 else None)
                        if kind < 0.1:    # the class gets another id
                            self._class(ids.pop(), key, weight, middle, None)
                        elif kind < 0.25:  # the class gets another weight; the older row stays open
                            self._class(ccc, key, weight + 7, middle, None)

    def _class(self, ccc, key, weight, start, end):
        self.files[0].row("component_classes", (ccc, *key, decimal_text(weight, 2), clock.date_text(start),
                                                date_or_blank(end)))

    def _losses(self):
        for gsp, distributor in GSPS.items():
            for number, llfc in enumerate(LINE_LOSS_CLASSES[:-1]):
                base = self.random.choice((984, 1004, 1020, 1045, 1078))
                for day in self.days:
                    self._loss_day(distributor, llfc, day, base, number)

    def _loss_day(self, distributor, llfc, day, base, number):
        if self.random.random() < 0.08:
            return  # a missing day
        lacks = self.random.random() < 0.05
        for period in range(1, clock.period_count(day) + 1):
            if (lacks and self.random.random() < 0.3) or (number == 0 and period > 48):
                continue  # single missing periods; the first class never has periods 49 and 50
            factor = base + (self.random.randint(0, 9) if 14 < period < 44 else 0)
            self.files[0].row("line_losses", (distributor, llfc, clock.date_text(day), period, decimal_text(factor, 3)))

    def _shapes_and_holidays(self):
        patterns = [("", "", "", "", "AI", "WD"), ("", "U", "U", "", "AI", ""), ("", "E", "", "", "", "SUN"),
                    ("_P", "", "", "", "AI", "SAT"), ("_P", "L", "", "F", "AI", ""), ("", "H", "A", "", "AI", "BH"),
                    ("_C", "", "A", "", "AI", ""), ("", "W", "A", "F", "AI", "WD"), ("_C", "W", "", "", "AE", "")]
        for pattern in patterns:
            if self.random.random() < 0.8:
                self.files[0].row("default_shapes", pattern + tuple(
                    decimal_text(self.random.randint(0, 1500), 3) for _ in PERIODS))
        for text in BANK_HOLIDAYS:
            self.files[0].row("bank_holidays", (text, "Holiday"))

    def _takes(self):
        """What the case itself settles to with everything received, plus a residual of either sign."""
        case = contract.Case()
        for name, _ in FOLDERS:
            case.load(os.path.join(self.out, name))
        registrations = registry.Registry(case)
        settlement = allocation.Settlement(case, registrations, shapes.Shapes(case, registrations))
        files = Files(os.path.join(self.out, "base"))
        for day in self.days:
            components, _ = settlement.components(day)
            for gsp in sorted({c.gsp for c in components}):
                members = [c for c in components if c.gsp == gsp]
                share = self.random.choice((-0.07, -0.03, 0.0, 0.02, 0.06))
                for index in range(clock.period_count(day)):
                    net = sum(c.uncorrected[index] * allocation.sign(c) for c in members)
                    weighted = sum(c.uncorrected[index] * c.weight for c in members)
                    error = int(weighted * (share + self.random.uniform(-0.06, 0.06)) / 100)
                    files.row("group_takes", (gsp, clock.date_text(day), index + 1, decimal_text(net + error, 6),
                                              self.random.choice("AAAE")))
        files.close()

    # -- received data ------------------------------------------------------------------------------------------------

    def _registrations(self):
        for meter in self.meters:
            for batch, start, end, terms in meter.rows:
                row = {"mpan": meter.mpan, "effective_from": clock.date_text(start), "effective_to": date_or_blank(end),
                       **terms}
                self.files[batch].row("registrations", [row[c] for c in COLUMNS["registrations"]])

    def _annual(self, meter):
        if self.random.random() < 0.4:
            return
        likely = int(meter.scale * 17520)
        starts = [self.days[0] - 100]
        if self.random.random() < 0.3:
            starts.append(self.random.choice(self.days))
        if self.random.random() < 0.1:
            starts = [self.days[-1] + 30]  # not yet known
        for start in starts:
            energy = 0 if self.random.random() < 0.05 else int(likely * self.random.uniform(0.7, 1.3))
            self.files[0].row("annual_consumption", annual_row(meter, start, energy, self.random.choice("A12345")))
        if self.random.random() < 0.15:  # a later batch revises it
            self.files[2].row("annual_consumption", annual_row(meter, starts[0], likely, "A"))

    def _outages(self):
        """{(gsp, UTC day): indices}: where most actuals of a GSP Group are missing, so that shapes fall back."""
        result = {}
        for day in self.days:
            for gsp in GSPS:
                if self.random.random() < 0.15:
                    first = self.random.randint(0, 40)
                    result[gsp, day] = range(first, self.random.randint(first + 1, 48))
        return result

    def _consumption(self, meter):
        as_long = self.random.random() < 0.06
        gone = set(self.random.sample(self.days, self.random.choice((0, 0, 1, 3))))
        quantities = [meter.quantity]
        if meter.direction == "I" and meter.segment == "S" and self.random.random() < 0.08:
            quantities.append("AE")  # exports on an import MPAN count all the same
        for quantity in quantities:
            for day in self.days:
                energies = self._energies(meter, quantity)
                if day not in gone:
                    self._meter_day(meter, quantity, day, energies, as_long)
                self._amend(meter, quantity, day, energies)
        if self.random.random() < 0.05:
            self.files[0].row("consumption", (meter.mpan, "RI", clock.end_text(self.days[0] * 48), "1.25", "A", "", ""))

    def _energies(self, meter, quantity):
        """48 x Wh of a UTC day as they happened; exports by day only."""
        energies, scale = [], meter.scale * (0.4 if quantity == "AE" else 1)
        for index in range(48):
            sunny = quantity == "AI" or 14 < index < 36
            energies.append(int(scale * (0.7 + 0.6 * (14 < index < 44)) * self.random.uniform(0.2, 1.8)) if sunny else 0)
        return energies

    def _quality(self, quantity, only_actuals):
        choice = self.random.random()
        if choice < 0.8:
            return "A"
        if choice < 0.88:
            return self.random.choice(ACTUALS[quantity])
        if only_actuals:
            return "A"
        return self.random.choice(ZERO_ESTIMATES if choice > 0.985 else ESTIMATES[quantity])

    def _meter_day(self, meter, quantity, day, energies, as_long):
        """One day as first sent: some periods absent, one quality for the day or one per period."""
        kind, only_actuals = self.random.random(), self._only_actuals(meter, day)
        outage = self.outages.get((meter.gsp, day), ())
        cut = range(self.random.randint(0, 47), 48) if kind < 0.05 else ()
        present = [i for i in range(48) if i not in cut and not (i in outage and self.random.random() < 0.75)
                   and not (kind > 0.9 and self.random.random() < 0.1)]
        if 0.1 < kind < 0.3:
            qualities = [self._quality(quantity, only_actuals) for _ in range(48)]
        else:
            qualities = [self._quality(quantity, only_actuals)] * 48
        if as_long:
            self._long(0, meter, quantity, day, present, energies, qualities)
        else:
            self._wide(0, meter, quantity, day, present, energies, qualities)
            if self.random.random() < 0.02 and present:  # the long file is read first, so the wide row replaces it
                self._long(0, meter, quantity, day, present[:3], [e + 777 for e in energies], ["A"] * 48)

    def _amend(self, meter, quantity, day, energies):
        """Later versions, of all or a few periods, also an estimate in place of an actual."""
        for batch in (1, 2):
            if self.random.random() < 0.07:
                some = [i for i in range(48) if self.random.random() < self.random.choice((0.1, 0.5, 1))]
                changed = [int(e * self.random.uniform(0.8, 1.2)) for e in energies]
                qualities = [self._quality(quantity, self._only_actuals(meter, day))] * 48
                send = self._long if self.random.random() < 0.3 else self._wide
                send(batch, meter, quantity, day, some, changed, qualities)

    def _only_actuals(self, meter, utc_day):
        return any(may_be_de_energised(meter, day) for day, _, _ in clock.settlement_days_of(utc_day))

    def _wide(self, batch, meter, quantity, day, present, energies, qualities):
        texts = [""] * 48
        for i in present:
            texts[i] = kwh(energies[i], qualities[i])
        quality = qualities[0] if len(set(qualities)) == 1 else "|".join(qualities)
        if present:
            self.files[batch].row("consumption_wide", (meter.mpan, quantity, clock.date_text(day), quality, *texts))

    def _long(self, batch, meter, quantity, day, present, energies, qualities):
        for i in present:
            reason = amendment = ""
            if qualities[i] not in ("A",) + ACTUALS[quantity]:
                reason = str(self.random.randint(1, 9))
                amendment = "X" if reason == "9" else ""
            self.files[batch].row("consumption", (meter.mpan, quantity, clock.end_text(day * 48 + i),
                                                  kwh(energies[i], qualities[i]), qualities[i], reason, amendment))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--season", choices=("spring", "autumn", "both"), default="both")
    parser.add_argument("--days", type=int, default=11, help="UTC days around each clock change")
    options = parser.parse_args(argv)
    if os.path.isdir(options.out) and os.listdir(options.out):
        parser.error("%s is not empty: files of another case would be read with this one" % options.out)
    days = []
    for season, text in CLOCK_CHANGES.items():
        if options.season in (season, "both"):
            first = clock.parse_date(text) - options.days * 2 // 3
            days += range(first, first + options.days)
    Maker(options.out, options.seed, days).make()
    with open(os.path.join(options.out, "manifest.csv"), "w", encoding="utf-8") as stream:
        stream.write("folder,received_at\n" + "".join("%s,%s\n" % folder for folder in FOLDERS))
    batches = ["--batch %s:%s" % (shlex.quote(os.path.join(options.out, name)), at) for name, at in FOLDERS]
    print("settle.py %s --out OUT" % " ".join(batches))
    return 0


if __name__ == "__main__":
    sys.exit(main())
