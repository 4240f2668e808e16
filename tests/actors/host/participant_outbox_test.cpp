#include "actors/host/participant_outbox.hpp"

#include <fmt/format.h>

#include "storage/wire/entry_codec.hpp"
#include "tests/actors/host/participants_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

Entry took_entry(const char* who, const MessageId& last) {
  storage::EntryScratch scratch;
  return storage::copy_words(scratch.build([&](schema::Entry::Builder entry) {
    auto took = entry.initParticipantTook();
    took.setParticipant(who);
    took.setPosition(last.position.number());
    took.setN(last.n);
  }));
}

TEST_F(Participants, AreToldWhatIsRefusedOfTheirReadings) {
  register_meter();
  send(refused_reading());
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].id, (MessageId{{3, 0}, 0}));
  EXPECT_EQ(told[0].message.version.mpan, mpan_);
  EXPECT_EQ(told[0].message.version.day, day_);
  EXPECT_EQ(told[0].message.version.position, storage::Position(3, 0));
  EXPECT_EQ(told[0].message.refused.of(core::RefusalCode::above_maximum), morning);
  EXPECT_EQ(count(), (ParticipantCount{1, 0, {}}));
  EXPECT_TRUE(sound());
}

TEST_F(Participants, OfWhomNobodyIsNamedAreNotTold) {
  register_meter();
  grid_.name_sender({});
  send(refused_reading());
  EXPECT_THAT(grid_.records(0, Family::outbox), IsEmpty());
  EXPECT_THAT(grid_.records(0, Family::actor, "r"), SizeIs(1)) << "it is kept and listed";
}

TEST_F(Participants, AreNotToldOfReadingsThatAreTaken) {
  register_meter();
  send(consumption_entry(mpan_, day_, 500));
  EXPECT_THAT(grid_.records(0, Family::outbox), IsEmpty());
}

TEST_F(Participants, AreToldWhenARegistrationOfAnotherWithdrawsTheirReading) {
  send(refused_reading());
  grid_.name_sender(participant("WXYZ"));
  register_meter();
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].id.position, storage::Position(3, 0)) << "of the registration";
  EXPECT_EQ(told[0].message.version.position, storage::Position(2, 0)) << "of the reading";
  EXPECT_THAT(ids("WXYZ"), IsEmpty());
  EXPECT_TRUE(sound());
}

TEST_F(Participants, AreToldWhenALaterRegistrationAllowsTheirReading) {
  register_meter();
  send(refused_reading());
  grid_.name_sender({});
  register_meter(2, "2013-01-02");
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[1].message.allowed, morning);
  EXPECT_TRUE(told[1].message.refused.none());
  EXPECT_EQ(told[0].message.refused.all(), morning) << "what was said stays as it was";
  EXPECT_TRUE(sound());
}

TEST_F(Participants, AreToldOfBothReadingsThatContradictEachOther) {
  register_meter();
  std::vector<Entry> entries;
  entries.push_back(consumption_entry(mpan_, day_, 500, morning));
  entries.push_back(consumption_entry(mpan_, day_, 700, morning));
  grid_.append(0, received, entries);
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_THAT(ids(), ElementsAre(MessageId{{3, 1}, 0}, MessageId{{3, 1}, 1}));
  EXPECT_NE(told[0].message.version.position, told[1].message.version.position);
  for (const auto& one : told)
    EXPECT_EQ(one.message.refused.of(core::RefusalCode::contradicted), morning);
  EXPECT_TRUE(sound());
}

TEST_F(Participants, AreNotToldOfAnotherCodeForWhatIsRefusedAlready) {
  register_meter();
  std::vector<Entry> entries;
  entries.push_back(consumption_entry(mpan_, day_, 40'000, morning));
  entries.push_back(consumption_entry(mpan_, day_, 50'000, morning));
  grid_.append(0, received, entries);
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].message.refused.of(core::RefusalCode::above_maximum), morning);
  EXPECT_EQ(told[1].message.version.position, storage::Position(3, 1)) << "of the second alone";
  EXPECT_TRUE(sound());
}

TEST_F(Participants, AreNotToldAgainOfWhatTheySayAgain) {
  register_meter();
  send(refused_reading());
  send(refused_reading());
  EXPECT_THAT(ids(), SizeIs(1));
}

TEST_F(Participants, AreToldOfWhatTheySayAfterAnother) {
  register_meter();
  send(refused_reading());
  grid_.name_sender(participant("WXYZ"));
  send(refused_reading());
  const auto told = waiting("WXYZ");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].message.version.position, storage::Position(4, 0));
  EXPECT_EQ(told[0].message.refused.of(core::RefusalCode::above_maximum), morning);
  EXPECT_THAT(ids("ABCD"), SizeIs(1));
  EXPECT_TRUE(sound());
}

TEST_F(Participants, HaveAVersionOfWhatTheySayAfterAnotherThoughItIsUnchanged) {
  register_meter();
  send(consumption_entry(mpan_, day_, 500));
  grid_.name_sender(participant("WXYZ"));
  send(consumption_entry(mpan_, day_, 500));
  EXPECT_THAT(grid_.records(0, Family::consumption), SizeIs(2));
  EXPECT_TRUE(sound());
}

TEST_F(Participants, AreToldOnceOfWhatTheySayAfterAnotherAgainAndAgain) {
  register_meter();
  send(refused_reading());
  grid_.name_sender(participant("WXYZ"));
  for (std::uint32_t delivery = 2; delivery < 5; ++delivery) {
    grid_.name_delivery(delivery);
    send(refused_reading());
  }
  EXPECT_THAT(ids("WXYZ"), SizeIs(1));
  grid_.name_sender(participant("ABCD"));
  send(refused_reading());
  EXPECT_THAT(ids("ABCD"), SizeIs(1));
  EXPECT_TRUE(sound());
}

TEST_F(Participants, EachHasItsOwn) {
  register_meter();
  send(refused_reading(0));
  grid_.name_sender(participant("WXYZ"));
  send(refused_reading(1));
  EXPECT_THAT(ids("ABCD"), ElementsAre(MessageId{{3, 0}, 0}));
  EXPECT_THAT(ids("WXYZ"), ElementsAre(MessageId{{4, 0}, 0}));
}

TEST_F(Participants, WaitOverARestartAndNobodyWaitsForThem) {
  register_meter();
  send(refused_reading());
  const auto before = ids();
  grid_.reopen();
  EXPECT_EQ(ids(), before);
  EXPECT_THAT(grid_.fold(0).take_outbox(), IsEmpty()) << "nothing is on the way";
  send(refused_reading(1));
  EXPECT_EQ(count(), (ParticipantCount{2, 0, {}}));
  EXPECT_TRUE(sound());
}

// -- taken ------------------------------------------------------------------------------------

TEST_F(Participants, WhatIsTakenIsForgottenUpToItsPlaceAndTwiceIsHarmless) {
  register_meter();
  for (int n = 0; n < 4; ++n) send(refused_reading(n));
  const auto before = ids();
  ASSERT_THAT(before, SizeIs(4));
  const auto blocks = grid_.records(0, Family::block).size();
  for (int times = 0; times < 2; ++times) {
    send(took_entry("ABCD", before[1]));
    EXPECT_THAT(ids(), ElementsAre(before[2], before[3]));
    EXPECT_EQ(count(), (ParticipantCount{2, 0, before[1]}));
    EXPECT_TRUE(sound());
  }
  EXPECT_THAT(grid_.records(0, Family::actor, "r"), SizeIs(4)) << "the refusals stay";
  EXPECT_THAT(grid_.records(0, Family::block), SizeIs(blocks)) << "nothing points to such a block";
}

TEST_F(Participants, WhatComesWithinOneTurnIsTakenOneByOne) {
  send(refused_reading(0));
  send(refused_reading(1));
  register_meter();
  const auto before = ids();
  ASSERT_THAT(before, ElementsAre(MessageId{{4, 0}, 0}, MessageId{{4, 0}, 1}));
  send(took_entry("ABCD", before[0]));
  EXPECT_THAT(ids(), ElementsAre(before[1]));
}

TEST_F(Participants, OfOneAreTakenOnly) {
  register_meter();
  send(refused_reading(0));
  grid_.name_sender(participant("WXYZ"));
  send(refused_reading(1));
  send(took_entry("WXYZ", {storage::Position::greatest(), 0}));
  EXPECT_THAT(ids("ABCD"), SizeIs(1));
  EXPECT_THAT(ids("WXYZ"), IsEmpty());
  EXPECT_TRUE(sound());
}

TEST_F(Participants, WithinOneBlockWhatCameBeforeIsTakenOnceAndWhatComesAfterStays) {
  register_meter();
  send(refused_reading(0));
  std::vector<Entry> entries;
  entries.push_back(refused_reading(1));
  entries.push_back(took_entry("ABCD", {{3, 0}, 0}));
  entries.push_back(took_entry("ABCD", {storage::Position::greatest(), 0}));
  entries.push_back(took_entry("ABCD", {storage::Position::greatest(), 0}));
  entries.push_back(refused_reading(2));
  grid_.append(0, received, entries);
  EXPECT_THAT(ids(), ElementsAre(MessageId{{4, 4}, 0}));
  EXPECT_EQ(count(), (ParticipantCount{1, 0, {{4, 0}, 0}})) << "what is to come is not taken";
  EXPECT_TRUE(sound());
}

TEST_F(Participants, ThatAreNoneLeaveADeadLetter) {
  send(took_entry("nobody", {{1, 0}, 0}));
  EXPECT_EQ(grid_.fold(0).dead_letter_count(), 1u);
  send(took_entry("NONE", {{1, 0}, 0}));
  EXPECT_EQ(grid_.fold(0).dead_letter_count(), 1u) << "who is not known has nothing to forget";
  EXPECT_THAT(grid_.records(0, Family::outbox), IsEmpty());
}

TEST_F(Participants, AreNotToldWhatAFailedTurnHasSaid) {
  ParticipantOutbox outbox;
  outbox.send(participant("ABCD"), {4, 0}, "first");
  for (const auto* who : {"ABCD", "WXYZ", "ABCD"}) outbox.send(participant(who), {4, 1}, "failed");
  for (const unsigned index : {1u, 2u}) outbox.take_back({4, index});
  outbox.send(participant("ABCD"), {4, 3}, "last");
  storage::Commit commit(grid_.store(0));
  outbox.write(commit);
  ASSERT_TRUE(grid_.store(0).commit(commit, 4));
  EXPECT_THAT(grid_.records(0, Family::outbox, "p"),
              ElementsAre(Pair(testing::_, "first"), Pair(testing::_, "last")));
  EXPECT_EQ(count(), (ParticipantCount{2, 0, {}}));
  EXPECT_THAT(grid_.records(0, Family::outbox, "c"), SizeIs(1)) << "WXYZ has never been told";
}

TEST_F(Participants, OfWhomTheCountIsTooLowStopThePartition) {
  register_meter();
  send(refused_reading(0));
  storage::RecordBuilder<schema::ParticipantCountRecord> none;
  grid_.tamper(0, Family::outbox, participant_count_key(participant("ABCD")), none.bytes());
  grid_.reopen();
  EXPECT_ANY_THROW(send(took_entry("ABCD", {{3, 0}, 0})));
  EXPECT_EQ(grid_.fold(0).dead_letter_count(), 0u) << "the entry is not to blame";
}

TEST_F(Participants, AreToldOnceWhenALaterTurnOfTheBlockFails) {
  register_meter();
  send(refused_reading(0));
  std::vector<Entry> entries;
  entries.push_back(refused_reading(1));
  for (const auto* who : {"ABCD", "nobody"}) entries.push_back(took_entry(who, {{3, 0}, 0}));
  entries.push_back(refused_reading(2));
  grid_.append(0, received, entries);
  EXPECT_THAT(ids(), ElementsAre(MessageId{{4, 0}, 0}, MessageId{{4, 3}, 0}));
  EXPECT_EQ(count(), (ParticipantCount{2, 0, {{3, 0}, 0}}));
  EXPECT_TRUE(sound());
}

// -- bounded ----------------------------------------------------------------------------------

TEST_F(Participants, BeyondTheLimitTheNewestAreCountedAndNotKept) {
  register_meter();
  send(refused_reading(0));
  storage::RecordBuilder<schema::ParticipantCountRecord> nearly_full;
  nearly_full->setWaiting(core::participant_messages_max - 1);
  grid_.tamper(0, Family::outbox, participant_count_key(participant("ABCD")), nearly_full.bytes());
  grid_.reopen();
  std::vector<Entry> entries;
  for (int n = 1; n <= 3; ++n) entries.push_back(refused_reading(n));
  grid_.append(0, received, entries);
  EXPECT_THAT(ids(), SizeIs(2));
  EXPECT_EQ(count(), (ParticipantCount{core::participant_messages_max, 2, {}}));
  EXPECT_THAT(grid_.records(0, Family::actor, "r"), SizeIs(4)) << "all can be listed";

  send(took_entry("ABCD", ids()[0]));
  send(refused_reading(4));
  EXPECT_THAT(ids(), SizeIs(2)) << "there is room again";
  EXPECT_EQ(count().dropped, 2u);
}

TEST_F(Participants, BeyondTheLimitOfAllTogetherNobodysAreKept) {
  register_meter();
  send(refused_reading(0));
  storage::RecordBuilder<schema::ParticipantCountRecord> full;
  full->setWaiting(core::participant_messages_max);
  const std::uint64_t others = core::waiting_messages_max / core::participant_messages_max;
  for (std::uint64_t n = 0; n < others; ++n)
    grid_.tamper(0, Family::outbox, participant_count_key(participant(fmt::format("X{:03}", n))),
                 full.bytes());
  grid_.reopen();
  send(refused_reading(1));
  EXPECT_THAT(ids(), SizeIs(1));
  EXPECT_EQ(count(), (ParticipantCount{1, 1, {}}));
}

}  // namespace
}  // namespace hhgrid::actors::test
