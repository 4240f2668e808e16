"""Exact arithmetic of the oracle: decimals as scaled integers, one rounding rule."""
import functools
import re

_DECIMAL = re.compile(r"(-?)(\d*)(?:\.(\d*))?\Z")


@functools.lru_cache(maxsize=200_000)
def parse_decimal(text, places):
    """`text` x 10^places as an integer; ValueError when that is none or not exact."""
    match = _DECIMAL.match(text)
    if not match or not (match[2] or match[3]):
        raise ValueError("not a decimal: %r" % text)
    fraction = (match[3] or "").rstrip("0")
    if len(fraction) > places:
        raise ValueError("more than %d decimals: %r" % (places, text))
    value = int(match[2] or "0") * 10**places + int(fraction.ljust(places, "0") or "0")
    return -value if match[1] else value


def decimal_text(value, places):
    """An integer of 10^-places as a decimal with all places; 0 has no sign."""
    whole, fraction = divmod(abs(value), 10**places)
    return "%s%d.%0*d" % ("-" if value < 0 else "", whole, places, fraction)


def round_ratio(numerator, denominator):
    """The rational rounded to an integer, half away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -magnitude if numerator < 0 else magnitude
