"""Time of the oracle: half hours counted from year 1 in UTC, settlement days from the zone database.

A UTC day is its proleptic ordinal (`date.toordinal`). Half hour h starts h x 30 minutes after 0001-01-01T00:00Z less one
day, so UTC day d holds the half hours d*48 ... d*48+47 and UTC period p of it is d*48 + p-1.
A settlement day is the ordinal of the local (Europe/London) date.
"""
import datetime as dt
import functools
import re
import zoneinfo

LONDON = zoneinfo.ZoneInfo("Europe/London")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z\Z")


@functools.lru_cache(maxsize=None)
def parse_date(text):
    """Ordinal of `YYYY-MM-DD`; ValueError for anything else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError("not a date YYYY-MM-DD: %r" % text)
    return dt.date.fromisoformat(text).toordinal()


@functools.lru_cache(maxsize=None)
def date_text(ordinal):
    return dt.date.fromordinal(ordinal).isoformat()


def parse_instant(text):
    """UTC instant `YYYY-MM-DDTHH:MM:SSZ` as a comparable datetime."""
    match = _INSTANT.match(text)
    if not match:
        raise ValueError("not an instant YYYY-MM-DDTHH:MM:SSZ: %r" % text)
    return dt.datetime.fromisoformat(text[:-1]).replace(tzinfo=dt.timezone.utc)


def half_hour_of_end(text):
    """The half hour that ends at an instant; ValueError when that is no half-hour boundary."""
    match = _INSTANT.match(text)
    if not match or match[3] not in ("00", "30") or match[4] != "00" or int(match[2]) > 23:
        raise ValueError("not the end of a half hour: %r" % text)
    return parse_date(match[1]) * 48 + int(match[2]) * 2 + int(match[3]) // 30 - 1


def end_text(half_hour):
    """The instant at which a half hour ends."""
    day, index = divmod(half_hour + 1, 48)
    return "%sT%02d:%02d:00Z" % (date_text(day), index // 2, index % 2 * 30)


@functools.lru_cache(maxsize=None)
def first_half_hour(day):
    """The half hour with which settlement day `day` begins: local midnight."""
    date = dt.date.fromordinal(day)
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=LONDON).astimezone(dt.timezone.utc)
    return midnight.toordinal() * 48 + midnight.hour * 2 + midnight.minute // 30


def period_count(day):
    """46, 48 or 50."""
    return first_half_hour(day + 1) - first_half_hour(day)


@functools.lru_cache(maxsize=None)
def settlement_days_of(utc_day):
    """The settlement days that UTC day `utc_day` touches: [(settlement day, first index, end index)], indices 0..48."""
    parts, index = [], 0
    while index < 48:
        half_hour = utc_day * 48 + index
        day = utc_day
        while first_half_hour(day + 1) <= half_hour:
            day += 1
        while first_half_hour(day) > half_hour:
            day -= 1
        end = min(48, first_half_hour(day + 1) - utc_day * 48)
        parts.append((day, index, end))
        index = end
    return tuple(parts)


def utc_days_of(day):
    """The UTC days that settlement day `day` touches, in order."""
    return range(first_half_hour(day) // 48, (first_half_hour(day + 1) - 1) // 48 + 1)


def day_type(utc_day, bank_holidays):
    """WD, SAT, SUN or BH, by UTC date; a bank holiday on a weekend is a bank holiday."""
    if utc_day in bank_holidays:
        return "BH"
    weekday = dt.date.fromordinal(utc_day).weekday()
    return "SAT" if weekday == 5 else "SUN" if weekday == 6 else "WD"
