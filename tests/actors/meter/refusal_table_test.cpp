#include "actors/meter/refusal_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "actors/meter/versions.hpp"
#include "actors/verify/check.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

constexpr core::Instant told{1'000}, afterwards{2'000};

Entry limits_entry(const core::MaximumEnergy& maximum = {}) {
  storage::EntryScratch scratch;
  return storage::copy_words(storage::encode_consumption_limits(maximum, scratch));
}

/// A partition that has been told the limits.
class Refusals : public testing::Test {
 protected:
  Refusals() { grid_.append(0, told, limits_entry()); }
  std::size_t kept() const { return grid_.records(0, Family::actor, refusal_tag).size(); }
  void read(core::WattHours energy_wh, std::uint64_t periods = core::all_periods_mask) {
    grid_.append(mpan_, told, consumption_entry(mpan_, day_, energy_wh, periods));
  }
  void register_with(unsigned terms, core::SettlementDay from) {
    grid_.append(mpan_, afterwards,
                 registration_entry(mpan_, from, core::open_ended, terms_of(terms)));
  }
  static core::Terms terms_of(unsigned connection) {
    auto terms = terms_variant(0);
    terms.connection = static_cast<core::ConnectionType>(connection);
    return terms;
  }
  testing::AssertionResult sound() {
    const auto report = check_stores(grid_.stores(), FoldGrid::calendar(), 2);
    auto result = report.sound() ? testing::AssertionSuccess() : testing::AssertionFailure();
    for (const auto& d : report.damage) result << d.family << " " << d.key << ": " << d.cause;
    return result;
  }
  MeterDay counting() {
    return read_counting_day(grid_.store(0), day_, mpan_, core::MeasurementQuantity::active_import)
        .value();
  }

  FoldGrid grid_{1};
  const core::Mpan mpan_ = meter_mpan(1);
  const core::UtcDay day_ = utc_day("2013-01-15");
  const core::SettlementDay from_ = settlement_day("2013-01-01");
};

TEST_F(Refusals, AreKeptWithTheirVersionAndHoldAgainstTheCheck) {
  register_with(0, from_);
  read(40'000, 0b01);
  read(500, 0b10);
  EXPECT_EQ(kept(), 1u);
  EXPECT_EQ(counting().present, 0b10u);
  EXPECT_TRUE(sound());
}

TEST_F(Refusals, AreMadeAndUnmadeByRegistrationsThatComeLater) {
  read(40'000);
  EXPECT_EQ(kept(), 0u);
  register_with(0, from_);
  EXPECT_EQ(kept(), 1u);
  EXPECT_EQ(counting().present, 0u);
  EXPECT_TRUE(sound());
  register_with(2, from_ + 1);
  EXPECT_EQ(kept(), 0u);
  EXPECT_EQ(counting().present, all_periods_mask);
  EXPECT_TRUE(sound()) << "several versions follow from one registration";
}

TEST_F(Refusals, OfOneBlockAreJudgedTogether) {
  std::vector<Entry> entries;
  entries.push_back(consumption_entry(mpan_, day_, 40'000, all_periods_mask & ~0b11ull));
  entries.push_back(registration_entry(mpan_, from_, core::open_ended, terms_of(0)));
  entries.push_back(consumption_entry(mpan_, day_, 500, 0b11));
  grid_.append(0, told, entries);
  EXPECT_EQ(kept(), 1u);
  EXPECT_EQ(counting().present, 0b11u);
  EXPECT_TRUE(sound());
}

TEST_F(Refusals, SurviveARestart) {
  read(40'000);
  register_with(0, from_);
  grid_.reopen();
  EXPECT_EQ(kept(), 1u);
  register_with(2, from_ + 1);
  EXPECT_EQ(kept(), 0u);
  EXPECT_TRUE(sound());
}

TEST_F(Refusals, OfALostRecordTheCheckTells) {
  register_with(0, from_);
  read(40'000);
  const auto records = grid_.records(0, Family::actor, refusal_tag);
  ASSERT_EQ(records.size(), 1u);
  grid_.remove(0, Family::actor, records.begin()->first);
  EXPECT_FALSE(sound());
}

TEST_F(Refusals, ACutOffBeforeTheRegistrationFindsTheValueAsItCountedThen) {
  read(40'000);
  register_with(0, from_);
  const AsOf before({99, 0}, told, [](storage::Position position) {
    return position.block() <= 2 ? told : afterwards;
  });
  EXPECT_EQ(read_counting_day(grid_.store(0), day_, mpan_, core::MeasurementQuantity::active_import,
                              before)
                .value()
                .present,
            all_periods_mask);
}

TEST_F(Refusals, TheLimitsToldTwiceAreUnchangedAndOthersHoldFromThenOn) {
  grid_.append(0, told, limits_entry());
  EXPECT_EQ(grid_.records(0, Family::actor, "l").size(), 1u);
  core::MaximumEnergy larger;
  larger.by_connection[0] = 50'000;
  read(40'000, 0b01);
  grid_.append(0, told, limits_entry(larger));
  read(40'000, 0b10);
  register_with(0, from_);
  EXPECT_EQ(counting().present, 0b10u) << "each by the limit that it was received under";
  EXPECT_TRUE(sound());
}

TEST_F(Refusals, OrderOfReadingsAndRegistrationsChangesNoCountAndNoRefusal) {
  std::mt19937_64 random(5);
  std::set<std::pair<std::uint64_t, std::size_t>> outcomes;
  for (int round = 0; round < 12; ++round) {
    const auto mpan = meter_mpan(100 + static_cast<std::uint64_t>(round));
    std::vector<Entry> entries;
    entries.push_back(consumption_entry(mpan, day_, 40'000, 0b0011));
    entries.push_back(consumption_entry(mpan, day_, 500, 0b1100));
    entries.push_back(registration_entry(mpan, from_, core::open_ended, terms_of(0)));
    entries.push_back(registration_entry(mpan, from_ + 300, core::open_ended, terms_of(2)));
    std::shuffle(entries.begin(), entries.end(), random);
    const auto before = kept();
    for (auto& entry : entries) grid_.append(0, told, std::move(entry));
    const auto day =
        read_counting_day(grid_.store(0), day_, mpan, core::MeasurementQuantity::active_import)
            .value();
    outcomes.emplace(day.present, kept() - before);
  }
  EXPECT_EQ(outcomes, (std::set<std::pair<std::uint64_t, std::size_t>>{{0b1100u, 1u}}));
  EXPECT_TRUE(sound());
}

}  // namespace
}  // namespace hhgrid::actors::test
