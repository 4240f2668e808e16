"""What small inputs with one fault each are made of: meters, rows, a market for them to be settled in."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import program  # noqa: E402

MPANS = ["1200000000011", "1200000000020", "1200000000030", "1200000000049", "1200000000058", "1200000000067", "1200000000076",
         "1200000000085", "1200000000094", "1200000000100", "1200000000119", "1200000000128", "1200000000137"]
DAY = "2024-01-17"
LONG = "mpan,measurement_quantity,period_end_utc,kwh,quality"
WIDE = "mpan,measurement_quantity,utc_day,quality," + ",".join("p%d" % p for p in range(1, 49))
METERS = "mpan,meter_id,installed_at,maximum_kwh"
REGISTRATION = ("mpan,effective_from,effective_to,direction,gsp_group_id,distributor_id,supplier_id,bmu_id,llfc_id,duos_tariff_id,"
                "market_segment,connection_type,domestic,energisation,data_service_id")


def end_of(period):
    """The end of a half hour of the day in UTC."""
    minutes = 30 * period
    return "%sT%02d:%02d:00Z" % (DAY, minutes // 60, minutes % 60)


def registration(mpan, supplier="SUPA", start="2020-01-01", end="", segment="S", connection="W", energised="E"):
    return "%s,%s,%s,I,_C,12,%s,,1,,%s,%s,T,%s," % (mpan, start, end, supplier, segment, connection, energised)


def register(mpan, maximum, start="2020-01-01T00:00:00Z", meter="M1"):
    return "%s,%s,%s,%s" % (mpan, meter, start, maximum)


def wide(mpan, values, quality="A"):
    return "%s,AI,%s,%s,%s" % (mpan, DAY, quality, ",".join(values))


class Case(unittest.TestCase):
    def setUp(self):
        self._folder = program.temporary_folder()
        self.folder = pathlib.Path(self._folder.name)
        self.grid = program.Grid(self.folder / "grid", "grid.partitions=2")

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, header, rows):
        path = self.folder / name
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return path

    def load_market(self, take_mwh):
        """What a run of the day needs, but for meters: units, classes, losses of 1 and a take of the GSP Group."""
        periods = range(1, 49)
        self.grid.ingest(
            self.write("bmus.csv", "bmu_id,supplier_id,gsp_group_id,default_unit,effective_from,effective_to",
                       ["2__CSUPA000,SUPA,_C,T,2010-01-01,", "2__CSUPB000,SUPB,_C,T,2010-01-01,"]),
            self.write("component_classes.csv",
                       "ccc_id,connection_type,measurement_quantity,market_segment,indicator,weight,effective_from,effective_to",
                       ["%d,%s,AI,%s,%s,1.00,2010-01-01," % (100 + i, connection, segment, indicator) for i, (connection, segment, indicator)
                        in enumerate((c, s, x) for c, s in (("W", "S"), ("L", "A"), ("H", "A")) for x in "CL")]),
            self.write("line_losses.csv", "distributor_id,llfc_id,settlement_date,settlement_period,llf",
                       ["12,001,%s,%d,1.000" % (DAY, p) for p in periods]),
            self.write("group_takes.csv", "gsp_group_id,settlement_date,settlement_period,mwh",
                       ["_C,%s,%d,%s" % (DAY, p, take_mwh) for p in periods]))

    def export(self, table, *options):
        return program.rows(self.grid.call("export", table, *options)[0])

    def volumes(self, run):
        return {(row["bmu_id"], row["settlement_period"]): row for row in self.export("bmu-volumes", "--run", run)}
