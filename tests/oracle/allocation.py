"""Sections 4, 6 and 7 of the arithmetic: defaults, components with losses, and GSP Group correction."""
import types

from clock import first_half_hour, period_count
from numbers_exact import round_ratio
from shapes import group_of

LOSS_LOOK_BACK_DAYS = 366
PERIODS_PER_YEAR = 17520


class Refused(Exception):
    """The day cannot be settled: a take, a class or a default unit is missing."""


class Settlement:
    """Settles days of a case as it is known at the cut-off."""

    def __init__(self, case, registry, shapes):
        self._case, self._registry, self._shapes = case, registry, shapes
        self._losses = {}

    def settle(self, day, method="import_export"):
        """Components, factors per GSP Group, and defaults of a settlement day."""
        components, defaults = self.components(day)
        count = period_count(day)
        groups = {}
        for gsp in sorted({c.gsp for c in components}):
            takes = self._case.group_takes.get((gsp, day), {})
            if not all(p in takes for p in range(1, count + 1)):
                raise Refused("the GSP Group Take of %s is not complete" % gsp)
            members = [c for c in components if c.gsp == gsp]
            groups[gsp] = [correct(members, index, takes[index + 1], method) for index in range(count)]
        return types.SimpleNamespace(components=components, groups=groups, defaults=defaults, period_count=count)

    def is_complete(self, day):
        """Whether anybody is registered and every GSP Group of the day has all its takes."""
        groups = {r.gsp for _, r in self._registry.registered(day)}
        wanted = set(range(1, period_count(day) + 1))
        return bool(groups) and all(wanted <= self._case.group_takes.get((g, day), {}).keys() for g in groups)

    # -- section 4 ----------------------------------------------------------------------------------------------------

    def annual_consumption(self, mpan, utc_day):
        """Wh of the latest effective_from not after the UTC day, or None."""
        rows = self._case.annual_consumption.get(mpan, {})
        start = max((d for d in rows if d <= utc_day), default=None)
        return None if start is None else rows[start]

    def default_value(self, mpan, registration, half_hour):
        """(Wh, flag) for a period without a value of an energised MPAN."""
        utc_day, index = divmod(half_hour, 48)
        group = group_of(registration, registration.quantity)
        values, flags, _ = self._shapes.day_values(group, utc_day)
        annual = self.annual_consumption(mpan, utc_day)
        total = self._shapes.annual_total(group, utc_day) if annual is not None else None
        return default_from(values[index], flags[index], registration.quantity, annual, total), flags[index]

    def energies(self, mpan, registration, quantity, day, defaults):
        """Wh or None per settlement period; the defaults made are added to `defaults`."""
        days = self._case.consumption.get((mpan, quantity), {})
        start = first_half_hour(day)
        result = []
        for half_hour in range(start, start + period_count(day)):
            meter_day = days.get(half_hour // 48)
            result.append(meter_day.energy_wh[half_hour % 48] if meter_day else None)
        if registration.energised and quantity == registration.quantity:
            for index, value in enumerate(result):
                if value is None:
                    result[index], flag = self.default_value(mpan, registration, start + index)
                    defaults.append((mpan, quantity, start + index, result[index], flag))
        return result

    # -- section 6 ----------------------------------------------------------------------------------------------------

    def line_loss(self, distributor, llfc, day, period):
        """Thousandths: of the day, else of the latest of the 366 days before, else 1000."""
        days = self._case.line_losses.get((distributor, llfc), {})
        for earlier in range(day, day - LOSS_LOOK_BACK_DAYS - 1, -1):
            if period in days.get(earlier, ()):
                return days[earlier][period]
        return 1000

    def _excess(self, registration, day):
        """llf - 1000 per period."""
        key = (registration.distributor, registration.llfc, day)
        if key not in self._losses:
            self._losses[key] = [self.line_loss(*key, period) - 1000 for period in range(1, period_count(day) + 1)]
        return self._losses[key]

    def bmu_of(self, registration, day):
        """The unit of the registration when valid for supplier and GSP Group, else the supplier's default unit."""
        default, default_start = None, None
        for (bmu, supplier, gsp, start), (is_default, end) in self._case.bmus.items():
            if (supplier, gsp) == (registration.supplier, registration.gsp) and start <= day <= end:
                if bmu == registration.bmu:
                    return bmu
                if is_default and (default is None or start >= default_start):
                    default, default_start = bmu, start
        if default is None:
            raise Refused("%s has no default unit in %s" % (registration.supplier, registration.gsp))
        return default

    def component_class(self, key, day):
        """(ccc, weight in hundredths) of (connection, quantity, segment, indicator); of several the latest start."""
        fitting = [(start, ccc, c.weight) for (ccc, start), c in self._case.component_classes.items()
                   if c.key == key and start <= day <= c.effective_to]
        if not fitting:
            raise Refused("no component class for %s" % ".".join(key))
        return max(fitting, key=lambda f: f[0])[1:]

    def components(self, day):
        """Uncorrected components by (gsp, supplier, bmu, ccc), and the defaults made for them."""
        sums, defaults, units = {}, [], {}
        for mpan, registration in self._registry.registered(day):
            unit_key = (registration.supplier, registration.gsp, registration.bmu)
            if unit_key not in units:
                units[unit_key] = self.bmu_of(registration, day)
            for quantity in ("AI", "AE"):
                own = quantity == registration.quantity
                energies = self.energies(mpan, registration, quantity, day, defaults)
                if own or any(e is not None for e in energies):
                    key = (registration.gsp, registration.supplier, units[unit_key], registration.connection, quantity,
                           registration.segment)
                    total = sums.setdefault(key, [0, [0] * len(energies), [0] * len(energies)])
                    total[0] += own and registration.energised
                    add(total, energies, self._excess(registration, day))
        components = [self._component(key, total, indicator, day) for key, total in sums.items() for indicator in "CL"]
        return sorted(components, key=lambda c: (c.gsp, c.supplier, c.bmu, c.ccc)), sorted(defaults)

    def _component(self, key, total, indicator, day):
        gsp, supplier, bmu, connection, quantity, segment = key
        ccc, weight = self.component_class((connection, quantity, segment, indicator), day)
        energy = total[1] if indicator == "C" else [round_ratio(milli, 1000) for milli in total[2]]
        return types.SimpleNamespace(gsp=gsp, supplier=supplier, bmu=bmu, ccc=ccc, weight=weight, indicator=indicator,
                                     quantity=quantity, msid_count=total[0], uncorrected=energy,
                                     corrected=[None] * len(energy))


def default_from(shape_wh, flag, quantity, annual, annual_total):
    """Section 4: the default of one period; `annual` None = no annual consumption."""
    if annual is not None and (flag == "B" or annual_total == 0):
        return round_ratio(annual, PERIODS_PER_YEAR)
    if annual is not None:
        return round_ratio(shape_wh * annual, annual_total)
    return 0 if flag == "B" or quantity == "AE" else shape_wh


def add(total, energies, excess):
    """Adds the values of one MPAN to a component's energy and to its losses in thousandths."""
    for index, energy in enumerate(energies):
        if energy is not None:
            total[1][index] += energy
            total[2][index] += energy * excess[index]


def correct(components, index, take, method):
    """Section 7 for one GSP Group and period: sets `corrected` and gives the factors.

    Components need quantity, weight, uncorrected and corrected."""
    billion = 10**9
    net = sum(c.uncorrected[index] * sign(c) for c in components)
    error = take - net
    weighted = sum(c.weight * c.uncorrected[index] * (sign(c) if method == "legacy" else 1) for c in components)
    gcf_import = gcf_export = billion
    if weighted:
        gcf_import = round_ratio(billion * (weighted + 100 * error), weighted)
        gcf_export = round_ratio(billion * (weighted + (100 if method == "legacy" else -100) * error), weighted)
    corrected = corrected_by(components, index, gcf_import, gcf_export)
    if max(abs(gcf_import), abs(gcf_export)) >= 10**18 or sum(map(abs, corrected)) > (2**63 - 1) // 2:
        gcf_import = gcf_export = billion
        corrected = corrected_by(components, index, gcf_import, gcf_export)
    residual = take
    for component, energy in zip(components, corrected):
        component.corrected[index] = energy
        residual -= energy * sign(component)
    return types.SimpleNamespace(take=take, uncorrected=net, gcf_import=gcf_import, gcf_export=gcf_export,
                                 residual=residual)


def corrected_by(components, index, gcf_import, gcf_export):
    """The corrected energy of each component in a period."""
    billion = 10**9
    gcf = {"AI": gcf_import, "AE": gcf_export}
    return [round_ratio(c.uncorrected[index] * (100 * billion + (gcf[c.quantity] - billion) * c.weight), 100 * billion)
            for c in components]


def sign(component):
    return 1 if component.quantity == "AI" else -1
