"""Who is registered in a made case: GSP Groups, suppliers, units, and the MPANs with their registration histories."""
import types

GSPS = {"_A": "10", "_C": "12", "_P": "17"}
SUPPLIERS = ("ALFA", "BETA", "GAMA", "DELT")
CHECK_WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
LINE_LOSS_CLASSES = ("001", "2", "070", "X01", "199")  # "199" never has factors, "2" wants padding

#: (GSP Group, connection, segment, domestic, direction, MPANs): some groups reach a sample of ten, others never do.
MIX = (
    ("_C", "W", "S", "T", "I", 22), ("_C", "W", "S", "F", "I", 12), ("_C", "W", "S", "T", "E", 12),
    ("_C", "W", "A", "F", "I", 4), ("_C", "L", "A", "F", "I", 13), ("_C", "L", "A", "F", "E", 2),
    ("_C", "H", "A", "F", "I", 3), ("_C", "H", "A", "F", "E", 2), ("_C", "E", "A", "F", "I", 1),
    ("_C", "U", "U", "F", "I", 2),
    ("_A", "W", "S", "T", "I", 13), ("_A", "W", "S", "F", "I", 6), ("_A", "W", "S", "T", "E", 4),
    ("_A", "L", "A", "F", "I", 4), ("_A", "H", "A", "F", "I", 2), ("_A", "U", "U", "F", "I", 1),
    ("_A", "E", "A", "F", "E", 1),
    ("_P", "W", "S", "T", "I", 6), ("_P", "W", "S", "F", "I", 2), ("_P", "W", "S", "F", "E", 2),
    ("_P", "W", "A", "F", "I", 2), ("_P", "L", "S", "F", "I", 1), ("_P", "E", "A", "F", "I", 1),
)
SCALE_WH = {"W": 320, "L": 900, "H": 1400, "E": 2300, "U": 150}
OPEN = 10**7


def mpan_of(distributor, number):
    body = "%s%010d" % (distributor, number * 7919 + 100_000)
    return body + str(sum(int(c) * w for c, w in zip(body, CHECK_WEIGHTS)) % 11 % 10)


def default_unit(gsp, supplier, number=0):
    return "2__%s%s%03d" % (gsp[1], supplier, number)


def make_units(random, days):
    """Rows of bmus.csv as (bmu, supplier, gsp, default, from, to); days None = open."""
    middle, rows = days[len(days) // 2], []
    for gsp in GSPS:
        for supplier in SUPPLIERS:
            if random.random() < 0.25:  # the default unit changes over
                rows.append((default_unit(gsp, supplier), supplier, gsp, "T", days[0] - 900, middle - 1))
                rows.append((default_unit(gsp, supplier, 9), supplier, gsp, "T", middle, None))
            else:
                rows.append((default_unit(gsp, supplier), supplier, gsp, "T", days[0] - 900, None))
            rows.append((default_unit(gsp, supplier, 1), supplier, gsp, "F", days[0] - 400, None))
            if random.random() < 0.6:   # an additional unit of only a part of the days
                rows.append((default_unit(gsp, supplier, 2), supplier, gsp, "F", random.choice(days), random.choice(days)))
    return [r for r in rows if r[5] is None or r[4] <= r[5]]


def random_unit(random, gsp, supplier):
    """Mostly none, else an additional unit, one of another supplier or GSP Group, or one that nobody knows."""
    other_gsp = random.choice([g for g in GSPS if g != gsp])
    choices = [""] * 6 + [default_unit(gsp, supplier, 1)] * 3 + [
        default_unit(gsp, supplier, 2), default_unit(gsp, supplier), default_unit(gsp, random.choice(SUPPLIERS), 1),
        default_unit(other_gsp, supplier, 1), "2__%sNONE007" % gsp[1]]
    return random.choice(choices)


def new_terms(random, key, supplier=None):
    gsp, connection, segment, domestic, direction = key
    supplier = supplier or random.choice(SUPPLIERS)
    return dict(direction=direction, gsp_group_id=gsp, distributor_id=GSPS[gsp], supplier_id=supplier,
                bmu_id=random_unit(random, gsp, supplier), llfc_id=random.choice(LINE_LOSS_CLASSES),
                duos_tariff_id="T%s%s" % (connection, direction), market_segment=segment, connection_type=connection,
                domestic=domestic, energisation="D" if random.random() < 0.04 else "E",
                data_service_id="SDS01" if segment == "S" else "ADS01")


def changed(random, terms):
    """Other terms of the same MPAN: supplier, energisation, unit, losses or domestic; never the GSP Group."""
    kind, terms = random.choice(("supplier", "supplier", "energisation", "unit", "losses", "domestic")), dict(terms)
    if kind == "supplier":
        terms["supplier_id"] = random.choice([s for s in SUPPLIERS if s != terms["supplier_id"]])
        terms["bmu_id"] = random_unit(random, terms["gsp_group_id"], terms["supplier_id"])
    elif kind == "energisation":
        terms["energisation"] = "D" if terms["energisation"] == "E" else "E"
    elif kind == "unit":
        terms["bmu_id"] = random_unit(random, terms["gsp_group_id"], terms["supplier_id"])
    elif kind == "losses":
        terms["llfc_id"] = random.choice(LINE_LOSS_CLASSES)
    elif terms["market_segment"] == "S":
        terms["domestic"] = "F" if terms["domestic"] == "T" else "T"
    return terms


def make_meters(random, days):
    """MPANs with `rows`: [(batch, effective_from, effective_to or None, terms)] in the order of being sent."""
    meters = []
    for gsp, connection, segment, domestic, direction, count in MIX:
        for _ in range(max(1, count + random.randint(-1, 1))):
            number = len(meters) + 1
            terms = new_terms(random, (gsp, connection, segment, domestic, direction))
            meters.append(types.SimpleNamespace(
                mpan=mpan_of(GSPS[gsp], number), direction=direction, gsp=gsp, connection=connection, segment=segment,
                quantity="AI" if direction == "I" else "AE", scale=random.uniform(0.4, 1.8) * SCALE_WH[connection],
                rows=history(random, terms, days)))
    return meters


def history(random, terms, days):
    """The registration rows of one MPAN over all batches."""
    start, end = days[0] - 200, None
    if random.random() < 0.04:
        start = random.choice(days)  # values of earlier days count nowhere
    if random.random() < 0.04:
        end = random.choice([d for d in days if d >= start])
    rows = []
    if random.random() < 0.05:       # a first row that the same batch contradicts: neither counts
        rows.append((0, start, None, changed(random, terms)))
    changes = [d for d in days if d > start and (end is None or d <= end)]
    if random.random() < 0.35 and changes:
        change = random.choice(changes)
        closed = change - 1 if random.random() < 0.5 else end  # left open, the later row governs all the same
        rows += [(0, start, closed, terms), (0, change, end, changed(random, terms))]
    else:
        rows.append((0, start, end, terms))
    if random.random() < 0.12:       # a later batch replaces the newest row, or adds one, back in time
        _, last_start, last_end, last = rows[-1]
        when = last_start if random.random() < 0.5 else random.choice([d for d in days if d >= last_start] or [days[-1]])
        rows.append((random.choice((1, 2)), when, last_end if not last_end or last_end >= when else when,
                     changed(random, last)))
    return rows


def may_be_de_energised(meter, day):
    """Whether any row ever sent has the MPAN de-energised on the day: estimates for it could be refused then."""
    return any(terms["energisation"] == "D" and start <= day <= (end or OPEN) for _, start, end, terms in meter.rows)
