@0xe6b1f5d0a94c7283;
# The public interface of a grid: what a node answers over its Unix socket. docs/connect.md shows how to use it.
#
# Energy is integer watt-hours; days are days since 1970-01-01; instants are milliseconds since
# 1970-01-01T00:00:00Z; periods are UTC periods 1 to 48, named by where they end. Every answer has a
# `failure`, which is null when there is none.
#
# Fields and methods are only ever added: a client of an older schema goes on working.

using Cxx = import "/capnp/c++.capnp";
using Entry = import "/storage/wire/schema/entry.capnp";
using Participant = import "/storage/wire/schema/participant.capnp";
using Record = import "/storage/wire/schema/record.capnp";
$Cxx.namespace("hhgrid::rpc");

const protocolVersion :UInt16 = 1;

struct Failure {
  # Why something was not done: a full sentence that names place, value and reason.
  code @0 :Code;
  text @1 :Text;
  enum Code {
    inUse @0;           # another process has the directory open
    newerFormat @1;     # written by a newer version of the program
    olderFormat @2;     # written by a version whose directories are no longer read
    damaged @3;         # a record, file or checksum does not hold
    damagedTable @4;    # a file of a store could not be read; another read may be answered
    missingFamily @5;   # a store lacks a column family
    foreign @6;         # not of this grid
    unknown @7;         # the grid is sound, and has no such actor, run, table or day
    mismatch @8;        # what was asked for is not what is there
    limit @9;           # more than is allowed
    noSpace @10;        # the disk is full: nothing was stored, try again later
    io @11;             # the operating system refused
    trimmed @12;        # the journal no longer holds that
    closed @13;         # shut down
    unanswered @14;     # whoever was asked has not answered in time
  }
}

interface Door {
  # What a connection begins with. Who comes by the Unix socket may do everything: the socket's
  # permissions say who that is.
  enter @0 (protocolVersion :UInt16) -> (viewer :Viewer, operator :Operator, node :Node,
                                         failure :Failure);
  # `protocolVersion`: the newest that the client knows. `operator` is null for who may only look.
}

struct Node {
  version @0 :Text;           # of the program
  directory @1 :Text;         # the grid's data directory, on the node's machine
  meterPartitions @2 :UInt16; # of the grid
}

# -- looking --------------------------------------------------------------------------------------

interface Viewer {
  status @0 () -> (partitions :List(PartitionStatus), participants :List(ParticipantStatus),
                   failure :Failure);
  inspect @1 (address :Text, day :OptionalDay) -> (json :Text, failure :Failure);
  # Asks an actor to describe itself: meter/1012345678903, bmu/2__CABCD000, gsp/_C, shape/_C.W.S.T.AI.
  # `day`: UTC or settlement day, as `hhgrid inspect --day`.

  runs @2 (settlementDay :OptionalDay) -> (runs :List(Run), failure :Failure);
  # All of them, or those of a settlement day, in the order of their numbers.
  findRun @3 (id :Text) -> (run :Run, failure :Failure);
  # By id, or `latest`: the published run with the highest number. A null run: there is none.
  summarise @4 (runNumber :UInt32) -> (summary :RunSummary, failure :Failure);
  table @5 (request :TableRequest, sink :ByteSink) -> (complete :Bool, failure :Failure);
  # Writes a table into `sink`; docs/formats.md has the tables and their columns.

  audit @6 (runNumber :UInt32) -> (report :AuditReport, failure :Failure);
  # Recomputes a run from stored versions and compares bit by bit.
  check @7 () -> (report :CheckReport, failure :Failure);
  # Reads every record and holds it against the others.

  deadLetters @8 () -> (letters :List(DeadLetter), failure :Failure);
  drain @9 () -> (failure :Failure);
  # Answers when all that was durable before is applied.
}

struct OptionalDay {
  # Null or `none`: not given.
  union {
    none @0 :Void;
    day @1 :Int32;
  }
}

struct OptionalInstant {
  union {
    none @0 :Void;
    instant @1 :Int64;
  }
}

interface ByteSink {
  write @0 (bytes :Data) -> stream;
  end @1 ();
}

struct PartitionStatus {
  id @0 :UInt16;
  name @1 :Text;              # meters/3, market, gsp/_C
  kind @2 :UInt8;             # 0 meters, 1 market, 2 GSP Group
  applied @3 :UInt64;         # last blocks: applied, in the journal, durable in the store
  journalEnd @4 :UInt64;
  durable @5 :UInt64;
  meters @6 :UInt64;
  residentMeters @7 :UInt64;
  memoryBytes @8 :UInt64;
  storeMemoryBytes @9 :UInt64;
  diskBytes @10 :UInt64;
  deadLetters @11 :UInt64;
  accepted @12 :UInt64;       # entries
  unchanged @13 :UInt64;      # entries that said nothing new
  outbox @14 :UInt64;
  repeatedBlocks @15 :UInt64; # dropped, as taken before
  earlyBlocks @16 :UInt64;    # dropped, as they come again in their turn
  unregistered @17 :UInt64;   # readings of meters without any registration
  notRegistered @18 :UInt64;  # readings of days that no registration of the meter covered (ECS1009)
  refusedPeriods @19 :UInt64; # half hours
  refusedRegistrations @20 :UInt64;
  refusedAnnualConsumptions @21 :UInt64;
  refusedRegisters @22 :UInt64;
  refusedRows @23 :UInt64;    # of standing data
  trouble @24 :Text;          # empty, or why it has stopped or waits
}

struct ParticipantStatus {
  participant @0 :Text;       # MPID
  waiting @1 :UInt64;         # messages
  dropped @2 :UInt64;
  oldest @3 :OptionalInstant;
}

struct Run {
  number @0 :UInt32;
  settlementDay @1 :Int32;
  code @2 :Text;              # II, SF, R1, R2, R3, RF, DR, DF
  cutoff @3 :Int64;
  requestedAt @4 :Int64;
  status @5 :Record.RunStatus;
  reason @6 :Text;            # why it is held or refused
  legacyCorrection @7 :Bool;  # one factor for both directions
  exceptions @8 :UInt64;
}

struct RunSummary {
  groups @0 :List(Group);     # by GSP Group; none without results
  exceptions @1 :List(Exceptions);
  struct Exceptions {
    kind @0 :Text;
    count @1 :UInt64;
  }
  struct Group {
    gspGroup @0 :Text;
    groupTakeWh @1 :Int64;
    uncorrectedWh @2 :Int64;
    importWh @3 :Int64;
    exportWh @4 :Int64;
    actualWh @5 :Int64;       # of consumption components
    defaultedWh @6 :Int64;
    consumptionWh @7 :Int64;
    gcfImport @8 :Spread;     # correction factors, 1e-9, over the periods
    gcfExport @9 :Spread;
    bmus @10 :UInt64;
    components @11 :UInt64;
  }
  struct Spread {
    min @0 :Int64;
    mean @1 :Int64;
    max @2 :Int64;
  }
}

struct TableRequest {
  kind @0 :Text;              # bmu-volumes, consumption ...
  runs @1 :List(UInt32);      # of a table of runs: their numbers
  day @2 :OptionalDay;        # of other tables, where they know it
  allVersions @3 :Bool;
  asOf @4 :OptionalInstant;
  format @5 :Format;
  enum Format {
    csv @0;
    json @1;
    jsonl @2;
  }
}

struct AuditReport {
  runNumber @0 :UInt32;
  runId @1 :Text;
  meterDays @2 :UInt64;
  differenceCount @3 :UInt64;
  differences @4 :List(Difference);  # the first of them
  struct Difference {
    table @0 :Text;
    key @1 :Text;
    stored @2 :Text;
    recomputed @3 :Text;
  }
}

struct CheckReport {
  records @0 :UInt64;
  meterDays @1 :UInt64;
  damageCount @2 :UInt64;
  damage @3 :List(Damage);    # the first of it
  struct Damage {
    path @0 :Text;
    family @1 :Text;
    key @2 :Text;
    cause @3 :Text;
  }
}

struct DeadLetter {
  partition @0 :UInt16;
  position @1 :UInt64;        # block * 65536 + index
  address @2 :Text;
  reason @3 :Text;
  receivedAt @4 :Int64;
}

# -- acting ---------------------------------------------------------------------------------------

interface Operator {
  feed @0 (options :FeedOptions) -> (feed :Feed, failure :Failure);
  run @1 (settlementDay :Int32, code :Text, cutoff :OptionalInstant, timeoutMs :UInt64)
      -> (outcome :RunOutcome, failure :Failure);
  # Answers when the run has ended. `cutoff`: nothing received later counts; none: now.
  release @2 (runNumber :UInt32) -> (outcome :RunOutcome, failure :Failure);
  closeDay @3 (utcDay :Int32) -> (closing :DayClosing, failure :Failure);
  replay @4 (letters :List(DeadLetter)) -> (stillDead :List(DeadLetter), failure :Failure);
  # Gives dead letters their turn again.
  take @5 (participant :Text, limit :UInt64) -> (messages :List(WaitingMessage), failure :Failure);
  acknowledge @6 (participant :Text, taken :List(MessageId)) -> (failure :Failure);
  # The participant has these, and of each of their partitions all before them: they are forgotten.
}

struct RunOutcome {
  runNumber @0 :UInt32;
  runId @1 :Text;
  status @2 :Text;            # published, held, refused, collecting
  reason @3 :Text;
  exceptions @4 :UInt64;
}

struct DayClosing {
  utcDay @0 :Int32;
  closedAt @1 :Int64;
  published @2 :UInt32;       # load shapes
  reissued @3 :UInt32;        # of them, again with other values
  wasClosed @4 :Bool;         # before this was asked for
}

struct MessageId {
  partition @0 :UInt16;
  position @1 :UInt64;
  n @2 :UInt32;
}

struct WaitingMessage {
  id @0 :MessageId;
  message @1 :Participant.ParticipantMessageRecord;
}

# -- feeding --------------------------------------------------------------------------------------

struct FeedOptions {
  sender @0 :SenderId;        # null: a new one, made by the node
  participant @1 :Text;       # MPID of who has sent it; empty: nobody is named
  receivedAt @2 :OptionalInstant;  # stamps everything, to replay history; none: when it comes
}

struct SenderId {
  # Names a feed for ever, whichever node takes it: 128 bits made at random, the high half not 0.
  high @0 :UInt64;
  low @1 :UInt64;
}

interface Feed {
  send @0 (number :UInt64, source :Text, messages :List(Message))
      -> (rejected :List(Rejected), failure :Failure);
  # Answers when all of it is durable. `number` is 1, 2, 3 ... of the sender: a block that has come
  # before changes nothing, so whoever has no answer sends it again. Blocks are sent in order;
  # several may be on their way, up to `creditBytes` together. At most `entriesMax` messages.
  # `source`: what they come from, such as a file: what one source of a sender says twice and
  # differently of the same is refused (ECS1006).
  # A message that is not well formed is rejected and named; the others are taken.
  finish @1 () -> (failure :Failure);
  # The sender sends nothing more, and nothing again.
}
const creditBytes :UInt64 = 33554432;
const entriesMax :UInt32 = 65000;

struct Rejected {
  index @0 :UInt32;           # in the block
  text @1 :Text;
}

struct Message {
  union {
    consumption @0 :Consumption;
    registration @1 :Entry.Registration;
    annualConsumption @2 :Entry.AnnualConsumption;
    meterRegister @3 :Entry.MeterRegister;
    bmu @4 :Entry.Bmu;
    componentClass @5 :Entry.ComponentClass;
    lineLosses @6 :Entry.LineLosses;
    defaultShape @7 :Entry.DefaultShape;
    groupTake @8 :Entry.GroupTake;
    runDate @9 :Entry.RunDate;
    bankHoliday @10 :Entry.BankHoliday;
  }
}

struct Consumption {
  # IF-021: half hours of one meter, quantity and UTC day; some or all of them.
  mpan @0 :UInt64;
  utcDay @1 :Int32;
  quantity @2 :Quantity;
  quality @3 :UInt8;          # DI-083, in the order of the DIP's schema: 0 A, 1 E, 2 E0 ... 37 EA13;
                              # 255: by period, in `detail`
  present @4 :UInt64;         # bit p-1: period p is given
  energyWh @5 :List(UInt32);  # of the periods given, in their order
  detail @6 :Entry.PeriodDetail;
  enum Quantity {
    ai @0;
    ae @1;
    ri @2;
    re @3;
  }
}
