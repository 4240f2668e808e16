#!/usr/bin/env python3
"""An independent settlement of a folder of the CSV contract, to compare the grid's exports with, byte for byte.

    settle.py --cases DIR [--batch DIR:INSTANT ...] [--day D ...] [--code II] [--method import_export|legacy]
              [--cutoff INSTANT] [--run-number N] --out OUT

It follows the written arithmetic with exact integers and shares no code with the grid. `--cases` is received before
everything else; each `--batch` follows in the order given, received at its instant. Without `--day` it settles every day
whose GSP Group Takes are complete. Writes bmu-volumes, components, factors, defaults, load-shapes and
load-shape-totals .csv.
Exit codes: 0 done; 1 usage; 2 the case cannot be read; 5 a day asked for cannot be settled (the other days are written).
"""
import argparse
import re
import sys

import allocation
import clock
import contract
import registry
import shapes
import tables

CODES = ("II", "SF", "R1", "R2", "R3", "RF", "DR", "DF")


def batch(text):
    match = re.fullmatch(r"(.+?):(\d{4}-\d\d-\d\dT.*Z)", text)
    if not match:
        raise argparse.ArgumentTypeError("not DIR:INSTANT: %r" % text)
    return match[1], clock.parse_instant(match[2])


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.error = lambda text: (parser.print_usage(sys.stderr), print(text, file=sys.stderr), sys.exit(1))
    parser.add_argument("--cases", metavar="DIR", action="append", default=[])
    parser.add_argument("--batch", metavar="DIR:INSTANT", type=batch, action="append", default=[])
    parser.add_argument("--day", type=clock.parse_date, action="append", default=[])
    parser.add_argument("--code", choices=CODES, default="II")
    parser.add_argument("--method", choices=("import_export", "legacy"), default="import_export")
    parser.add_argument("--cutoff", type=clock.parse_instant)
    parser.add_argument("--run-number", type=int, default=1)
    parser.add_argument("--minimum-sample", type=int, default=10, help="shape.minimum_sample")
    parser.add_argument("--out", required=True)
    options = parser.parse_args(argv)
    if not options.cases and not options.batch:
        parser.error("give --cases or --batch")
    return options


def load(cases, batches, cutoff):
    """The case as known at the cut-off; None = everything."""
    case = contract.Case()
    for folder in cases:
        case.load(folder)
    for folder, received_at in batches:
        case.load(folder, cutoff is None or received_at <= cutoff)
    return case


def settle(case, days, method, minimum_sample, writer):
    """Settles days into a writer; [] = every complete one. Gives {day: why it was refused}."""
    registrations = registry.Registry(case)
    load_shapes = shapes.Shapes(case, registrations, minimum_sample)
    settlement = allocation.Settlement(case, registrations, load_shapes)
    days = sorted(set(days)) or [d for d in sorted({d for _, d in case.group_takes}) if settlement.is_complete(d)]
    refused, utc_days = {}, set()
    for day in days:
        try:
            result = settlement.settle(day, method)
        except allocation.Refused as reason:
            refused[day] = reason
            continue
        writer.run(day, result)
        for gsp, factors in result.groups.items():
            if any(min(f.gcf_import, f.gcf_export) < 0 for f in factors):
                print("%s: %s has a factor below 0, the grid holds the run" % (clock.date_text(day), gsp), file=sys.stderr)
        utc_days.update(clock.utc_days_of(day))
    for utc_day in sorted(utc_days):
        writer.shapes(utc_day, load_shapes.groups_on(utc_day), load_shapes)
    print("settled %d of %d days" % (len(days) - len(refused), len(days)), file=sys.stderr)
    return refused


def main(argv=None):
    options = arguments(argv)
    try:
        case = load(options.cases, options.batch, options.cutoff)
    except (contract.CaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    with tables.Writer(options.out, options.code, options.run_number) as writer:
        refused = settle(case, options.day, options.method, options.minimum_sample, writer)
    for day, reason in refused.items():
        print("%s: %s" % (clock.date_text(day), reason), file=sys.stderr)
    return 5 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
