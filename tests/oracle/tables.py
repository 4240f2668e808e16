"""Writes results in the export format, byte for byte."""
import csv
import os

from clock import date_text, end_text
from numbers_exact import decimal_text

CONNECTION_ORDER, SEGMENT_ORDER, QUANTITY_ORDER = "WLHEU", "SAU", ("AI", "AE")
HEADERS = {
    "bmu-volumes": "run_id settlement_date settlement_code run_number gsp_group_id supplier_id bmu_id settlement_period "
                   "import_mwh export_mwh allocated_mwh",
    "components": "run_id settlement_date settlement_code run_number gsp_group_id supplier_id bmu_id ccc_id indicator "
                  "settlement_period msid_count uncorrected_mwh corrected_mwh",
    "factors": "run_id settlement_date settlement_code gsp_group_id settlement_period group_take_mwh uncorrected_mwh "
               "gcf_import gcf_export residual_mwh",
    "defaults": "run_id mpan measurement_quantity period_end_utc kwh load_shape_flag",
    "load-shapes": "utc_day run_number gsp_group_id connection_type market_segment domestic measurement_quantity utc_period "
                   "kwh flag count",
    "load-shape-totals": "utc_day run_number gsp_group_id connection_type market_segment domestic measurement_quantity "
                         "day_total day_peak day_off_peak rolling_7_day rolling_7_day_peak rolling_7_day_off_peak "
                         "rolling_annual",
}


def mwh(wh):
    return decimal_text(wh, 6)


class Writer:
    """The files of one output folder."""

    def __init__(self, folder, code, run_number):
        os.makedirs(folder, exist_ok=True)
        self._code, self._number = code, run_number
        self._files, self._tables = [], {}
        for name, header in HEADERS.items():
            stream = open(os.path.join(folder, name + ".csv"), "w", encoding="utf-8", newline="")
            self._files.append(stream)
            self._tables[name] = csv.writer(stream, lineterminator="\n")
            self._tables[name].writerow(header.split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for stream in self._files:
            stream.close()

    def run(self, day, result):
        """One settled day."""
        date = date_text(day)
        run_id = "%s-%s-%d" % (date, self._code, self._number)
        run = (run_id, date, self._code, self._number)
        self._bmu_volumes(run, result)
        for c in result.components:
            self._tables["components"].writerows(
                run + (c.gsp, c.supplier, c.bmu, c.ccc, c.indicator, index + 1, c.msid_count, mwh(c.uncorrected[index]),
                       mwh(c.corrected[index])) for index in range(result.period_count))
        for gsp, periods in sorted(result.groups.items()):
            self._tables["factors"].writerows(
                run[:3] + (gsp, period, mwh(f.take), mwh(f.uncorrected), decimal_text(f.gcf_import, 9),
                           decimal_text(f.gcf_export, 9), mwh(f.residual)) for period, f in enumerate(periods, 1))
        self._tables["defaults"].writerows(
            (run_id, mpan, quantity, end_text(half_hour), decimal_text(energy, 3), flag)
            for mpan, quantity, half_hour, energy, flag in sorted(result.defaults))

    def _bmu_volumes(self, run, result):
        units = {}
        for c in result.components:
            volumes = units.setdefault((c.gsp, c.supplier, c.bmu), {q: [0] * result.period_count for q in QUANTITY_ORDER})
            volumes[c.quantity] = list(map(int.__add__, volumes[c.quantity], c.corrected))
        for unit, volumes in sorted(units.items()):
            for period, (taken, given) in enumerate(zip(volumes["AI"], volumes["AE"]), 1):
                self._tables["bmu-volumes"].writerow(run + unit + (period, mwh(taken), mwh(given), mwh(taken - given)))

    def shapes(self, utc_day, groups, load_shapes):
        """The load shapes (`shapes.Shapes`) of one UTC day."""
        for group in sorted(groups, key=shape_order):
            values, flags, counts = load_shapes.day_values(group, utc_day)
            self._tables["load-shape-totals"].writerow(
                (date_text(utc_day), self._number, *group) +
                tuple(decimal_text(total, 3) for total in load_shapes.totals(group, utc_day)))
            self._tables["load-shapes"].writerows(
                (date_text(utc_day), self._number, *group, index + 1, decimal_text(values[index], 3), flags[index],
                 counts[index]) for index in range(48))


def shape_order(group):
    gsp, connection, segment, domestic, quantity = group
    return (gsp, CONNECTION_ORDER.index(connection), SEGMENT_ORDER.index(segment), domestic, QUANTITY_ORDER.index(quantity))
