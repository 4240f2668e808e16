#include "actors/meter/refusal_message.hpp"

#include <gtest/gtest.h>

#include "storage/wire/record.hpp"

namespace hhgrid::actors::test {
namespace {

const VersionKey version{
    {15'720}, 1'012'345'678'903, core::MeasurementQuantity::active_export, {7, 3}, 0};

core::RefusedPeriods refused(std::uint64_t contradicted, std::uint64_t not_actual,
                             std::uint64_t above_maximum) {
  return {{contradicted, not_actual, above_maximum}};
}

tl::expected<RefusalMessage, storage::Error> read(const std::string& bytes) {
  return storage::read_record<schema::ParticipantMessageRecord>(bytes, "test",
                                                                read_refusal_message);
}

TEST(RefusalMessage, SaysWhatTheTurnHasChanged) {
  const auto message = message_of({version, refused(0, 0b0011, 0), refused(0b0010, 0, 0b1100)});
  EXPECT_EQ(message.version, version);
  EXPECT_EQ(message.refused, refused(0, 0, 0b1100)) << "what was refused before is no news";
  EXPECT_EQ(message.allowed, 0b0001u);
}

TEST(RefusalMessage, IsReadAsItWasWritten) {
  const RefusalMessage message{version, refused(0b1, 0b10, std::uint64_t{1} << 47), 0b100};
  const auto again = read(refusal_message_record(message));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(*again, message);
}

TEST(RefusalMessage, HalfHoursThatAreRefusedAndAllowedAreDamage) {
  EXPECT_FALSE(read(refusal_message_record({version, refused(0b11, 0, 0), 0b10})));
  EXPECT_FALSE(read(refusal_message_record({version, {}, std::uint64_t{1} << 48})));
}

TEST(RefusalMessage, AboutNoVersionIsDamage) {
  storage::RecordBuilder<schema::ParticipantMessageRecord> record;
  record->setAllowed(1);
  const auto message = read(record.bytes());
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, storage::Errc::damaged);
}

}  // namespace
}  // namespace hhgrid::actors::test
