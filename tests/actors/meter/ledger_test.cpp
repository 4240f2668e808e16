#include "actors/meter/ledger.hpp"

#include "actors/meter/ledger_record.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "core/packing.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using core::MeasurementQuantity;
using core::QualityClass;
using testing::HasSubstr;

constexpr std::array all_classes = {QualityClass::actual, QualityClass::other_actual,
                                    QualityClass::estimated};

std::string text_of(const LedgerRow& row) {
  std::string text;
  for (const auto c : all_classes) {
    const ClassSums* sums = row.find(c);
    for (int i = 0; sums != nullptr && !sums->empty() && i < core::settlement_periods_max; ++i)
      text += std::to_string(sums->energy_wh[static_cast<std::size_t>(i)]) + "/" +
              std::to_string(sums->count[static_cast<std::size_t>(i)]) + " ";
    text += "; ";
  }
  return text;
}

std::string round_trip(const LedgerRow& row) {
  const auto read = read_ledger_record(ledger_record(row), "test");
  return read ? text_of(*read) : read.error().text;
}

std::string refusal(const std::vector<std::uint8_t>& packed) {
  storage::RecordBuilder<schema::LedgerRecord> record;
  record->setPacked(kj::arrayPtr(packed.data(), packed.size()));
  const auto read = read_ledger_record(record.bytes(), "the row");
  return read ? "" : read.error().text;
}

RC_GTEST_PROP(LedgerRecord, ARowIsReadAsItWasWritten, ()) {
  LedgerRow row;
  for (const auto c : all_classes) {
    if (*rc::gen::inRange(0, 3) == 0) continue;
    const auto periods = *rc::gen::inRange<std::size_t>(1, core::settlement_periods_max + 1);
    // Now and then a sum that does not fit into the packed form.
    const auto width = *rc::gen::inRange(1, 44);
    for (std::size_t i = 0; i < periods; ++i) {
      row.of(c).count[i] = *rc::gen::inRange<std::uint32_t>(0, 1000);
      if (row.of(c).count[i] != 0)
        row.of(c).energy_wh[i] = *rc::gen::inRange<core::WattHours>(0, core::WattHours{1} << width);
    }
  }
  RC_ASSERT(round_trip(row) == text_of(row));
}

TEST(LedgerRecord, SumsBeyondThePackedFormAndBelowZeroAreKeptToo) {
  LedgerRow row;
  row.of(QualityClass::actual).energy_wh[49] = core::packed_value_max + 1;
  row.of(QualityClass::actual).count[49] = 1;
  row.of(QualityClass::estimated).energy_wh[0] = -7;
  row.of(QualityClass::estimated).count[0] = 4'000'000'000;
  EXPECT_EQ(round_trip(row), text_of(row));
}

TEST(LedgerRecord, APackedRowIsSmall) {
  LedgerRow row;
  for (std::size_t i = 0; i < 48; ++i) {
    row.of(QualityClass::actual).energy_wh[i] = 10'000 + static_cast<core::WattHours>(i);
    row.of(QualityClass::actual).count[i] = 20;
  }
  EXPECT_LT(ledger_record(row).size(), 200u);
}

TEST(LedgerRecord, PackedSumsThatDoNotHoldAreDamage) {
  EXPECT_THAT(refusal({}), HasSubstr("the row: expected three quality classes"));
  EXPECT_THAT(refusal({0, 0}), HasSubstr("expected three quality classes"));
  EXPECT_THAT(refusal({0, 0, 0, 0}), HasSubstr("more than three quality classes"));
  EXPECT_THAT(refusal({51, 0, 0}), HasSubstr("more periods than a day"));
  EXPECT_THAT(refusal({1}), HasSubstr("cut short"));
  EXPECT_THAT(refusal({1, 3, 5}), HasSubstr("cut short"));
  EXPECT_THAT(refusal({1, 4, 5}), HasSubstr("do not hold")) << "a width that is not the narrowest";
  EXPECT_THAT(refusal({1, 3, 5, 1, 1, 0, 0}), testing::IsEmpty());
}

TEST(LedgerDay, GivesItsKeysInOrderWhateverTheOrderOfMaking) {
  LedgerDay day;
  day.row(7, MeasurementQuantity::active_export);
  day.row(2, MeasurementQuantity::reactive_import);
  day.row(7, MeasurementQuantity::active_import);
  LedgerRow& again = day.row(2, MeasurementQuantity::reactive_import);
  EXPECT_EQ(day.find(2, MeasurementQuantity::reactive_import), &again);
  EXPECT_EQ(day.find(2, MeasurementQuantity::active_import), nullptr);
  EXPECT_EQ(day.find(99, MeasurementQuantity::active_import), nullptr);
  EXPECT_EQ(day.keys(),
            (std::vector<LedgerDay::Key>{LedgerDay::key(2, MeasurementQuantity::reactive_import),
                                         LedgerDay::key(7, MeasurementQuantity::active_import),
                                         LedgerDay::key(7, MeasurementQuantity::active_export)}));
  EXPECT_EQ(day.size(), 3u);
}

}  // namespace
}  // namespace hhgrid::actors
