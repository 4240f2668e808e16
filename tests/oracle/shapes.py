"""Load shapes: section 3 of the arithmetic.

A group is (gsp, connection, segment, domestic, quantity); "" for gsp or domestic is a parent group that is not split by it.
"""
from clock import day_type, settlement_days_of
from numbers_exact import round_ratio

LIKE_DAYS_MAX = 28
ROLLING_DAYS = 365
OFF_PEAK = (2, 15)  # UTC periods, inclusive


def group_of(registration, quantity):
    """The full key of an MPAN's load-shape group."""
    return (registration.gsp, registration.connection, registration.segment, registration.domestic, quantity)


def parents_of(group):
    """Without the domestic split, then without the GSP Group too."""
    gsp, connection, segment, _, quantity = group
    return ((gsp, connection, segment, "", quantity), ("", connection, segment, "", quantity))


class Shapes:
    """Load shapes of a case as it is known at the cut-off."""

    def __init__(self, case, registry, minimum_sample=10, off_peak=OFF_PEAK, off_peak_of=None):
        self._off_peak = {index for index in range(48) if in_window(index + 1, off_peak)}
        self._off_peak_of = {gsp: {index for index in range(48) if in_window(index + 1, window)}
                             for gsp, window in (off_peak_of or {}).items()}
        self._registry = registry
        self._minimum = minimum_sample
        self._bank_holidays = case.bank_holidays
        self._default_rows = sorted(case.default_shapes.items(), key=lambda item: specificity(item[0]), reverse=True)
        self._sums = {}    # group -> {UTC day: ([sum x 48], [count x 48])}
        self._values = {}  # (group, UTC day) -> ([Wh x 48], [flag x 48], [count x 48])
        self._annual = {}
        self._default_cache = {}
        for (mpan, quantity), days in case.consumption.items():
            if quantity in ("AI", "AE"):
                for utc_day, meter_day in days.items():
                    self._sample(mpan, quantity, utc_day, meter_day)
        for group in list(self._sums):
            for parent in parents_of(group):
                for utc_day, sums in self._sums[group].items():
                    self._merge(parent, utc_day, sums)

    def _day_sums(self, group, utc_day):
        return self._sums.setdefault(group, {}).setdefault(utc_day, ([0] * 48, [0] * 48))

    def _sample(self, mpan, quantity, utc_day, meter_day):
        for day, first, end in settlement_days_of(utc_day):
            registration = self._registry.on(mpan, day)
            if not registration or not registration.energised:
                continue
            sums, counts = self._day_sums(group_of(registration, quantity), utc_day)
            for index in range(first, end):
                if meter_day.actual[index]:
                    sums[index] += meter_day.energy_wh[index]
                    counts[index] += 1

    def _merge(self, parent, utc_day, sums_and_counts):
        for total, part in zip(self._day_sums(parent, utc_day), sums_and_counts):
            total[:] = map(int.__add__, total, part)

    def _mean(self, group, utc_day, index):
        """Rule 1: the mean of enough actuals, or None."""
        day = self._sums.get(group, {}).get(utc_day)
        if not day or day[1][index] < self._minimum:
            return None
        return round_ratio(day[0][index], day[1][index])

    def _like_days(self, group, utc_day):
        """Earlier UTC days of the same type that have sums of the group, the most recent first."""
        days, kind = self._sums.get(group, {}), day_type(utc_day, self._bank_holidays)
        return [d for d in range(utc_day - 1, utc_day - LIKE_DAYS_MAX - 1, -1)
                if d in days and day_type(d, self._bank_holidays) == kind]

    def _default_row(self, group, utc_day):
        """The most specific row of default_shapes.csv that fits, or None."""
        key = group + (day_type(utc_day, self._bank_holidays),)
        if key not in self._default_cache:
            self._default_cache[key] = next(
                (row for pattern, row in self._default_rows if all(not p or p == k for p, k in zip(pattern, key))), None)
        return self._default_cache[key]

    def day_values(self, group, utc_day):
        """([Wh x 48], [flag x 48], [count x 48]) of a group; the count is the group's own, whatever the flag."""
        key = (group, utc_day)
        if key not in self._values:
            like_days, row = self._like_days(group, utc_day), self._default_row(group, utc_day)
            pairs = [self._value(group, utc_day, index, like_days, row) for index in range(48)]
            own = self._sums.get(group, {}).get(utc_day)
            self._values[key] = ([v for v, _ in pairs], [f for _, f in pairs], own[1] if own else [0] * 48)
        return self._values[key]

    def _value(self, group, utc_day, index, like_days, default_row):
        value = self._mean(group, utc_day, index)
        if value is not None:
            return value, "A"
        for earlier in like_days:
            value = self._mean(group, earlier, index)
            if value is not None:
                return value, "D"
        for parent in parents_of(group):
            value = self._mean(parent, utc_day, index)
            if value is not None:
                return value, "E"
        return (default_row[index], "E") if default_row else (0, "B")

    def annual_total(self, group, utc_day):
        """The rolling annual total of the 365 days that end with `utc_day`."""
        key = (group, utc_day)
        if key not in self._annual:
            total = days = 0
            for day in self._sums.get(group, ()):
                if utc_day - ROLLING_DAYS < day <= utc_day:
                    values, flags, _ = self.day_values(group, day)
                    if "A" in flags:
                        total += sum(values)
                        days += 1
            if days == 0:
                total = ROLLING_DAYS * sum(self.day_values(group, utc_day)[0])
            elif days != ROLLING_DAYS:
                total = round_ratio(total * ROLLING_DAYS, days)
            self._annual[key] = total
        return self._annual[key]

    def totals(self, group, utc_day):
        """Day, peak, off-peak; the same over seven days; rolling annual."""
        off_peak_periods = self._off_peak_of.get(group[0], self._off_peak)
        days = [self.day_values(group, utc_day - back)[0] for back in range(7)]
        totals = []
        for values in (days[0], [sum(period) for period in zip(*days)]):
            off_peak = sum(values[index] for index in off_peak_periods)
            totals += [sum(values), sum(values) - off_peak, off_peak]
        return totals + [self.annual_total(group, utc_day)]

    def groups_on(self, utc_day):
        """The full groups with an energised MPAN of their direction registered on a settlement day of the UTC day."""
        return {group_of(r, r.quantity) for day, _, _ in settlement_days_of(utc_day)
                for _, r in self._registry.registered(day) if r.energised}


def in_window(period, window):
    """Whether a UTC period is in a window that may go over midnight."""
    first, last = window
    return first <= period <= last if first <= last else period <= last or period >= first


def specificity(pattern):
    """Sort key of a row of default_shapes.csv: columns given, then the earlier column given."""
    given = [bool(column) for column in pattern]
    return (sum(given), given)
