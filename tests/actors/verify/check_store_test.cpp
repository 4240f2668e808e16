#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "actors/gsp/run_results_key.hpp"
#include "actors/gsp/run_results_write.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/meter/ledger_record.hpp"
#include "actors/meter/meter_fold.hpp"
#include "actors/meter/meter_repeats.hpp"
#include "actors/meter/plain_version.hpp"
#include "actors/meter/run_shapes.hpp"
#include "actors/meter/shape_changes.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/check.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"
#include "tests/actors/verify/check_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;
using storage::KeyWriter;

TEST_F(CheckStore, AGridThatNobodyTouchedIsSound) {
  const auto report = check();
  EXPECT_TRUE(report.sound());
  for (const auto& d : report.damage) ADD_FAILURE() << d.family << " " << d.key << ": " << d.cause;
  EXPECT_EQ(report.meter_days, 8u * 2 + 1);
  EXPECT_GT(report.records, 80u);
}

TEST_F(CheckStore, AGridThatWasOpenedAgainIsSound) {
  grid_.reopen();
  grid_.deliver();
  EXPECT_TRUE(check().sound());
}

TEST_F(CheckStore, AnEmptyStoreIsSound) {
  FoldGrid empty(1);
  EXPECT_TRUE(check_stores(empty.stores(), FoldGrid::calendar(), 1).sound());
}

TEST_F(CheckStore, DamageNamesPathFamilyKeyAndCause) {
  const auto key = KeyWriter().u64(1).str();
  put(Family::block, key, "rubbish");
  const auto report = check();
  ASSERT_FALSE(report.damage.empty());
  EXPECT_EQ(report.damage[0].path, grid_.store(partition_).path().string());
  EXPECT_EQ(report.damage[0].family, "block");
  EXPECT_EQ(report.damage[0].key, storage::printable_key(key));
  EXPECT_NE(report.damage[0].cause, "");
}

TEST_F(CheckStore, AllDamageIsFoundNotOnlyTheFirst) {
  for (const auto& [key, value] : grid_.records(partition_, Family::block))
    put(Family::block, key, "rubbish");
  put(Family::outbox, KeyWriter().u64(1).u32(0), "rubbish");
  put(Family::dead_letter, KeyWriter().u64(1), "rubbish");
  EXPECT_GE(check().damage_count, grid_.records(partition_, Family::block).size() + 2);
}

// -- what every partition keeps -------------------------------------------------------------------

TEST_F(CheckStore, TheStoreOfAnotherPartitionIsDamage) {
  const auto report =
      check_store(grid_.store(0), FoldGrid::calendar(), {1, storage::Topology(2), {}});
  ASSERT_EQ(report.damage_count, 1u);
  EXPECT_NE(report.damage[0].cause.find("is partition 0 of 2, expected partition 1"),
            std::string::npos);
}

TEST_F(CheckStore, RecordsWithoutAMetaRecordAreDamage) {
  grid_.remove(partition_, Family::meta, "meta");
  EXPECT_TRUE(finds(Family::consumption, "no meta record"));
}

TEST_F(CheckStore, AVersionWhoseBlockHasNoRecordIsDamage) {
  for (const auto& [key, value] : grid_.records(partition_, Family::block))
    grid_.remove(partition_, Family::block, key);
  EXPECT_TRUE(finds(Family::consumption, "no block holds position"));
}

TEST_F(CheckStore, ARecordOfABlockThatHasNotBeenAppliedIsDamage) {
  put(Family::block, storage::block_key(5000), storage::block_record({cutoff, 1, "test", {}}));
  EXPECT_TRUE(finds(Family::block, "that have been applied"));
}

TEST_F(CheckStore, ARepeatOfWhatIsNotThereIsDamage) {
  // Fitted on the day of the one that is not there.
  const core::Instant fitted{run_day.value * core::ms_per_utc_day + 1'000};
  grid_.append(meter_mpan(5), cutoff, meter_register_entry(meter_mpan(5), fitted, 30'000));
  ASSERT_EQ(check().damage_count, 0u);
  const auto record = [](RepeatSubject::Kind kind, std::int32_t day, std::uint64_t parts) {
    RepeatSubject subject{kind, day, meter_mpan(5), {}};
    if (kind == RepeatSubject::Kind::meter_register)
      subject.fitted = {
          core::MeterSerialId::parse("M1").value(), {}, {}, {day * core::ms_per_utc_day}};
    return std::pair(repeats_key(subject).position({1, 9}).str(), repeat_record(parts));
  };
  for (const auto& [key, value] :
       {record(RepeatSubject::Kind::consumption, run_day.value - 300, 1),
        record(RepeatSubject::Kind::registration, run_day.value + 300, 0),
        record(RepeatSubject::Kind::annual_consumption, run_day.value + 300, 0),
        record(RepeatSubject::Kind::meter_register, run_day.value, 0)}) {
    put(Family::actor, key, value);
    EXPECT_TRUE(finds(Family::actor, "repeats what is not there"));
    grid_.remove(partition_, Family::actor, key);
  }
  const auto nobody = RepeatSubject{RepeatSubject::Kind::consumption, 0, meter_mpan(99), {}};
  put(Family::actor, repeats_key(nobody).position({1, 9}).str(), repeat_record(1));
  EXPECT_TRUE(finds(Family::actor, "the meter has no record"));
}

TEST_F(CheckStore, NotesOfABlockThatAreNotWhatItHasBroughtAreDamage) {
  const auto notes = grid_.records(partition_, Family::arrival, "a");
  ASSERT_FALSE(notes.empty());
  const auto [key, value] = *notes.rbegin();
  grid_.remove(partition_, Family::arrival, key);
  EXPECT_TRUE(finds(Family::arrival, "not noted"));
  put(Family::arrival, key, notes.begin()->second == value ? "rubbish." : notes.begin()->second);
  EXPECT_GT(check().damage_count, 0u);
}

TEST_F(CheckStore, ShapeChangesThatDoNotLeadToTheSumsAreDamage) {
  const auto changes = grid_.records(partition_, Family::arrival, "s");
  ASSERT_GT(changes.size(), 1u);
  const auto& [key, value] = *changes.begin();
  grid_.remove(partition_, Family::arrival, key);
  EXPECT_TRUE(finds(Family::arrival, "what blocks have changed of load shape"));
  put(Family::arrival, key, value);
  EXPECT_TRUE(check().sound());
  put(Family::arrival, shape_changes_key({1}, 1, {run_day.value}), value);
  EXPECT_TRUE(finds(Family::arrival, "was not received then"));
  put(Family::arrival, "x", value);
  EXPECT_TRUE(finds(Family::arrival, "is no key of this family"));
}

TEST_F(CheckStore, AnOrderOfReceiptThatIsNotThatOfTheBlocksIsDamage) {
  capnp::MallocMessageBuilder meta;
  const auto stored = grid_.records(partition_, Family::meta, meta_key);
  const auto copied = storage::read_record<schema::MetaRecord>(
      stored.begin()->second, "the record", [&](schema::MetaRecord::Reader record) {
        meta.setRoot(record);
        return true;
      });
  ASSERT_TRUE(copied);
  meta.getRoot<schema::MetaRecord>().setArrivalLagMax(1);
  put(Family::meta, meta_key, storage::to_bytes(meta));
  EXPECT_TRUE(finds(Family::meta, "ms behind others"));
}

TEST_F(CheckStore, ABrokenOutboxMessageIsDamage) {
  storage::BlockBuilder builder({}, "test");
  builder.add(bank_holiday_entry(16'000));
  const auto block = builder.finish({storage::SenderId::of_partition(partition_), 1});
  storage::RecordBuilder<schema::OutboxRecord> record;
  record->setBlock(block.words->asBytes());
  put(Family::outbox, outbox_key(99, 1), record.bytes());
  EXPECT_TRUE(finds(Family::outbox, "goes to partition 99"));
}

TEST_F(CheckStore, ADeadLetterWithoutAReasonIsDamage) {
  storage::RecordBuilder<schema::DeadLetterRecord> record;
  record->setAddress("meter/1");
  put(Family::dead_letter, KeyWriter().position({1, 0}), record.bytes());
  EXPECT_TRUE(finds(Family::dead_letter, "has no reason"));
}

// -- meter partitions -----------------------------------------------------------------------------

TEST_F(CheckStore, AVersionThatIsNoEntryIsDamage) {
  put(Family::consumption,
      first(partition_, Family::consumption, version_of_meter_5({run_day.value})).first, "rubbish");
  EXPECT_TRUE(finds(Family::consumption, "consumption"));
}

TEST_F(CheckStore, WholeDaysOfOneQualityAreStoredInTheCompactForm) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  EXPECT_TRUE(is_plain_version(value));
  EXPECT_LT(value.size(), bytes_of(consumption_entry(meter_mpan(5), {run_day.value}, 200)).size());
}

TEST_F(CheckStore, AVersionThatIsStoredAsARecordCountsTheSame) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  const auto version = read_version(read_version_key(key, "store").value(), value, "store").value();
  put(Family::consumption, key, version_record(version));
  EXPECT_TRUE(check().sound());
  grid_.append(meter_mpan(5), cutoff, consumption_entry(meter_mpan(5), {run_day.value}, 321, 0xff));
  grid_.deliver();
  EXPECT_TRUE(check().sound()) << "a correction takes back what the record brought";
}

TEST_F(CheckStore, ACompactVersionOfAnotherMeterIsDamage) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  const auto [other, value_of_other] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value + 1}));
  put(Family::consumption, key, value_of_other);
  EXPECT_TRUE(finds(Family::consumption, "the check sum, a value or the key does not hold"));
}

TEST_F(CheckStore, AVersionOfAnotherMeterIsDamage) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  auto other = read_version_key(key, "store").value();
  other.mpan = meter_mpan(6);
  put(Family::consumption, key, version_record({other, {}, {}, {}, {}}));
  EXPECT_TRUE(finds(Family::consumption, "of another meter, day or quantity than its key"));
}

TEST_F(CheckStore, AVersionBeyondThePositionReachedIsDamage) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  put(Family::consumption,
      version_of_meter_5({run_day.value}) + KeyWriter().position({5000, 0}).str(), value);
  EXPECT_TRUE(finds(Family::consumption, "position 5000.0 is in none of"));
}

TEST_F(CheckStore, APositionWithTwoEffectsIsDamage) {
  const auto [key, value] =
      first(partition_, Family::consumption, version_of_meter_5({run_day.value}));
  put(Family::consumption, version_of_meter_5({run_day.value}) + KeyWriter().position({1, 0}).str(),
      value);
  EXPECT_TRUE(finds(Family::consumption, "position 1.0 has another effect too"));
}

TEST_F(CheckStore, ALostVersionIsDamageOfTheLedgerAndOfThePresenceMap) {
  grid_.remove(partition_, Family::consumption,
               first(partition_, Family::consumption, version_of_meter_5({run_day.value})).first);
  EXPECT_TRUE(finds(Family::ledger, "settlement period 1 has"));
  EXPECT_TRUE(finds(Family::presence, "with all periods"));
  EXPECT_TRUE(finds(Family::ledger, "has been told"));
}

TEST_F(CheckStore, AChangedLedgerRowIsDamage) {
  const auto [key, value] = first(partition_, Family::ledger, ledger_day_prefix(run_day));
  auto row = read_ledger_record(value, "test");
  ASSERT_TRUE(row);
  row->of(core::QualityClass::actual).energy_wh[3] += 1;
  put(Family::ledger, key, ledger_record(*row));
  EXPECT_TRUE(finds(Family::ledger, "settlement period 4 has"));
}

TEST_F(CheckStore, ALedgerRowOfADayWithoutVersionsIsDamage) {
  const auto [key, value] = first(partition_, Family::ledger, ledger_day_prefix(run_day));
  put(Family::ledger,
      ledger_key(run_day + 40, LedgerDay::key(0, core::MeasurementQuantity::active_import)), value);
  EXPECT_TRUE(finds(Family::ledger, "the versions give 0 Wh of 0"));
}

TEST_F(CheckStore, ALostPresenceMapIsDamage) {
  grid_.remove(partition_, Family::presence, KeyWriter().tag('c').day(run_day.value).u8(0));
  EXPECT_TRUE(finds(Family::presence, "the versions give"));
}

TEST_F(CheckStore, ALostPartialDayIsDamage) {
  grid_.remove(partition_, Family::presence, first(partition_, Family::presence, "p").first);
  EXPECT_TRUE(finds(Family::presence, "meters with some periods"));
}

TEST_F(CheckStore, AChangedPopulationIsDamage) {
  const auto key = first(partition_, Family::presence, "t").first;
  grid_.remove(partition_, Family::presence, key);
  EXPECT_TRUE(finds(Family::presence, "is not what the registrations give"));
}

TEST_F(CheckStore, AChangedCountOfMetersIsDamage) {
  storage::RecordBuilder<schema::PopulationCountRecord> record;
  record->setChange(77);
  put(Family::presence, first(partition_, Family::presence, "r").first, record.bytes());
  EXPECT_TRUE(finds(Family::presence, "is not what the registrations give"));
}

TEST_F(CheckStore, AMeterWithoutARecordIsDamage) {
  grid_.remove(partition_, Family::actor, meter_key(meter_mpan(5)));
  EXPECT_TRUE(finds(Family::consumption, "the meter has no record"));
  EXPECT_TRUE(finds(Family::actor, "meters, the meta record says"));
}

TEST_F(CheckStore, AMeterInAnotherPartitionIsDamage) {
  const auto [key, value] = first(partition_, Family::actor, meter_key(meter_mpan(5)));
  grid_.tamper(static_cast<storage::PartitionId>(1 - partition_), Family::actor, key, value);
  EXPECT_TRUE(finds(Family::actor, "belongs to another partition"));
}

TEST_F(CheckStore, TwoMetersWithOneNumberAreDamage) {
  auto meter =
      read_meter_record(first(partition_, Family::actor, meter_key(meter_mpan(5))).second, "test");
  ASSERT_TRUE(meter);
  meter->number = meter->number == 0 ? 1 : 0;
  put(Family::actor, meter_key(meter_mpan(5)), meter_record(*meter));
  EXPECT_TRUE(finds(Family::actor, "is another's or none"));
}

TEST_F(CheckStore, ARegistrationOnUnknownTermsIsDamage) {
  auto meter =
      read_meter_record(first(partition_, Family::actor, meter_key(meter_mpan(5))).second, "test");
  ASSERT_TRUE(meter);
  meter->registrations[0].terms = 55;
  put(Family::actor, meter_key(meter_mpan(5)), meter_record(*meter));
  EXPECT_TRUE(finds(Family::actor, "1 registrations are on terms that there are not"));
}

TEST_F(CheckStore, LostTermsAreDamage) {
  grid_.remove(partition_, Family::actor, KeyWriter().tag('t').u32(0));
  EXPECT_TRUE(finds(Family::actor, "sets of terms, the meta record says"));
}

TEST_F(CheckStore, BrokenDefaultsOfARunAreDamage) {
  const auto partition = grid_.owner(meter_mpan(0));
  const auto key = defaults_key(run_, meter_mpan(0), core::MeasurementQuantity::active_import);
  storage::RecordBuilder<schema::MeterDefaults> record;
  record->initDays(1)[0].setPresent(3);
  grid_.tamper(partition, Family::run, key, record.bytes());
  EXPECT_TRUE(finds(Family::run, "not as many as its periods"));
}

TEST_F(CheckStore, AKeyThatNoFamilyHasIsDamage) {
  for (const Family family :
       {Family::presence, Family::ledger, Family::run, Family::consumption, Family::actor})
    put(family, "Zebra", "stripes");
  for (const Family family : {Family::presence, Family::ledger, Family::run, Family::actor})
    EXPECT_TRUE(finds(family, "is no key of this family"));
  EXPECT_TRUE(finds(Family::consumption, "is no key of a version"));
}

TEST_F(CheckStore, ATableFileThatIsDamagedOnDiskIsDamage) {
  grid_.reopen();  // flushes
  for (const auto& file : std::filesystem::directory_iterator(grid_.store(0).path())) {
    if (file.path().extension() != ".sst") continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(10);
    stream.put('\x55').put('\x55').put('\x55').put('\x55');
  }
  const auto report = check();
  EXPECT_TRUE(std::any_of(report.damage.begin(), report.damage.end(), [](const Damage& d) {
    return d.cause.find("orruption") != std::string::npos;
  })) << report.damage_count;
}

}  // namespace
}  // namespace hhgrid::actors::test
