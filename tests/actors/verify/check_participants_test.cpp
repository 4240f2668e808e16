#include "actors/verify/check_participants.hpp"

#include "storage/wire/record.hpp"
#include "tests/actors/host/participants_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

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
                 participant_message_record(message));
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
  message.version.mpan = meter_mpan(2);
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

TEST_F(ParticipantsCheck, FindsWhatIsToldOfAnothersReadingSoundBeforeAndAfterItsContradiction) {
  grid_.name_sender(participant("WXYZ"));
  grid_.name_delivery(2);
  send(refused_reading());  // what ABCD has sent
  ASSERT_EQ(ids("WXYZ").size(), 1u) << "refused again, and told so";
  EXPECT_EQ(waiting("WXYZ")[0].message.refused, told_.message.refused);
  EXPECT_TRUE(sound());
  send(consumption_entry(mpan_, day_, 41'000, morning));  // and now otherwise
  EXPECT_EQ(ids("WXYZ").size(), 2u) << "of the first only the code is another";
  EXPECT_EQ(ids("ABCD").size(), 1u);
  EXPECT_TRUE(sound());
}

TEST_F(ParticipantsCheck, FindsWhatIsToldOfARepeatThatHasBecomeAVersionSound) {
  grid_.name_delivery(2);
  send(refused_reading());  // what it has sent before: a trace
  ASSERT_EQ(ids().size(), 1u);
  send(consumption_entry(mpan_, day_, 2, morning));  // and now otherwise
  EXPECT_EQ(ids().size(), 3u) << "of the repeat, and of what contradicts it";
  EXPECT_TRUE(sound());
  register_meter(2, "2013-01-02");
  EXPECT_TRUE(sound());
}

TEST_F(ParticipantsCheck, FindsAMessageOfARepeatThatSaysAnotherThing) {
  grid_.name_delivery(2);
  send(refused_reading());
  send(consumption_entry(mpan_, day_, 2, morning));
  auto message = waiting().at(1);
  message.message.refused.by_code[0] = std::exchange(message.message.refused.by_code[2], 0);
  put(participant("ABCD"), message.id, message.message);
  EXPECT_TRUE(finds("is not what the versions give"));
}

/// Two annual consumptions, two registers and two bank holidays of one delivery, each pair about
/// the same.
class ContradictionsCheck : public ParticipantsCheck {
 protected:
  ContradictionsCheck() {
    grid_.name_delivery(1);
    for (const core::WattHours energy_wh : {1000, 2000}) {
      storage::AnnualConsumption annual{mpan_};
      annual.effective_from = settlement_day("2013-01-01");
      annual.energy_wh = energy_wh;
      annual.quality = 'D';
      storage::EntryScratch scratch;
      send(storage::copy_words(storage::encode_annual_consumption(annual, scratch)));
    }
    for (const core::WattHours maximum_wh : {4'000, 5'000})
      send(meter_register_entry(mpan_, {1'357'000'000'000}, maximum_wh));
    for (const char* name : {"a", "b"}) {
      storage::EntryScratch scratch;
      grid_.append_standing(
          received, storage::copy_words(storage::encode_bank_holiday({15'000, name}, scratch)));
    }
  }
  std::vector<std::pair<MessageId, ContradictedEntry>> told(storage::PartitionId partition) {
    std::vector<std::pair<MessageId, ContradictedEntry>> told;
    const auto read = each_waiting(
        grid_.store(partition), participant("ABCD"), [&](const MessageId& id, auto record) {
          const auto message = read_participant_message(record);
          if (const auto* entry = std::get_if<ContradictedEntry>(&message))
            told.emplace_back(id, *entry);
          return true;
        });
    EXPECT_TRUE(read) << read.error().text;
    return told;
  }
  void put(storage::PartitionId partition, const MessageId& id, const ContradictedEntry& entry) {
    grid_.tamper(partition, Family::outbox, participant_message_key(participant("ABCD"), id),
                 participant_message_record(entry));
  }
};

TEST_F(ContradictionsCheck, FindsWhatEntriesTellSound) {
  EXPECT_EQ(told(0).size(), 4u);
  EXPECT_EQ(told(grid_.market()).size(), 2u);
  EXPECT_TRUE(sound());
}

TEST_F(ContradictionsCheck, FindsAMessageThatSaysAnotherThing) {
  for (const auto partition : {storage::PartitionId{0}, grid_.market()}) {
    const auto [id, entry] = told(partition).front();
    auto other = entry;
    other.day = *entry.day + 1;
    put(partition, id, other);
    EXPECT_TRUE(finds("is not what the entry was"));
    other = entry;
    other.periods = 1;
    put(partition, id, other);
    EXPECT_TRUE(finds("is not what the entry was"));
    put(partition, id, entry);
    EXPECT_TRUE(sound());
  }
}

TEST_F(ContradictionsCheck, FindsAMessageAboutWhatIsNotRefused) {
  auto [id, entry] = told(0).front();
  entry.kind = ContradictedEntry::Kind::registration;
  put(0, id, entry);
  EXPECT_TRUE(finds("is not what the entry was"));
  entry.address = "meter/1";
  put(0, id, entry);
  EXPECT_TRUE(finds("is about no meter"));
  auto [row_id, row] = told(grid_.market()).front();
  put(grid_.market(), {row.position, 0}, row);
  EXPECT_TRUE(finds("its entry is not refused"));
}

}  // namespace
}  // namespace hhgrid::actors::test
