#include "actors/host/participant_outbox.hpp"

#include <gmock/gmock.h>

#include "actors/meter/refusal_message.hpp"
#include "actors/verify/check.hpp"
#include "core/rule_set.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr core::Instant received{1'000};
constexpr std::uint64_t morning = 0b1111;

core::ParticipantId participant(const char* text) {
  return core::ParticipantId::parse(text).value();
}

Entry took_entry(const char* who, const MessageId& last) {
  storage::EntryScratch scratch;
  return storage::copy_words(scratch.build([&](schema::Entry::Builder entry) {
    auto took = entry.initParticipantTook();
    took.setParticipant(who);
    took.setPosition(last.position.number());
    took.setN(last.n);
  }));
}

/// A partition that judges readings, which ABCD sends unless a test says otherwise.
class Participants : public testing::Test {
 protected:
  Participants() {
    storage::EntryScratch scratch;
    grid_.append(0, received, storage::copy_words(storage::encode_consumption_limits({}, scratch)));
    grid_.name_sender(participant("ABCD"));
  }

  struct Told {
    MessageId id;
    RefusalMessage message;
  };
  /// What waits, in the order in which it is taken.
  std::vector<Told> waiting(const char* who = "ABCD") {
    std::vector<Told> told;
    const auto read =
        each_waiting(grid_.store(0), participant(who), [&](const MessageId& id, auto record) {
          told.push_back({id, read_refusal_message(record)});
          return true;
        });
    EXPECT_TRUE(read) << read.error().text;
    return told;
  }
  std::vector<MessageId> ids(const char* who = "ABCD") {
    std::vector<MessageId> ids;
    for (const auto& told : waiting(who)) ids.push_back(told.id);
    return ids;
  }
  ParticipantCount count(const char* who = "ABCD") {
    return participant_counts
        .get(grid_.store(0), participant_count_key(participant(who)), read_participant_count)
        .value()
        .value_or(ParticipantCount());
  }

  void register_meter(unsigned connection = 0, std::string_view from = "2013-01-01") {
    auto terms = terms_variant(0);
    terms.connection = static_cast<core::ConnectionType>(connection);
    grid_.append(mpan_, received,
                 registration_entry(mpan_, settlement_day(from), core::open_ended, terms));
  }
  /// A reading that the registration does not allow, of the n-th day.
  Entry refused_reading(int n = 0, std::uint64_t periods = morning) const {
    return consumption_entry(mpan_, day_ + n, 40'000, periods);
  }
  void send(Entry entry) { grid_.append(mpan_, received, std::move(entry)); }

  testing::AssertionResult sound() {
    const auto report = check_stores(grid_.stores(), FoldGrid::calendar(), 2);
    auto result = report.sound() ? testing::AssertionSuccess() : testing::AssertionFailure();
    for (const auto& d : report.damage) result << d.family << " " << d.key << ": " << d.cause;
    return result;
  }

  FoldGrid grid_{1};
  const core::Mpan mpan_ = meter_mpan(1);
  const core::UtcDay day_ = utc_day("2013-01-15");
};

TEST_F(Participants, AreToldWhatIsRefusedOfTheirReadings) {
  register_meter();
  send(refused_reading());
  const auto told = waiting();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].id, (MessageId{{3, 0}, 0}));
  EXPECT_EQ(told[0].message.version.mpan, mpan_.number());
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

TEST_F(Participants, AreNotToldAgainOfWhatIsSaidAgain) {
  register_meter();
  send(refused_reading());
  send(refused_reading());
  EXPECT_THAT(ids(), SizeIs(1));
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

// -- checked ----------------------------------------------------------------------------------

/// One message, and where it stands.
class ParticipantsCheck : public Participants {
 protected:
  ParticipantsCheck() {
    register_meter();
    send(refused_reading());
    told_ = waiting().at(0);
  }
  void put(const core::ParticipantId& who, const MessageId& id, const RefusalMessage& message) {
    grid_.tamper(0, Family::outbox, participant_message_key(who, id),
                 refusal_message_record(message));
  }
  testing::AssertionResult finds(std::string_view cause) {
    const auto result = sound();
    if (!result && std::string_view(result.message()).find(cause) != std::string_view::npos)
      return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.message();
  }
  Told told_;
};

TEST_F(ParticipantsCheck, FindsAMessageThatSaysAnotherThing) {
  auto message = told_.message;
  message.refused.by_code[0] = std::exchange(message.refused.by_code[2], 0);
  put(participant("ABCD"), told_.id, message);
  EXPECT_TRUE(finds("is not what the versions give"));
}

TEST_F(ParticipantsCheck, FindsAMessageAboutAVersionThatIsNotThere) {
  auto message = told_.message;
  message.version.mpan = meter_mpan(2).number();
  put(participant("ABCD"), told_.id, message);
  EXPECT_TRUE(finds("its version is not there"));
}

TEST_F(ParticipantsCheck, FindsAMessageToSomebodyElse) {
  put(participant("WXYZ"), told_.id, told_.message);
  EXPECT_TRUE(finds("is about a reading that another has sent"));
  EXPECT_TRUE(finds("is missing, while 1 messages wait"));
}

TEST_F(ParticipantsCheck, FindsAMessageOfAnotherTurn) {
  send(consumption_entry(mpan_, day_ + 1, 500));
  grid_.remove(0, Family::outbox, participant_message_key(participant("ABCD"), told_.id));
  put(participant("ABCD"), {{4, 0}, 0}, told_.message);
  EXPECT_TRUE(finds("is not what the versions give"));
}

TEST_F(ParticipantsCheck, FindsALostMessageByTheCount) {
  grid_.remove(0, Family::outbox, participant_message_key(participant("ABCD"), told_.id));
  EXPECT_TRUE(finds("counts 1 messages, there are 0"));
}

TEST_F(ParticipantsCheck, FindsAMessageThatHasBeenTaken) {
  storage::RecordBuilder<schema::ParticipantCountRecord> record;
  record->setWaiting(1);
  record->setTakenPosition(told_.id.position.number());
  grid_.tamper(0, Family::outbox, participant_count_key(participant("ABCD")), record.bytes());
  EXPECT_TRUE(finds("a message waits that has been taken"));
}

TEST_F(ParticipantsCheck, FindsMoreThanMayWait) {
  storage::RecordBuilder<schema::ParticipantCountRecord> record;
  record->setWaiting(core::participant_messages_max + 1);
  grid_.tamper(0, Family::outbox, participant_count_key(participant("ABCD")), record.bytes());
  EXPECT_TRUE(finds("more messages wait than may"));
}

}  // namespace
}  // namespace hhgrid::actors::test
