#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>

#include "actors/host/participant_outbox.hpp"
#include "actors/meter/refusal_message.hpp"
#include "actors/verify/check.hpp"
#include "core/rule_set.hpp"
#include "storage/wire/entry_codec.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {

inline constexpr core::Instant received{1'000};
inline constexpr std::uint64_t morning = 0b1111;

inline core::ParticipantId participant(std::string_view text) {
  return core::ParticipantId::parse(text).value();
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
          told.push_back({id, std::get<RefusalMessage>(read_participant_message(record))});
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

}  // namespace hhgrid::actors::test
