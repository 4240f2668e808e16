#include "actors/meter/registration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "actors/meter/annual_consumption.hpp"
#include "actors/meter/refusal_message.hpp"
#include "tests/actors/meter/meter_messages.hpp"

namespace hhgrid::actors::test {
namespace {

using core::ConnectionType;
using core::RefusalCode;

class MeterRegistrationTurn : public testing::Test {
 protected:
  MeterRegistrationTurn() { meter_.set_maximum({}); }
  LoneMeter meter_{meter_mpan(1)};
  const TermsId small_ = meter_.add_terms(terms_of(ConnectionType::whole_current)),
                large_ = meter_.add_terms(terms_of(ConnectionType::high_voltage)),
                dead_ = meter_.add_terms(terms_of(ConnectionType::whole_current, false));
};

TEST_F(MeterRegistrationTurn, VolumesThatCameBeforeItMoveToItsTerms) {
  meter_.give(reading(500));
  EXPECT_TRUE(meter_.volumes().empty());
  meter_.give(registration(small_));
  EXPECT_EQ(meter_.volumes().size(), 48u);
  EXPECT_EQ(meter_.counted(), 48);
}

TEST_F(MeterRegistrationTurn, AReadingThatItDoesNotAllowIsWithdrawn) {
  meter_.give(reading(40'000));
  const auto& effects = meter_.give(registration(small_));
  EXPECT_EQ(effects.refused_periods, 48u);
  EXPECT_TRUE(meter_.volumes().empty());
  EXPECT_EQ(meter_.masks_of(reading_day), (PeriodMasks{0, all_periods_mask}));
  ASSERT_EQ(meter_.refusals().size(), 1u);
  EXPECT_EQ(meter_.refusals().begin()->second.of(RefusalCode::above_maximum), all_periods_mask);
  const auto versions = meter_.stored(reading_day);
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[1].key.n, 1u);
  EXPECT_EQ(versions[1].derived->rule, DerivationRule::registration);
}

TEST_F(MeterRegistrationTurn, WhatItWithdrawsAndWhatItAllowsIsToldOfTheReading) {
  meter_.give(reading(40'000));
  const auto sent = meter_.position();
  const auto& withdrawn = meter_.give(registration(small_)).refusals;
  ASSERT_EQ(withdrawn.size(), 1u);
  EXPECT_EQ(withdrawn[0].version.position, sent);
  EXPECT_EQ(message_of(withdrawn[0]).refused.of(RefusalCode::above_maximum), all_periods_mask);
  EXPECT_EQ(message_of(withdrawn[0]).allowed, 0u);
  const auto& allowed = meter_.give(registration(large_, settlement_day("2013-01-01"))).refusals;
  ASSERT_EQ(allowed.size(), 1u);
  EXPECT_EQ(allowed[0].version.position, sent);
  EXPECT_TRUE(message_of(allowed[0]).refused.none());
  EXPECT_EQ(message_of(allowed[0]).allowed, all_periods_mask);
}

TEST_F(MeterRegistrationTurn, AReadingThatTheLaterOneAllowsCounts) {
  meter_.give(registration(small_));
  meter_.give(reading(40'000));
  EXPECT_TRUE(meter_.volumes().empty());
  meter_.give(registration(large_, settlement_day("2013-01-01")));
  EXPECT_EQ(meter_.volumes().size(), 48u);
  EXPECT_TRUE(meter_.refusals().empty());
  EXPECT_EQ(meter_.masks_of(reading_day), (PeriodMasks{all_periods_mask, 0}));
}

TEST_F(MeterRegistrationTurn, OfADeEnergisedMeterOnlyEstimatesAreWithdrawn) {
  meter_.give(reading(5, 0b01, core::Quality::e1));
  meter_.give(reading(5, 0b10));
  meter_.give(registration(dead_));
  EXPECT_EQ(meter_.counting(reading_day).present, 0b10u);
}

TEST_F(MeterRegistrationTurn, WhatADeliveryContradictedStaysRefused) {
  meter_.give(reading(500), {1, 1});
  meter_.give(reading(0), {1, 1});
  meter_.give(registration(small_));
  EXPECT_EQ(meter_.counting(reading_day).present, 0u);
  for (const auto& [version, refused] : meter_.refusals())
    EXPECT_EQ(refused.of(RefusalCode::contradicted), all_periods_mask);
}

/// Between the two that contradict each other the first of them counts, and not what stood before.
TEST_F(MeterRegistrationTurn, TheSameAgainIsOneMoreWhereAContradictedOneStoodAtACutOff) {
  const auto at = [](std::int64_t n) { return core::Instant{n}; };
  meter_.give(registration(small_), {7, 1}, at(1));
  meter_.give(registration(large_), {7, 2}, at(5));
  meter_.give(registration(dead_), {7, 2}, at(10));
  EXPECT_EQ(meter_.give(registration(small_), {7, 3}, at(11)).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(registration(small_), {7, 3}, at(7)).answer, Answer::accepted);
}

TEST_F(MeterRegistrationTurn, TheSameAgainIsUnchanged) {
  meter_.give(registration(small_));
  EXPECT_EQ(meter_.give(registration(small_)).answer, Answer::unchanged);
  EXPECT_EQ(meter_.state().registrations.size(), 1u);
}

TEST_F(MeterRegistrationTurn, TwoOfOneDeliveryThatDifferAreBothRefused) {
  meter_.give(reading(500));
  meter_.give(registration(small_), {1, 1});
  meter_.give(registration(dead_, settlement_day("2030-01-01")), {1, 1});
  const auto& effects = meter_.give(registration(large_), {1, 1});
  EXPECT_EQ(effects.answer, Answer::refused);
  EXPECT_EQ(effects.contradicted.size(), 2u);
  EXPECT_TRUE(meter_.volumes().empty());
  ASSERT_EQ(counting_registrations(meter_.state()).size(), 1u);
  EXPECT_EQ(meter_.give(registration(small_), {1, 1}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(registration(dead_), {1, 1}).contradicted.size(), 1u);
  EXPECT_EQ(counting_registrations(meter_.state()).size(), 1u);
}

TEST_F(MeterRegistrationTurn, AContradictionLetsTheRegistrationOfAnEarlierDeliveryCountAgain) {
  meter_.give(reading(500));
  meter_.give(registration(large_), {1, 1});
  meter_.give(registration(dead_), {2, 2});
  meter_.give(registration(small_), {2, 2});
  EXPECT_EQ(governing_terms(meter_.state(), always), large_);
  EXPECT_EQ(meter_.volumes().size(), 48u);
  meter_.give(registration(small_), {3, 3});
  EXPECT_EQ(governing_terms(meter_.state(), always), small_);
}

TEST_F(MeterRegistrationTurn, ARepeatIsRefusedWithWhatItsDeliverySaysElse) {
  meter_.give(registration(large_), {1, 1});
  EXPECT_EQ(meter_.give(registration(large_), {2, 2}).answer, Answer::unchanged);
  meter_.give(registration(small_, always + 100), {2, 2});
  EXPECT_EQ(meter_.give(registration(small_), {2, 2}).contradicted.size(), 2u);
  EXPECT_EQ(governing_terms(meter_.state(), always), large_);
  EXPECT_EQ(governing_terms(meter_.state(), always + 100), small_);
  EXPECT_EQ(meter_.give(registration(large_), {2, 2}).answer, Answer::unchanged);
  EXPECT_EQ(meter_.give(registration(dead_), {2, 2}).contradicted.size(), 1u);
  EXPECT_EQ(governing_terms(meter_.state(), always), large_);
}

TEST_F(MeterRegistrationTurn, ARepeatCountsWhenWhatItRepeatsIsContradicted) {
  meter_.give(registration(dead_), {0, 0});
  meter_.give(registration(large_), {1, 1});
  meter_.give(registration(large_), {2, 2});
  EXPECT_EQ(meter_.state().registrations.size(), 2u);
  EXPECT_EQ(meter_.give(registration(small_), {1, 1}).contradicted.size(), 2u);
  EXPECT_EQ(governing_terms(meter_.state(), always), large_);
}

TEST_F(MeterRegistrationTurn, ARegistrationCountsUntilTheEntryThatContradictsIt) {
  meter_.give(registration(small_), {1, 1});
  const auto first = meter_.state().registrations.front().position;
  meter_.give(registration(large_), {1, 1});
  const AsOf then(first, core::Instant{1'000}, [](storage::Position) { return core::Instant{}; });
  EXPECT_EQ(governing_terms(meter_.state(), always, then), small_);
  EXPECT_EQ(governing_terms(meter_.state(), always), std::nullopt);
}

// -- order changes nothing ------------------------------------------------------------------------

/// What must not depend on the order in which messages came: what counts, what is refused and why,
/// and the volumes.
struct Outcome {
  MeterDay counting;
  PeriodMasks masks;
  LoneMeter::Volumes volumes;
  std::int64_t counted = 0;
  /// Of whom which half hour with which energy is refused with which code; not at which position.
  std::vector<std::tuple<std::string, std::size_t, core::WattHours, int, int>> refused;
};

bool same(const Outcome& a, const Outcome& b) {
  return a.masks == b.masks && a.counting.present == b.counting.present &&
         differing_periods(a.counting, b.counting, a.counting.present) == 0 &&
         a.volumes == b.volumes && a.counted == b.counted && a.refused == b.refused;
}

Outcome outcome_of(const LoneMeter& meter) {
  Outcome outcome{meter.counting(reading_day),
                  meter.masks_of(reading_day),
                  meter.volumes(),
                  meter.counted(),
                  {}};
  for (const auto& version : meter.stored(reading_day)) {
    const auto refused = meter.refusals().find(version.key);
    if (refused == meter.refusals().end()) continue;
    for (int code = 0; code < core::refusal_code_count; ++code)
      core::each_period(
          refused->second.by_code[static_cast<std::size_t>(code)], [&](std::size_t i) {
            outcome.refused.emplace_back(meter.sender_of(version.key.position).to_string(), i,
                                         version.values.energy_wh[i],
                                         static_cast<int>(version.values.quality[i]), code);
          });
  }
  // What a participant says alike in several deliveries is refused of each that has a version.
  std::sort(outcome.refused.begin(), outcome.refused.end());
  outcome.refused.erase(std::unique(outcome.refused.begin(), outcome.refused.end()),
                        outcome.refused.end());
  return outcome;
}

/// One delivery of readings that overlap, repeat and contradict each other, registrations, and
/// registers with limits of their own, which may contradict each other too; and
/// the readings of another before it, which may be another participant's.
class Messages {
 public:
  explicit Messages(std::mt19937_64& random) {
    for (auto n = random() % 3 + 1; n > 0; --n) {
      // Each with a first day of its own: of two with the same the last one counts.
      const auto from = always + static_cast<int>(n) * 100;
      const auto to = random() % 3 == 0 ? settlement_day("2013-01-14") : core::open_ended;
      registrations_.push_back(registration(static_cast<TermsId>(random() % 3), from, to));
    }
    for (auto n = random() % 3; n > 0; --n) {
      // Likewise: of two fitted at one time the greater counts.
      registers_.push_back(meter_register(random() % 2 == 0 ? 400 : 50'000,
                                          {reading_day.value * core::ms_per_utc_day +
                                           static_cast<std::int64_t>(random() % 40) * 1'000'000}));
    }
    if (random() % 3 != 0) sender_ = core::ParticipantId::parse("WXYZ").value();
    if (random() % 3 != 0) sender_before_ = core::ParticipantId::parse("ABCD").value();
    for (auto n = random() % 3; n > 0; --n) before_.push_back(some_reading(random));
    for (auto n = random() % 5 + 1; n > 0; --n) readings_.push_back(some_reading(random));
  }

  Outcome in_order(std::mt19937_64& random) const {
    LoneMeter meter(meter_mpan(1));
    meter.set_maximum({});
    meter.add_terms(terms_of(ConnectionType::whole_current));
    meter.add_terms(terms_of(ConnectionType::high_voltage));
    meter.add_terms(terms_of(ConnectionType::whole_current, false));
    meter.name_sender(sender_before_);
    for (const auto& message : before_) meter.give(message, {1, 1});
    meter.name_sender(sender_);
    std::vector<std::size_t> order(registrations_.size() + registers_.size() + readings_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (const auto i : order) {
      if (i < registrations_.size())
        meter.give(registrations_[i], {7, 7});
      else if (i < registrations_.size() + registers_.size())
        meter.give(registers_[i - registrations_.size()], {7, 7});
      else
        meter.give(readings_[i - registrations_.size() - registers_.size()], {7, 7});
    }
    return outcome_of(meter);
  }

 private:
  static Consumption some_reading(std::mt19937_64& random) {
    constexpr core::WattHours energies[] = {0, 500, 40'000};
    constexpr core::Quality qualities[] = {core::Quality::a, core::Quality::e1};
    const auto energy = energies[random() % 3];
    const auto periods = random() % 2 == 0 ? all_periods_mask : random() & all_periods_mask;
    return reading(energy, periods | 1, qualities[random() % 4 == 0]);
  }

  std::vector<MeterRegistration> registrations_;
  std::vector<storage::MeterRegister> registers_;
  std::vector<Consumption> before_, readings_;
  core::ParticipantId sender_before_, sender_;  // empty: nobody is named
};

TEST(Order, OfTheMessagesOfADeliveryChangesNothing) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    const Messages messages(random);
    const Outcome first = messages.in_order(random);
    for (int again = 0; again < 6; ++again)
      ASSERT_TRUE(same(messages.in_order(random), first)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hhgrid::actors::test
