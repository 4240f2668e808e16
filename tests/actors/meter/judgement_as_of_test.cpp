#include "actors/meter/judgement_as_of.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <variant>

#include "actors/meter/versions.hpp"
#include "tests/actors/meter/meter_messages.hpp"

namespace hhgrid::actors::test {
namespace {

using core::ConnectionType;

constexpr core::Instant first{1'000}, second{2'000}, third{3'000};

struct Received {
  std::variant<MeterRegistration, storage::MeterRegister, Consumption> message;
  core::Instant at;
};

/// A meter that takes messages, those of one time as one delivery, every other of a participant
/// that is named, and what counts of it as of a cut-off.
class Journal {
 public:
  Journal() {
    meter_.set_maximum({});
    limits_.take({}, {1, 0});
    for (const auto& terms :
         {terms_of(ConnectionType::whole_current), terms_of(ConnectionType::high_voltage),
          terms_of(ConnectionType::whole_current, false)}) {
      meter_.add_terms(terms);
      terms_.intern(terms);
    }
  }

  void take(const Received& received) {
    times_.push_back(received.at);
    const storage::SenderId delivery{7, static_cast<std::uint64_t>(received.at.milliseconds)};
    meter_.name_sender(received.at.milliseconds % 2'000 == 0
                           ? core::ParticipantId::parse("ABCD").value()
                           : core::ParticipantId());
    std::visit([&](const auto& message) { meter_.give(message, delivery, received.at); },
               received.message);
  }

  MeterDay counting(core::Instant cutoff) const {
    const AsOf as_of(meter_.position(), cutoff,
                     [this](storage::Position p) { return times_.at(p.block() - 1); });
    JudgementAsOf judgement(FoldGrid::calendar(), terms_, limits_, as_of);
    judgement.add(meter_mpan(1), meter_.state());
    return counting_day(meter_.stored(reading_day), judgement);
  }

 private:
  LoneMeter meter_{meter_mpan(1)};
  TermsTable terms_;
  LimitsTable limits_;
  std::vector<core::Instant> times_;
};

constexpr TermsId small = 0, large = 1, dead = 2;

TEST(JudgementAsOf, ARegistrationThatLiesFirstAndWasReceivedLaterRefusesNothingBefore) {
  Journal journal;
  journal.take({registration(large), first});
  journal.take({registration(small, settlement_day("2013-01-01")), third});
  journal.take({reading(40'000), second});
  EXPECT_EQ(journal.counting(second).present, all_periods_mask);
  EXPECT_EQ(journal.counting(third).present, 0u);
}

TEST(JudgementAsOf, WhatALaterOneAllowsWasRefusedBeforeIt) {
  Journal journal;
  journal.take({registration(dead), first});
  journal.take({registration(small, settlement_day("2013-01-01")), third});
  journal.take({reading(5, all_periods_mask, core::Quality::e1), second});
  EXPECT_EQ(journal.counting(second).present, 0u);
  EXPECT_EQ(journal.counting(third).present, all_periods_mask);
}

TEST(JudgementAsOf, AContradictionThatWasReceivedLaterRefusesNothingBefore) {
  // The registration of the second time lies behind the contradiction of the third.
  LoneMeter meter(meter_mpan(1));
  meter.set_maximum({});
  for (const auto connection : {ConnectionType::whole_current, ConnectionType::high_voltage})
    meter.add_terms(terms_of(connection));
  meter.give(registration(small), {1, 1}, first);
  meter.give(reading(40'000), {2, 2}, first);
  meter.give(reading(41'000, 0b1), {2, 2}, third);
  meter.give(registration(large, settlement_day("2013-01-01")), {3, 3}, second);
  const std::vector<core::Instant> times{first, first, third, second};
  const AsOf as_of(meter.position(), second,
                   [&](storage::Position p) { return times.at(p.block() - 1); });
  EXPECT_EQ(counting_day(meter.stored(reading_day), as_of).present, all_periods_mask);
  EXPECT_EQ(meter.counting(reading_day).present, all_periods_mask & ~std::uint64_t{1});
}

/// Messages in any order of the journal and of receipt.
std::vector<Received> messages(std::mt19937_64& random) {
  std::vector<Received> made;
  const auto some_time = [&] {
    return core::Instant{1'000 * static_cast<std::int64_t>(random() % 4 + 1)};
  };
  for (auto n = random() % 3 + 1; n > 0; --n) {
    // Each with a first day of its own: of two with the same the last one counts.
    const auto from = always + static_cast<int>(n) * 100;
    const auto to = random() % 3 == 0 ? settlement_day("2013-01-14") : core::open_ended;
    made.push_back({registration(static_cast<TermsId>(random() % 3), from, to), some_time()});
  }
  for (auto n = random() % 3; n > 0; --n) {
    const core::WattHours maximum = random() % 2 == 0 ? 400 : 50'000;
    // Each fitted at a time of its own.
    const auto seconds = static_cast<std::int64_t>(n * 20'000 + random() % 20'000);
    made.push_back({meter_register(maximum, {reading_day.value * core::ms_per_utc_day +
                                             (seconds - 20'000) * 1'000}),
                    some_time()});
  }
  constexpr core::WattHours energies[] = {0, 500, 40'000};
  constexpr core::Quality qualities[] = {core::Quality::a, core::Quality::e1};
  for (auto n = random() % 5 + 1; n > 0; --n) {
    const auto periods = random() % 2 == 0 ? all_periods_mask : random() & all_periods_mask;
    if (periods == 0) continue;
    made.push_back(
        {reading(energies[random() % 3], periods, qualities[random() % 4 == 0]), some_time()});
  }
  std::shuffle(made.begin(), made.end(), random);
  return made;
}

TEST(JudgementAsOf, AtEveryCutOffThatCountsWhatAMeterHasThatWasToldNoMore) {
  std::size_t differing = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    std::mt19937_64 random(seed);
    const auto all = messages(random);
    Journal whole;
    for (const auto& message : all) whole.take(message);
    for (std::int64_t cutoff = 1'000; cutoff <= 4'000; cutoff += 1'000) {
      Journal known;
      for (const auto& message : all)
        if (message.at.milliseconds <= cutoff) known.take(message);
      const auto was = known.counting({cutoff}), is = whole.counting({cutoff});
      ASSERT_EQ(is.present, was.present) << "seed " << seed << " cut-off " << cutoff;
      ASSERT_EQ(differing_periods(is, was, was.present), 0u) << "seed " << seed;
      differing += is.present != whole.counting({4'000}).present;
    }
  }
  EXPECT_GT(differing, 1000u) << "or the cut-offs show nothing";
}

}  // namespace
}  // namespace hhgrid::actors::test
