@0xe5b0c64a19d7f238;
# What a partition's RocksDB stores beside versions of meter-days. Positions: storage::Position::number.

using Cxx = import "/capnp/c++.capnp";
using E = import "entry.capnp";
$Cxx.namespace("hhgrid::schema");

const recordFormat :UInt16 = 10;       # 10: the number in marks
const oldestRecordFormat :UInt16 = 8;   # of directories that are still read

struct MetaRecord {
  formatVersion @0 :UInt16;
  partition @1 :UInt16;
  partitionCount @2 :UInt16;      # meter partitions of the grid
  kind @3 :UInt8;                 # storage::PartitionKind
  block @4 :UInt64;               # last block of the journal applied
  meterCount @5 :UInt32;          # numbers handed out
  termsCount @6 :UInt32;
  ruleSet @7 :UInt16;             # core::RuleSet that it folds by
  runCount @8 :UInt32;            # market: run numbers handed out
  gridIdHigh @9 :UInt64;          # the grid that the store belongs to
  gridIdLow @10 :UInt64;
  journalIdHigh @11 :UInt64;      # the journal that was read
  journalIdLow @12 :UInt64;
  digest @13 :UInt64;             # its rolling digest at that block
  repeatedBlocks @14 :UInt64;     # dropped: their sender's n had been taken before
  earlyBlocks @15 :UInt64;        # dropped: their sender's n was not the next
  newestArrival @16 :Int64;       # meters: the latest time of receipt of a block that was noted (arrival)
  arrivalLagMax @17 :Int64;       # meters: the most milliseconds by which one was behind it
}

struct MarkRecord {               # sender -> the last n taken; destination -> the last n sent
  formatVersion @0 :UInt16;
  n @1 :UInt64;
  number @2 :UInt64;              # the sender's own of that block; 0 = it does not count them
}

struct BlockRecord {              # number of a block -> provenance of its entries
  formatVersion @0 :UInt16;
  entryCount @1 :UInt32;
  receivedAt @2 :Int64;
  source @3 :Text;
  senderHigh @4 :UInt64;          # storage::SenderId
  senderLow @5 :UInt64;
  participant @6 :Text;           # MPID; empty: nobody is named
}

struct MeterRecord {
  formatVersion @0 :UInt16;
  number @1 :UInt32;              # dense, per partition: the meter's bit in presence maps
  registrations @2 :List(RegistrationVersion);   # every version, in journal order
  annualConsumption @3 :List(AnnualConsumptionVersion);
  failedPosition @4 :UInt64;      # last turn that failed, 0 = none
  failures @5 :UInt32;
  registers @6 :List(RegisterVersion);    # every version, in journal order
}

struct RegistrationVersion {
  effectiveFrom @0 :Int32;
  effectiveTo @1 :Int32;
  termsId @2 :UInt32;
  position @3 :UInt64;
  contradictedBy @4 :UInt32;      # which of the meter's versions, from 1 on, contradicts it; 0 = none
}

struct AnnualConsumptionVersion {
  effectiveFrom @0 :Int32;
  energyWh @1 :Int64;
  quality @2 :UInt8;
  position @3 :UInt64;
  contradictedBy @4 :UInt16;      # as of a registration
}

struct RegisterVersion {
  meterId @0 :Text;
  registerId @1 :Text;
  quantity @2 :UInt8;
  role @3 :UInt8;
  installedAt @4 :Int64;
  removedAt @5 :Int64;
  maximumWh @6 :Int64;            # 0 = none of its own
  position @7 :UInt64;
  contradictedBy @8 :UInt32;      # as of a registration
}

struct TermsRecord {
  formatVersion @0 :UInt16;
  terms @1 :E.Terms;
}

struct VersionRecord {            # consumption: a version of a meter-day that is not plain
  formatVersion @0 :UInt16;
  mpan @1 :UInt64;                # these three are the key's too
  utcDay @2 :Int32;
  quantity @3 :UInt8;
  present @4 :UInt64;             # bit p-1: UTC period p is carried; those that are refused too
  values @5 :Data;                # core/packing of the carried periods, in order; empty when none is
  qualities @6 :Data;             # parallel to the carried periods, or one for all
  estimationReasons @7 :Data;     # parallel to the carried periods, 0 = none; or empty
  amendmentReasons @8 :Data;
  refused @9 :List(RefusedPeriods);    # of its own half hours, when it was taken
  judgements @10 :List(Judgement);     # of earlier versions of the meter-day: each replaces what was refused of one
  derivation :union {
    received @11 :Void;
    derived @12 :Derivation;
  }
}

struct RefusedPeriods {
  code @0 :UInt16;                # of ECS: 1006, 1008, 1012
  periods @1 :UInt64;
}

struct Judgement {
  position @0 :UInt64;            # the version that is judged
  n @1 :UInt16;
  refused @2 :List(RefusedPeriods);    # what is refused of it from here on; empty: nothing
}

struct Derivation {
  rule @0 :UInt16;                # what it follows from: core rule's number (docs/formats.md, "Versions")
  ruleSet @1 :UInt16;
  positions @2 :List(UInt64);     # of the messages that it rests on
}

struct RefusalRecord {            # actor: meter-day, position, n of a version -> what is refused of it now
  formatVersion @0 :UInt16;
  refused @1 :List(RefusedPeriods);
}

struct StandingRefusalRecord {    # actor: row of standing data, position -> what the entry there contradicts
  formatVersion @0 :UInt16;
  refused @1 :List(RefusedVersion);
  struct RefusedVersion {         # refused from that position on: the entry itself, and what its delivery said before
    position @0 :UInt64;
    parts @1 :UInt64;             # a bit a settlement period; of a row without periods bit 0
  }
}

struct RepeatRecord {             # actor: what an entry speaks of, its position -> it repeated another delivery
  formatVersion @0 :UInt16;
  parts @1 :UInt64;               # of a meter-day a bit a UTC period that it carried; of a row of standing data as above
}

struct ConsumptionLimitsRecord {  # actor: position -> the limits of ECS1012 from there on
  formatVersion @0 :UInt16;
  maximumWh @1 :List(Int64);      # by core::ConnectionType
}

struct LedgerRecord {             # (settlement day, quantity, terms) -> running sums by quality class
  formatVersion @0 :UInt16;
  classes @1 :List(ClassSums);    # index = core::QualityClass; an empty list inside = all zero
  packed @2 :Data;                # the same in place of it: per class one byte n, the periods up to the last with a
                                  # value; when n > 0, n sums and n counts as core/packing packs them
}

struct ClassSums {
  energyWh @0 :List(Int64);       # 46..50 settlement periods, trailing zeros trimmed
  count @1 :List(UInt32);         # values counted per period
}

struct PresenceRecord {           # (UTC day, quantity) -> meters that have all 48 periods
  formatVersion @0 :UInt16;
  newestReceivedAt @1 :Int64;
  completeMeters @2 :Data;        # CRoaring portable serialisation of meter numbers
}

struct PopulationRecord {         # (quantity, settlement day) -> meters whose energised span begins or ends there
  formatVersion @0 :UInt16;
  toggled @1 :Data;               # CRoaring portable serialisation; XOR of all up to a day = who is expected
}

struct PartialRecord {            # (UTC day, quantity, meter number) -> periods of a day that is not complete
  formatVersion @0 :UInt16;
  present @1 :UInt64;
  refused @2 :UInt64;             # periods with values all of which are refused
}

struct PopulationCountRecord {    # (terms, settlement day) -> change of the number of meters registered on those terms
  formatVersion @0 :UInt16;
  change @1 :Int64;
}

struct DayClosedRecord {          # run: UTC day -> its closing
  formatVersion @0 :UInt16;
  utcDay @1 :Int32;
  closing @2 :UInt64;             # position of the entry that closed it
  closedAt @3 :Int64;             # when that was received
  complete @4 :Bool;              # all meter partitions have answered, the shapes are published
  published @5 :UInt32;           # shapes with it, re-issues among them
  reissued @6 :UInt32;
  failure @7 :Text;               # why it is not closed after all: it has to be closed again
  minimumSample @8 :UInt32;
  likeDaysMax @9 :UInt32;
  offPeakFirst @10 :UInt8;
  offPeakLast @11 :UInt8;
  offPeakOf @12 :List(E.GroupOffPeak);
}

struct PublishedShapeRecord {     # ledger: UTC day, group, issue -> a load shape as published
  formatVersion @0 :UInt16;
  shape @1 :E.ShapeValues;
  issue @2 :UInt32;
  closedDay @3 :Int32;            # the UTC day with whose closing it came
}

struct KnownShapeRecord {         # ledger of a meter partition: UTC day, group -> the latest published
  formatVersion @0 :UInt16;
  shape @1 :E.PublishedShape;
}

struct ArrivalsRecord {           # arrival: (received at, block) -> whom what the block brought is about
  formatVersion @0 :UInt16;
  days @1 :List(Day);
  registered @2 :Meters;          # meters with a registration, annual consumption or register
  struct Day {                    # meters with a version of a UTC day and quantity
    utcDay @0 :Int32;
    quantity @1 :UInt8;
    meters @2 :Meters;
  }
  struct Meters {
    count @0 :UInt32;
    numbers @1 :Data;             # CRoaring, portable; empty: so many that they are found by reading all
  }
}

struct ShapeChangesRecord {       # arrival: (received at, block, UTC day) -> by how much the block has changed the day's
  formatVersion @0 :UInt16;       # load-shape sums
  sums @1 :List(E.ShapeSums);
}

struct MissingRecord {            # run, number -> part of what the marker found, frozen until the shapes arrive
  formatVersion @0 :UInt16;
  settlementDay @1 :Int32;
  meters @2 :List(Meter);
  exceptions @3 :List(E.RunException);   # what the run has to say of meters of this partition
  struct Meter {
    mpan @0 :UInt64;
    termsId @1 :UInt32;
    quantity @2 :UInt8;
    days @3 :List(Day);
  }
  struct Day {
    utcDay @0 :Int32;
    missing @1 :UInt64;
    annualConsumptionKnown @2 :Bool;
    annualConsumptionWh @3 :Int64;
  }
}

struct ShapeSumsRecord {          # (UTC day, group) -> what the market partition has been told
  formatVersion @0 :UInt16;
  sums @1 :E.ShapeSums;
}

struct DeadLetterRecord {
  formatVersion @0 :UInt16;
  entry @1 :Data;
  reason @2 :Text;
  address @3 :Text;
  receivedAt @4 :Int64;
}

struct OutboxRecord {             # (destination, n) -> a block that has to leave
  formatVersion @0 :UInt16;
  block @1 :Data;                 # a flat Block message; received when what caused it was
}

struct MeterDefaults {            # run, mpan, quantity -> what the run defaulted for that meter
  formatVersion @0 :UInt16;
  days @1 :List(Day);
  struct Day {
    utcDay @0 :Int32;
    present @1 :UInt64;           # the defaulted periods
    energyWh @2 :List(Int64);     # parallel to the set bits
    flags @3 :Data;               # parallel to the set bits: A D E B of the shape used
  }
}

enum RunStatus {
  requested @0;
  collecting @1;
  published @2;
  held @3;
  refused @4;
}

struct RunRecord {
  formatVersion @0 :UInt16;
  runNumber @1 :UInt32;
  settlementDay @2 :Int32;
  code @3 :UInt8;
  cutoff @4 :Int64;
  status @5 :RunStatus;
  reason @6 :Text;                # why refused or held
  standingPosition @7 :UInt64;    # market journal position whose standing data the run uses
  partitions @8 :List(PartitionInput);
  requestId @9 :UInt64;
  correctionMethod @10 :UInt8;
  exceptionCount @11 :UInt64;     # they are records of their own
  digest @12 :UInt64;             # xxHash64 over the groups' digests and the load shapes
  requestedAt @13 :Int64;
  minimumSample @14 :UInt32 = 10; # the policy that the run's load shapes are made with; runs of format 1 have the
  likeDaysMax @15 :UInt32 = 28;   # defaults
  offPeakFirst @16 :UInt8 = 1;
  offPeakLast @17 :UInt8 = 14;
  offPeakOf @18 :List(E.GroupOffPeak);
  groups @19 :List(GroupDigest);  # that have results, by GSP Group
}

struct GroupDigest {
  gspGroup @0 :Text;
  digest @1 :UInt64;
}

struct RunExceptionsRecord {      # run, n -> the n-th part of its exceptions, at most about 64 kB
  formatVersion @0 :UInt16;
  exceptions @1 :List(E.RunException);
}

struct PartitionInput {
  partition @0 :UInt16;
  markerPosition @1 :UInt64;      # position of the marker in that partition's journal
  ledgerDigest @2 :UInt64;
}

struct ComponentRecord {          # run, GSP Group, supplier, BMU, class
  formatVersion @0 :UInt16;
  quantity @1 :UInt8;
  indicator @2 :UInt8;
  weightHundredths @3 :Int32;
  msidCount @4 :UInt32;
  uncorrectedWh @5 :List(Int64);
  correctedWh @6 :List(Int64);
  actualWh @7 :List(Int64);       # consumption components: the part of quality A
  defaultedWh @8 :List(Int64);    # consumption components: the part the run defaulted
}

struct BmuRunRecord {             # settlement day, supplier, BMU, run -> what the run gave the unit
  formatVersion @0 :UInt16;
  importWh @1 :List(Int64);
  exportWh @2 :List(Int64);
  changeFromRun @3 :UInt32;       # the run of the day before it that the changes are against; 0: none
  classes @4 :List(Class);        # by class; also those that only the run before had
  struct Class {
    cccId @0 :UInt16;
    quantity @1 :UInt8;
    indicator @2 :UInt8;
    allocatedWh @3 :List(Int64);  # corrected
    changeWh @4 :List(Int64);
    onlyBefore @5 :Bool;          # the run before had the class, this one does not
  }
}

struct GroupRunRecord {           # run -> what a GSP Group was told in it and what came of it
  formatVersion @0 :UInt16;
  position @1 :UInt64;            # of the message: Group Takes up to it count
  digest @2 :UInt64;
  order @3 :Data;                 # the groupRun entry
}

struct FactorRecord {             # run, GSP Group
  formatVersion @0 :UInt16;
  groupTakeWh @1 :List(Int64);
  uncorrectedWh @2 :List(Int64);
  gcfImport @3 :List(Int64);      # 1e-9
  gcfExport @4 :List(Int64);
  residualWh @5 :List(Int64);
}

struct ShapeRecord {              # run, UTC day, load-shape group -> the load shape that the run used
  formatVersion @0 :UInt16;
  values @1 :E.ShapeValues;
}

struct DuosRecord {               # run, GSP Group, distributor, supplier, DUoS tariff, direction, domestic
  formatVersion @0 :UInt16;
  uncorrectedWh @1 :List(Int64);
  actualWh @2 :List(Int64);       # of quality A; the rest is estimated
  energisedCount @3 :UInt32;
  deEnergisedCount @4 :UInt32;
}

struct AppliedRecord {            # the file beside a GSP Group's store
  formatVersion @0 :UInt16;
  gridIdHigh @1 :UInt64;
  gridIdLow @2 :UInt64;
  block @3 :UInt64;               # the last that the store holds
  journalIdHigh @4 :UInt64;       # of the journal it comes from
  journalIdLow @5 :UInt64;
  digest @6 :UInt64;              # of that journal, at the block
}

struct GridRecord {               # the file GRID of a data directory
  formatVersion @0 :UInt16;
  gridIdHigh @1 :UInt64;
  gridIdLow @2 :UInt64;
  partitions @3 :UInt16;          # meter partitions
}
