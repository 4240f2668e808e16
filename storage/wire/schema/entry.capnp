@0xc1f3a7d5b28e9604;
# What travels through a partition's journal. Everything that changes an actor arrives as one of these.
# Energy is integer watt-hours; days are days since 1970-01-01; instants are milliseconds since 1970-01-01T00:00:00Z.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("hhgrid::schema");

const entryFormat :UInt16 = 2;        # 2: meterRegister
const blockFormat :UInt16 = 3;        # 3: number
const oldestBlockFormat :UInt16 = 2;  # of journals that are still read
const openDay :Int32 = 2147483647;

struct Block {
  # One append to one partition's journal: taken once, in the order of n, however often and wherever it stands there.
  formatVersion @0 :UInt16;
  senderHigh @1 :UInt64;    # one life of a process (made at random); 0: a partition of the grid
  senderLow @2 :UInt64;
  receivedAt @3 :Int64;     # stamped by the gateway; the same for every entry of the block
  source @4 :Text;          # where it came from: a file name, a gateway, a partition
  entries @5 :List(Data);   # up to 65,536, each a one-segment Entry message
  n @6 :UInt64;             # 1, 2, 3 ... per sender and partition
  endsSender @7 :Bool;      # the sender sends this partition nothing more: it may be forgotten
  participant @8 :Text;     # the market participant (MPID) that has sent it; empty: nobody is named
  number @9 :UInt64;        # which of the sender's own blocks, of all partitions, this is part of; 0: it does not count
}

struct Entry {
  formatVersion @0 :UInt16;
  union {
    # What comes from outside: a gateway -> the partition of the actor that it is for.
    consumption :group {              # -> the meter's partition. IF-021: one meter, one quantity, one UTC day
      mpan @1 :UInt64;
      utcDay @2 :Int32;
      presentLow @3 :UInt32;          # bit p-1 set: UTC period p is carried (periods 1..32)
      presentHigh @4 :UInt16;         # bits for periods 33..48
      quality @5 :UInt8;              # core::Quality; 255 = per period, see detail
      quantity @6 :UInt8;             # core::MeasurementQuantity
      values @7 :Data;                # core/packing: bit-packed Wh of the carried periods, in order
      detail @8 :PeriodDetail;        # null when one quality and no reasons serve all periods
    }
    registration @9 :Registration;    # -> the meter's partition
    annualConsumption @10 :AnnualConsumption;  # -> the meter's partition
    bmu @11 :Bmu;                     # standing data -> market partition
    componentClass @12 :ComponentClass;
    lineLosses @13 :LineLosses;
    defaultShape @14 :DefaultShape;
    groupTake @15 :GroupTake;         # -> the GSP Group's partition
    runDate @16 :RunDate;             # standing data -> market partition, as the next
    bankHoliday @17 :BankHoliday;
    deadLetterReplay @18 :DeadLetterReplay;  # an operator -> the partition that has the letter
    runRequest @19 :RunRequest;       # run coordinator -> market partition
    runMarker @20 :RunMarker;         # market partition -> every meter partition
    runSums @21 :RunSums;             # meter partition -> market partition, at the marker
    runShapes @22 :RunShapes;         # market partition -> every meter partition
    runDefaults @23 :RunDefaults;     # meter partition -> market partition
    runRelease @24 :RunRelease;       # an operator -> market partition: publish a held run
    consumptionLimits @25 :ConsumptionLimits;  # a gateway -> every meter partition, before its first entry: what
                                      # ECS1012 is judged by from here on
    groupRun @26 :GroupRun;           # market partition -> a GSP Group's partition: settle
    groupSettled @27 :GroupSettled;   # GSP Group's partition -> market partition
    groupRunDropped @28 :GroupRunDropped;  # market partition -> a GSP Group's partition: the run is refused
    dayClosed @29 :DayClosed;         # an operator -> market partition: a UTC day is closed
    dayMarker @30 :DayMarker;         # market partition -> every meter partition: a UTC day is closed
    daySums @31 :DaySums;             # meter partition -> market partition
    dayShapes @32 :DayShapes;         # market partition -> every meter partition: what was published
    ruleSet @33 :UInt16;              # to any partition: the number of the rule set it folds by from here on
    participantTook @34 :ParticipantTook;  # to any partition: messages have reached their participant
    meterRegister @35 :MeterRegister;  # -> the meter's partition
  }
}

struct PeriodDetail {
  # Parallel to the carried periods, or empty.
  qualities @0 :Data;
  estimationReasons @1 :Data;   # 0 = none
  amendmentReasons @2 :Data;    # ASCII letter, 0 = none
}

struct Terms {
  # What a registration says of a meter point on a settlement day: the ledger's aggregation key.
  supplier @0 :Text;
  bmu @1 :Text;            # empty: the supplier's default unit
  gspGroup @2 :Text;
  distributor @3 :UInt8;
  llfc @4 :Text;
  duosTariff @5 :Text;
  dataService @6 :Text;
  direction @7 :UInt8;
  segment @8 :UInt8;
  connection @9 :UInt8;
  domestic @10 :Bool;
  energised @11 :Bool;
}

struct Registration {
  mpan @0 :UInt64;
  effectiveFrom @1 :Int32;
  effectiveTo @2 :Int32 = 2147483647;
  terms @3 :Terms;
}

struct ConsumptionLimits {
  maximumWh @0 :List(Int64);      # of half an hour, by core::ConnectionType
}

struct AnnualConsumption {
  mpan @0 :UInt64;
  effectiveFrom @1 :Int32;
  energyWh @2 :Int64;
  quality @3 :UInt8;       # ASCII of DI-150: A 1 2 3 4 5 D
}

struct MeterRegister {
  # A register of a device that is fitted at a meter point.
  mpan @0 :UInt64;
  meterId @1 :Text;
  registerId @2 :Text;     # empty: the device has one
  quantity @3 :UInt8;
  role @4 :UInt8;          # core::MeterRole
  installedAt @5 :Int64;
  removedAt @6 :Int64 = 9223372036854775807;
  maximumWh @7 :Int64;     # the most of half an hour; 0: what the connection can take
}

struct Bmu {
  bmu @0 :Text;
  supplier @1 :Text;
  gspGroup @2 :Text;
  defaultUnit @3 :Bool;
  effectiveFrom @4 :Int32;
  effectiveTo @5 :Int32 = 2147483647;
}

struct ComponentClass {
  cccId @0 :UInt16;
  connection @1 :UInt8;
  quantity @2 :UInt8;
  segment @3 :UInt8;
  indicator @4 :UInt8;     # core::Indicator
  weightHundredths @5 :Int32;
  effectiveFrom @6 :Int32;
  effectiveTo @7 :Int32 = 2147483647;
}

struct LineLosses {
  # Line loss factors of one class on one settlement day; 0 = not given for that period.
  distributor @0 :UInt8;
  llfc @1 :Text;
  settlementDay @2 :Int32;
  thousandths @3 :List(UInt16);   # up to 50, settlement period 1 first
}

struct DefaultShape {
  # Back-stop shape; an empty text or 255 = any.
  gspGroup @0 :Text;
  connection @1 :UInt8;
  segment @2 :UInt8;
  domestic @3 :UInt8;      # 0 F, 1 T, 255 any
  quantity @4 :UInt8;
  dayType @5 :UInt8;       # core::DayType, 255 any
  energyWh @6 :List(Int64);       # 48 UTC periods
}

struct GroupTake {
  # GSP Group Take of one settlement day; periods not given are absent from the mask.
  gspGroup @0 :Text;
  settlementDay @1 :Int32;
  present @2 :UInt64;
  energyWh @3 :List(Int64);       # 50 slots
  estimated @4 :UInt64;           # bit set: flag E
}

struct RunDate {
  settlementDay @0 :Int32;
  code @1 :UInt8;
  cutoff @2 :Int64;
  runDay @3 :Int32;
}

struct BankHoliday {
  day @0 :Int32;
  name @1 :Text;
}

struct DeadLetterReplay {
  position @0 :UInt64;     # of the dead letter, in the same partition
}

struct RunRequest {
  settlementDay @0 :Int32;
  code @1 :UInt8;
  cutoff @2 :Int64;
  requestId @3 :UInt64;    # the coordinator finds its run again by this
  correctionMethod @4 :UInt8;       # core::CorrectionMethod; the policy travels with the order, so that a replay
  minimumSample @5 :UInt32 = 10;    # settles alike whatever the settings are then
  likeDaysMax @6 :UInt32 = 28;
  offPeakFirst @7 :UInt8 = 2;       # UTC periods, inclusive; first after last goes over midnight
  offPeakLast @8 :UInt8 = 15;
  offPeakOf @9 :List(GroupOffPeak); # GSP Groups with a window of their own
}

struct GroupOffPeak {
  gspGroup @0 :Text;
  first @1 :UInt8;
  last @2 :UInt8;
}

struct RunRelease {
  runNumber @0 :UInt32;
}

struct RunMarker {
  runNumber @0 :UInt32;
  settlementDay @1 :Int32;
  code @2 :UInt8;
  cutoff @3 :Int64;
}

struct GroupKey {
  # Load-shape group; an empty GSP Group or domestic 255 = not split by it.
  gspGroup @0 :Text;
  connection @1 :UInt8;
  segment @2 :UInt8;
  domestic @3 :UInt8;
  quantity @4 :UInt8;
}

struct ShapeSums {
  group @0 :GroupKey;
  utcDay @1 :Int32;
  energyWh @2 :Data;              # core/packing of the 48 sums of actuals, signs folded in (0, -1, 1, -2 ...)
  count @3 :Data;                 # likewise their counts; empty: all zero
  wideEnergyWh @4 :List(Int64);   # the sums, when one is too large to be packed
}

struct TermsSums {
  # What the meters of one set of terms took on the settlement day, by quality class.
  terms @0 :Terms;
  quantity @1 :UInt8;
  msidCount @2 :UInt32;           # energised meters of these terms and the quantity's direction
  actualWh @3 :List(Int64);       # quality exactly A; settlement periods
  otherActualWh @4 :List(Int64);  # the other actual qualities; empty = zeros
  estimatedWh @5 :List(Int64);    # everything else; empty = zeros
  meterCount @6 :UInt32;          # all meters of these terms and the quantity's direction, de-energised ones too
}

struct RunSums {
  runNumber @0 :UInt32;
  partition @1 :UInt16;
  shapeDeltas @2 :List(ShapeSums);       # change of the running sums since the previous marker
  runOnlyDeltas @3 :List(ShapeSums);     # to add for this run alone: as of its cut-off
  termsSums @4 :List(TermsSums);
  missing @5 :List(MissingGroup);        # what has to be defaulted: which groups and UTC days
  ledgerDigest @6 :UInt64;
  markerPosition @7 :UInt64;             # of the run marker in the sending partition's journal
  failure @8 :Text;                      # why the partition cannot give its sums: the run is refused
}

struct MissingGroup {
  group @0 :GroupKey;
  utcDay @1 :Int32;
}

struct ShapeValues {
  group @0 :GroupKey;
  utcDay @1 :Int32;
  energyWh @2 :List(Int64);       # 48
  flags @3 :Data;                 # 48 ASCII letters A D E B
  counts @4 :List(Int32);
  annualTotalWh @5 :Int64;
  dayTotalWh @6 :Int64;
  dayPeakWh @7 :Int64;
  dayOffPeakWh @8 :Int64;
  rolling7Wh @9 :Int64;
  rolling7PeakWh @10 :Int64;
  rolling7OffPeakWh @11 :Int64;
}

struct RunShapes {
  runNumber @0 :UInt32;
  shapes @1 :List(ShapeValues);
  cancelled @2 :Bool;             # the run is refused: forget what was missing or defaulted; no answer
}

struct DefaultSums {
  terms @0 :Terms;
  quantity @1 :UInt8;
  energyWh @2 :List(Int64);       # settlement periods
  defaultedPeriods @3 :UInt32;    # how many meter-periods were defaulted
}

struct RunDefaults {
  runNumber @0 :UInt32;
  partition @1 :UInt16;
  sums @2 :List(DefaultSums);
  exceptions @3 :List(RunException);
  failure @4 :Text;               # why the partition cannot default: the run is refused
}

struct GroupRun {
  # All that settling the group needs beside its Group Take, which counts when it came before this message.
  runNumber @0 :UInt32;
  gspGroup @1 :Text;
  settlementDay @2 :Int32;
  correctionMethod @3 :UInt8;     # core::CorrectionMethod
  standing @4 :List(Data);        # entries: the BM units, classes and line losses that concern the group
  volumes @5 :List(GroupVolume);
}

struct GroupVolume {
  # What all meters of one set of terms took, over all meter partitions.
  terms @0 :Terms;
  quantity @1 :UInt8;
  msidCount @2 :UInt32;           # energised meters
  meterCount @3 :UInt32;          # all meters
  energyWh @4 :List(Int64);       # all of it; settlement periods
  actualWh @5 :List(Int64);       # quality exactly A
  defaultedWh @6 :List(Int64);
}

struct GroupSettled {
  runNumber @0 :UInt32;
  gspGroup @1 :Text;
  digest @2 :UInt64;              # of the results, which the group keeps
  held @3 :Text;                  # why an operator must release the run; empty: it need not be held
  refused @4 :Text;               # why the group cannot be settled; then it has no results
  exceptions @5 :List(RunException);
}

struct GroupRunDropped {
  runNumber @0 :UInt32;
  settlementDay @1 :Int32;
}

struct DayClosed {
  # The passing of time is an entry: no reading of the day is in time any more.
  utcDay @0 :Int32;
  minimumSample @1 :UInt32 = 10;    # the policy of load shapes travels with it, as with a run
  likeDaysMax @2 :UInt32 = 28;
  offPeakFirst @3 :UInt8 = 2;
  offPeakLast @4 :UInt8 = 15;
  offPeakOf @5 :List(GroupOffPeak);
}

struct DayMarker {
  closing @0 :UInt64;             # position of the DayClosed entry: names the closing
  utcDay @1 :Int32;
}

struct DaySums {
  closing @0 :UInt64;
  partition @1 :UInt16;
  shapeDeltas @2 :List(ShapeSums);       # change of the running sums since the previous marker of a run or day
  failure @3 :Text;                      # why the partition cannot give them: the day is not closed
}

struct DayShapes {
  # The load shapes that are new, or have other values or flags than those published before.
  utcDay @0 :Int32;               # the day that was closed
  shapes @1 :List(PublishedShape);
}

struct PublishedShape {
  group @0 :GroupKey;
  utcDay @1 :Int32;
  issue @2 :UInt32;               # 1, 2, ... of the group and day
  energyWh @3 :Data;              # core/packing of 48 UTC periods
  flags @4 :Data;                 # 48 ASCII letters A D E B, or one for all
}

struct ParticipantTook {
  # The messages of this partition to the participant up to (position, n) are forgotten.
  participant @0 :Text;
  position @1 :UInt64;
  n @2 :UInt32;
}

struct RunException {
  kind @0 :Text;
  subject @1 :Text;
  settlementPeriod @2 :UInt8;     # 0 = the whole day
  text @3 :Text;
}
