@0xd152c9551291615d;
# What a partition's RocksDB keeps for market participants, in the outbox beside what goes to partitions.

using Cxx = import "/capnp/c++.capnp";
using R = import "record.capnp";
$Cxx.namespace("hhgrid::schema");

struct ParticipantMessageRecord { # outbox: participant, position, n -> what a turn has refused of an entry that it sent
  formatVersion @0 :UInt16;
  union {
    reading :group {
      version @1 :Data;           # the key of the reading's version
      refused @2 :List(R.RefusedPeriods);  # half hours that were not refused before
      allowed @3 :UInt64;         # half hours that were refused before and are no longer
    }
    contradicted :group {         # another entry, refused for what its own delivery says (ECS1006)
      kind @4 :UInt8;             # 1 registration, 2 annual consumption, 3 standing data, 4 meter register
      position @5 :UInt64;
      address @6 :Text;
      hasDay @7 :Bool;
      day @8 :Int32;              # that it is of, or takes effect on
      periods @9 :UInt64;         # of Group Takes and line losses the settlement periods, bit p-1
      subject @10 :Text;          # of a meter register which, and when it was fitted; else empty
    }
  }
}

struct ParticipantCountRecord {   # outbox: participant -> how many messages
  formatVersion @0 :UInt16;
  waiting @1 :UInt64;
  dropped @2 :UInt64;             # since the grid was made: the participant had its fill waiting
  takenPosition @3 :UInt64;       # of the last message that the participant has taken, 0 = none
  takenN @4 :UInt32;
}
