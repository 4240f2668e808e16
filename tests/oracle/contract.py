"""Reads a folder of the CSV contract into plain dictionaries.

Strict: a row that is not of the contract stops the oracle with file and line. What the grid would reject one by one has no
place in a case.
"""
import csv
import gzip
import os
import types

from clock import half_hour_of_end, parse_date
from numbers_exact import parse_decimal

OPEN_ENDED = 10**9
FILES = ("bank_holidays", "bmus", "line_losses", "component_classes", "default_shapes", "group_takes")
RECEIVED_FILES = ("registrations", "annual_consumption", "consumption", "consumption_wide")
SETS = {"direction": tuple("IE"), "market_segment": tuple("SAU"), "connection_type": tuple("WLHEU"),
        "domestic": ("T", "F", ""), "energisation": tuple("ED")}
QUANTITIES = ("AI", "AE", "RI", "RE")
PERIODS = tuple("p%d" % p for p in range(1, 49))
#: `shape.actual_qualities`: what a load shape samples.
ACTUAL_QUALITIES = frozenset("A A1 A2 A3 AAE1 AAE2 AAE3".split())
QUALITIES = ACTUAL_QUALITIES | frozenset(
    "E E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 ZE ZE1 ZE2 ZE3 EAE1 EAE2 EAE3".split()) | frozenset("EA%d" % n for n in range(1, 14))
COLUMNS = {
    "registrations": ("mpan", "effective_from", "effective_to", "direction", "gsp_group_id", "distributor_id", "supplier_id",
                      "bmu_id", "llfc_id", "duos_tariff_id", "market_segment", "connection_type", "domestic", "energisation",
                      "data_service_id"),
    "consumption": ("mpan", "measurement_quantity", "period_end_utc", "kwh", "quality", "estimation_reason",
                    "amendment_reason"),
    "consumption_wide": ("mpan", "measurement_quantity", "utc_day", "quality") + PERIODS,
    "annual_consumption": ("mpan", "effective_from", "kwh", "quality"),
    "bmus": ("bmu_id", "supplier_id", "gsp_group_id", "default_unit", "effective_from", "effective_to"),
    "line_losses": ("distributor_id", "llfc_id", "settlement_date", "settlement_period", "llf"),
    "component_classes": ("ccc_id", "connection_type", "measurement_quantity", "market_segment", "indicator", "weight",
                          "effective_from", "effective_to"),
    "default_shapes": ("gsp_group_id", "connection_type", "market_segment", "domestic", "measurement_quantity",
                       "day_type") + PERIODS,
    "group_takes": ("gsp_group_id", "settlement_date", "settlement_period", "mwh", "flag"),
    "bank_holidays": ("date", "name"),
}


def contradicted_registrations(path):
    """{(mpan, effective_from)} of which a file of registrations, or that of a folder, says two things: none of them counts."""
    said, contradicted = {}, set()
    for place in (path, os.path.join(path, "registrations.csv"), os.path.join(path, "registrations.csv.gz")):
        if not os.path.isfile(place) or not os.path.basename(place).startswith("registrations."):
            continue
        with (gzip.open if place.endswith(".gz") else open)(place, "rt", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                key = row["mpan"], row["effective_from"]
                if said.setdefault(key, row) != row:
                    contradicted.add(key)
    return contradicted


class CaseError(Exception):
    """The folder is not a case of the contract."""


class MeterDay:
    """The counting values of one MPAN, quantity and UTC day: Wh or None, and which of them are actuals."""
    __slots__ = ("energy_wh", "actual")

    def __init__(self):
        self.energy_wh = [None] * 48
        self.actual = [False] * 48


class Case:
    """Everything a settlement reads; later rows with the same key replace earlier ones.

    Registrations that contradict each other in one file count nowhere.
    """

    def __init__(self):
        self.registrations = {}       # mpan -> {effective_from: registration}
        self.annual_consumption = {}  # mpan -> {effective_from: Wh}
        self.consumption = {}         # (mpan, quantity) -> {UTC day: MeterDay}
        self.bmus = {}                # (bmu, supplier, gsp, from) -> (default unit, to)
        self.line_losses = {}         # (distributor, llfc) -> {settlement day: {period: thousandths}}
        self.component_classes = {}   # (ccc, from) -> class
        self.default_shapes = {}      # the six key columns -> 48 x Wh
        self.group_takes = {}         # (gsp, settlement day) -> {period: Wh}
        self.bank_holidays = set()    # UTC days

    def load(self, folder, received=True):
        """Adds a folder. `received` False: it came after the cut-off, so only its standing data counts."""
        names = FILES + (RECEIVED_FILES if received else ())
        found = False
        for name in names:
            for path in (os.path.join(folder, name + ".csv"), os.path.join(folder, name + ".csv.gz")):
                if os.path.exists(path):
                    found = True
                    self._load_file(name, path)
        if not found and not any(os.path.exists(os.path.join(folder, n + e)) for n in RECEIVED_FILES
                                 for e in (".csv", ".csv.gz")):
            raise CaseError("%s holds no file of the contract." % folder)

    def _load_file(self, name, path):
        add = getattr(self, "_add_" + name)
        self._contradicted = contradicted_registrations(path) if name == "registrations" else set()
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            for column in header:
                if column not in COLUMNS[name]:
                    raise CaseError("%s: unknown column %r." % (path, column))
            blank = dict.fromkeys(COLUMNS[name], "")
            for row in rows:
                if not row:
                    continue
                try:
                    if len(row) != len(header):
                        raise ValueError("%d fields, the header has %d" % (len(row), len(header)))
                    add({**blank, **dict(zip(header, row))})
                except ValueError as error:
                    raise CaseError("%s line %d: %s." % (path, rows.line_num, error)) from error

    # -- received data ------------------------------------------------------------------------------------------------

    def _add_registrations(self, row):
        if (row["mpan"], row["effective_from"]) in self._contradicted:
            return
        for column, allowed in SETS.items():
            one_of(row, column, allowed)
        registration = types.SimpleNamespace(
            effective_to=end_date(row["effective_to"]), direction=row["direction"], gsp=required(row, "gsp_group_id"),
            distributor=row["distributor_id"].zfill(2), supplier=required(row, "supplier_id"), bmu=row["bmu_id"],
            llfc=llfc(row["llfc_id"]), segment=row["market_segment"], connection=row["connection_type"],
            domestic=row["domestic"] or "F", energised=row["energisation"] == "E",
            quantity="AI" if row["direction"] == "I" else "AE")
        self.registrations.setdefault(required(row, "mpan"), {})[parse_date(row["effective_from"])] = registration

    def _add_annual_consumption(self, row):
        energy = parse_decimal(row["kwh"], 3)
        self.annual_consumption.setdefault(required(row, "mpan"), {})[parse_date(row["effective_from"])] = energy

    def _meter_day(self, row, utc_day):
        one_of(row, "measurement_quantity", QUANTITIES)
        days = self.consumption.setdefault((required(row, "mpan"), row["measurement_quantity"]), {})
        if utc_day not in days:
            days[utc_day] = MeterDay()
        return days[utc_day]

    def _add_consumption(self, row):
        utc_day, index = divmod(half_hour_of_end(row["period_end_utc"]), 48)
        meter_day = self._meter_day(row, utc_day)
        meter_day.energy_wh[index] = parse_decimal(row["kwh"], 3)
        meter_day.actual[index] = is_actual(row["quality"])

    def _add_consumption_wide(self, row):
        qualities = row["quality"].split("|")
        if len(qualities) == 1:
            qualities *= 48
        if len(qualities) != 48:
            raise ValueError("%d qualities for 48 periods" % len(qualities))
        meter_day = self._meter_day(row, parse_date(row["utc_day"]))
        for index, column in enumerate(PERIODS):
            if row[column]:
                meter_day.energy_wh[index] = parse_decimal(row[column], 3)
                meter_day.actual[index] = is_actual(qualities[index])

    # -- standing data ------------------------------------------------------------------------------------------------

    def _add_bmus(self, row):
        one_of(row, "default_unit", ("T", "F"))
        key = (required(row, "bmu_id"), required(row, "supplier_id"), required(row, "gsp_group_id"),
               parse_date(row["effective_from"]))
        self.bmus.pop(key, None)
        self.bmus[key] = (row["default_unit"] == "T", end_date(row["effective_to"]))

    def _add_line_losses(self, row):
        factor = parse_decimal(row["llf"], 3)
        if factor:
            days = self.line_losses.setdefault((row["distributor_id"].zfill(2), llfc(row["llfc_id"])), {})
            days.setdefault(parse_date(row["settlement_date"]), {})[int(row["settlement_period"])] = factor

    def _add_component_classes(self, row):
        one_of(row, "measurement_quantity", QUANTITIES)
        one_of(row, "indicator", ("C", "L"))
        key = (int(row["ccc_id"]), parse_date(row["effective_from"]))
        self.component_classes[key] = types.SimpleNamespace(
            key=(row["connection_type"], row["measurement_quantity"], row["market_segment"], row["indicator"]),
            weight=parse_decimal(row["weight"], 2), effective_to=end_date(row["effective_to"]))

    def _add_default_shapes(self, row):
        key = tuple(row[c] for c in COLUMNS["default_shapes"][:6])
        self.default_shapes[key] = [parse_decimal(row[p], 3) for p in PERIODS]

    def _add_group_takes(self, row):
        key = (required(row, "gsp_group_id"), parse_date(row["settlement_date"]))
        self.group_takes.setdefault(key, {})[int(row["settlement_period"])] = parse_decimal(row["mwh"], 6)

    def _add_bank_holidays(self, row):
        self.bank_holidays.add(parse_date(row["date"]))


def one_of(row, column, allowed):
    if row[column] not in allowed:
        raise ValueError("%s is %r" % (column, row[column]))


def required(row, column):
    if not row[column]:
        raise ValueError("%s is blank" % column)
    return row[column]


def end_date(text):
    return parse_date(text) if text else OPEN_ENDED


def llfc(text):
    """Numeric line loss factor classes have three digits."""
    return text.zfill(3) if text.isdigit() else text


def is_actual(quality):
    if quality not in QUALITIES:
        raise ValueError("quality is %r" % quality)
    return quality in ACTUAL_QUALITIES
