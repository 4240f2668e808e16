#include <gmock/gmock.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/refusal_table.hpp"
#include "actors/meter/versions.hpp"
#include "actors/verify/check.hpp"
#include "storage/store/key.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

using storage::Family;

/// What is delivered again is stored only when some run could see a difference.
class RepeatedDelivery : public testing::Test {
 protected:
  static constexpr core::Instant first{1'000}, second{2'000}, third{3'000};

  std::size_t versions() const { return grid_.records(0, Family::consumption).size(); }
  void read(core::Instant received_at, core::WattHours energy_wh) {
    grid_.append(mpan_, received_at, consumption_entry(mpan_, day_, energy_wh));
  }
  void read_with_reasons(core::Instant received_at, std::uint8_t estimation, char amendment) {
    storage::ConsumptionDay version(mpan_);
    version.day = day_;
    version.present = 1;
    version.energy_wh[0] = 7;
    version.detail.emplace();
    version.detail->qualities[0] = core::Quality::a;
    version.detail->estimation_reasons[0] = estimation;
    version.detail->amendment_reasons[0] = amendment;
    grid_.append(mpan_, received_at, consumption_entry(version));
  }
  tl::expected<MeterDay, storage::Error> counting() {
    return read_counting_day(grid_.store(0), day_, mpan_, core::MeasurementQuantity::active_import);
  }
  MeterState meter() const {
    const auto record = grid_.records(0, Family::actor, meter_key_prefix).begin()->second;
    return read_meter_record(record, "the meter").value();
  }

  FoldGrid grid_{1};
  const core::Mpan mpan_ = meter_mpan(1);
  const core::UtcDay day_ = utc_day("2013-01-15");
};

TEST_F(RepeatedDelivery, AVersionThatSaysTheSameIsNotStored) {
  read(first, 5);
  read(first, 5);
  read(second, 5);
  EXPECT_EQ(versions(), 1u);
}

TEST_F(RepeatedDelivery, AfterARestartADeliveryIsStillContradictedByWhatItRepeated) {
  read(first, 5);
  grid_.name_delivery(1);
  read(second, 5);
  EXPECT_EQ(versions(), 1u);
  grid_.reopen();
  read(third, 7);
  EXPECT_EQ(counting()->energy_wh[0], 5);
  EXPECT_EQ(grid_.records(0, Family::actor, refusal_tag).size(), 2u);
  EXPECT_TRUE(check_stores(grid_.stores(), FoldGrid::calendar(), 1).sound());
}

/// So many that the block notes only that they are many.
TEST_F(RepeatedDelivery, TwoRepeatsOfABlockThatBecomeVersionsAreOneArrival) {
  std::vector<Entry> first_block, second_block, third_block;
  for (std::uint64_t n = 1; n <= 1'100; ++n)
    second_block.push_back(consumption_entry(meter_mpan(n + 10), day_, 3));
  first_block.push_back(consumption_entry(mpan_, day_, 5));
  second_block.push_back(consumption_entry(mpan_, day_, 5, 0b01));
  second_block.push_back(consumption_entry(mpan_, day_, 5, 0b10));
  third_block.push_back(consumption_entry(mpan_, day_, 7, 0b11));
  grid_.append(0, first, first_block);
  grid_.name_delivery(1);
  grid_.append(0, second, second_block);
  grid_.append(0, third, third_block);
  EXPECT_EQ(grid_.records(0, Family::actor, refusal_tag).size(), 3u);
  EXPECT_TRUE(check_stores(grid_.stores(), FoldGrid::calendar(), 1).sound());
}

TEST_F(RepeatedDelivery, AnOlderDeliveryIsStoredOnceThoughNewerOnesAreThere) {
  read(third, 5);
  read(first, 5);  // a run with a cut-off before the third has nothing else
  EXPECT_EQ(versions(), 2u);
  for (int again = 0; again < 3; ++again) read(first, 5);
  EXPECT_EQ(versions(), 2u);
}

TEST_F(RepeatedDelivery, AVersionThatCountsNowIsStoredWhenAnEarlierCutOffFindsAnother) {
  read(first, 9);
  read(third, 5);
  read(second, 5);
  EXPECT_EQ(versions(), 3u);
  read(second, 5);
  EXPECT_EQ(versions(), 3u);
  EXPECT_EQ(
      read_counting_day(grid_.store(0), day_, mpan_, core::MeasurementQuantity::active_import,
                        AsOf({99, 0}, second,
                             [&](storage::Position p) {
                               return p.block() == 1 ? first : p.block() == 2 ? third : second;
                             }))
          ->energy_wh[0],
      5);
}

TEST_F(RepeatedDelivery, AnotherReasonAloneIsAVersion) {
  read_with_reasons(first, 0, 'E');
  read_with_reasons(first, 0, 'M');
  read_with_reasons(first, 3, 'M');
  read_with_reasons(first, 0, 0);
  EXPECT_EQ(versions(), 4u);
  read_with_reasons(first, 0, 0);
  EXPECT_EQ(versions(), 4u);
}

TEST_F(RepeatedDelivery, RegistrationsAndAnnualConsumptionAreStoredOnceToo) {
  const auto from = settlement_day("2013-01-01");
  const auto deliver = [&](core::Instant received_at, unsigned terms, core::WattHours annual_wh) {
    grid_.append(mpan_, received_at,
                 registration_entry(mpan_, from, core::open_ended, terms_variant(terms)));
    grid_.append(mpan_, received_at, annual_consumption_entry(mpan_, from, annual_wh));
  };
  deliver(third, 0, 100);
  for (int again = 0; again < 3; ++again) deliver(first, 0, 100);
  EXPECT_EQ(meter().registrations.size(), 2u);
  EXPECT_EQ(meter().annual_consumption.size(), 2u);
  deliver(second, 1, 200);
  deliver(third, 1, 200);
  EXPECT_EQ(meter().registrations.size(), 3u);
  EXPECT_EQ(meter().annual_consumption.size(), 3u);
  deliver(second, 0, 100);
  EXPECT_EQ(meter().registrations.size(), 4u);
  EXPECT_EQ(meter().annual_consumption.size(), 4u);
}

}  // namespace
}  // namespace hhgrid::actors::test
