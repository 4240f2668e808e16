#include "actors/meter/refusal_message.hpp"

#include <gtest/gtest.h>

#include "storage/wire/record.hpp"

namespace hhgrid::actors::test {
namespace {

const VersionKey version{{15'720},
                         core::Mpan::unchecked(1'012'345'678'903),
                         core::MeasurementQuantity::active_export,
                         {7, 3},
                         0};

core::RefusedPeriods refused(std::uint64_t contradicted, std::uint64_t not_actual,
                             std::uint64_t above_maximum) {
  return {{contradicted, not_actual, above_maximum}};
}

tl::expected<ParticipantMessage, storage::Error> read(const std::string& bytes) {
  return storage::read_record<schema::ParticipantMessageRecord>(bytes, "test",
                                                                read_participant_message);
}

TEST(RefusalMessage, SaysWhatTheTurnHasChanged) {
  const auto message = message_of({version, refused(0, 0b0011, 0), refused(0b0010, 0, 0b1100)});
  EXPECT_EQ(message.version, version);
  EXPECT_EQ(message.refused, refused(0, 0, 0b1100)) << "what was refused before is no news";
  EXPECT_EQ(message.allowed, 0b0001u);
}

TEST(RefusalMessage, IsReadAsItWasWritten) {
  const RefusalMessage message{version, refused(0b1, 0b10, std::uint64_t{1} << 47), 0b100};
  const auto again = read(participant_message_record(message));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(*again, ParticipantMessage(message));
}

TEST(RefusalMessage, OfAnotherEntryIsReadAsItWasWritten) {
  const ContradictedEntry whole{
      ContradictedEntry::Kind::standing, {8, 1}, "standing/default_shape", {}, 0};
  const ContradictedEntry parts{ContradictedEntry::Kind::standing, {8, 1}, "gsp/_C", -3, 0b110};
  for (const auto& message : {whole, parts}) {
    const auto again = read(participant_message_record(message));
    ASSERT_TRUE(again) << again.error().text;
    EXPECT_EQ(*again, ParticipantMessage(message));
  }
}

TEST(RefusalMessage, OfNoKindOfEntryIsDamage) {
  for (const std::uint8_t kind : {0, 5}) {
    const ContradictedEntry message{ContradictedEntry::Kind{kind}, {8, 1}, "gsp/_C", {}, 0};
    EXPECT_FALSE(read(participant_message_record(message)));
  }
}

TEST(RefusalMessage, HalfHoursThatAreRefusedAndAllowedAreDamage) {
  for (const RefusalMessage& message : {RefusalMessage{version, refused(0b11, 0, 0), 0b10},
                                        RefusalMessage{version, {}, std::uint64_t{1} << 48}})
    EXPECT_FALSE(read(participant_message_record(message)));
}

TEST(RefusalMessage, AboutNoVersionIsDamage) {
  storage::RecordBuilder<schema::ParticipantMessageRecord> record;
  record->initReading().setAllowed(1);
  const auto message = read(record.bytes());
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, storage::Errc::damaged);
}

}  // namespace
}  // namespace hhgrid::actors::test
