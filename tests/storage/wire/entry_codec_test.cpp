#include "storage/wire/entry_codec.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "core/assertion.hpp"
#include "core/packing.hpp"
#include "tests/storage/wire/entry_codec_case.hpp"

namespace hhgrid::storage {
namespace {

tl::expected<ConsumptionDay, Error> decode_words(EntryWords words) {
  EntryView view(words);
  const auto entry = view.entry();
  if (!entry) return tl::unexpected(entry.error());
  return decode_consumption(*entry);
}

using core::Mpan;
using core::Quality;

ConsumptionDay some_day(std::uint64_t present = core::all_periods_mask) {
  ConsumptionDay day(Mpan::from_number(mpan_digits));
  day.quantity = core::MeasurementQuantity::active_import;
  day.day = {15789};
  day.present = present;
  for (int p = 1; p <= 48; ++p)
    if (day.has(p)) day.energy_wh[p - 1] = p * 37 % 900;
  day.quality = Quality::a;
  return day;
}

void expect_equal(const ConsumptionDay& a, const ConsumptionDay& b) {
  EXPECT_EQ(a.mpan, b.mpan);
  EXPECT_EQ(a.quantity, b.quantity);
  EXPECT_EQ(a.day, b.day);
  EXPECT_EQ(a.present, b.present);
  EXPECT_EQ(a.energy_wh, b.energy_wh);
  EXPECT_EQ(a.quality, b.quality);
  EXPECT_EQ(a.detail, b.detail);
}

ConsumptionDay round_trip(const ConsumptionDay& day) {
  EntryScratch scratch;
  const auto decoded = decode_words(encode_consumption(day, scratch));
  EXPECT_TRUE(decoded) << decoded.error().text;
  return decoded.value_or(ConsumptionDay(day.mpan));
}

/// Encodes a good day, lets `change` spoil it, and returns the error that decoding then gives.
template <class Change>
Error damaged_consumption(Change change) {
  EntryScratch scratch;
  const auto words = scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initConsumption();
    out.setMpan(mpan_digits);
    out.setUtcDay(15789);
    out.setPresentLow(3);
    const core::WattHours values[] = {101, 202};
    std::array<std::uint8_t, core::packed_size_max> packed;
    out.setValues(kj::arrayPtr(packed.data(), core::pack_values(values, packed)));
    change(out);
  });
  const auto decoded = decode_words(words);
  return decoded ? Error{Errc::io, "decoded without an error"} : decoded.error();
}

TEST(EntryCodec, AWholeDayOfConsumptionComesBackAsItWas) {
  expect_equal(round_trip(some_day()), some_day());
}

TEST(EntryCodec, APartOfADayComesBackWithItsMask) {
  const auto day = some_day(std::uint64_t{1} << 47 | std::uint64_t{1} << 32 | 5);
  expect_equal(round_trip(day), day);
}

TEST(EntryCodec, TheLargestValueOfAPeriodComesBack) {
  auto day = some_day();
  day.energy_wh[47] = reading_energy_max;
  expect_equal(round_trip(day), day);
}

TEST(EntryCodec, AValueThatNoConnectionCarriesIsRefused) {
  for (const auto present : {core::all_periods_mask, std::uint64_t{1} << 47 | 5}) {
    auto day = some_day(present);
    day.energy_wh[47] = reading_energy_max + 1;
    EntryScratch scratch;
    const auto decoded = decode_words(encode_consumption(day, scratch));
    ASSERT_FALSE(decoded);
    EXPECT_NE(decoded.error().text.find("the largest that a reading may have"), std::string::npos)
        << decoded.error().text;
  }
}

TEST(EntryCodec, QualitiesAndReasonsByPeriodComeBack) {
  auto day = some_day(0b1011);
  day.detail.emplace();
  day.detail->qualities[0] = day.quality = Quality::e3;
  day.detail->qualities[1] = Quality::a;
  day.detail->qualities[3] = Quality::ea13;
  day.detail->estimation_reasons[0] = 10;
  day.detail->amendment_reasons[3] = 'X';
  expect_equal(round_trip(day), day);
}

TEST(EntryCodec, ReasonsComeBackWhenOneQualityServesAllPeriods) {
  auto day = some_day(0b11);
  day.quality = Quality::e1;
  day.detail.emplace();
  day.detail->qualities[0] = day.detail->qualities[1] = Quality::e1;
  day.detail->estimation_reasons[1] = 4;
  expect_equal(round_trip(day), day);
}

TEST(EntryCodec, ADetailThatSaysNothingNewIsNotStored) {
  auto day = some_day();
  EntryScratch scratch;
  const auto plain = encode_consumption(day, scratch).size();
  day.detail.emplace();
  day.detail->qualities.fill(Quality::a);
  EXPECT_EQ(encode_consumption(day, scratch).size(), plain);
}

TEST(EntryCodec, TheSameScratchGivesTheSameBytesWhateverWasInItBefore) {
  EntryScratch used, fresh;
  auto large = some_day();
  large.energy_wh.fill(core::WattHours{1} << 39);
  encode_consumption(large, used);
  const auto again = encode_consumption(some_day(0b1), used);
  const auto first = encode_consumption(some_day(0b1), fresh);
  ASSERT_EQ(again.size(), first.size());
  EXPECT_EQ(std::memcmp(again.begin(), first.begin(), again.asBytes().size()), 0);
}

TEST(EntryCodec, AnEncodedHouseholdDayTakesNoMoreThan128Bytes) {
  EntryScratch scratch;
  EXPECT_LE(encode_consumption(some_day(), scratch).asBytes().size(), 128u);
}

TEST(EntryCodec, AConsumptionWithoutPeriodsIsNotEncoded) {
  EntryScratch scratch;
  EXPECT_THROW(encode_consumption(some_day(0), scratch), core::BrokenInvariant);
}

TEST(EntryCodec, AWrongCheckDigitIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setMpan(mpan_digits + 1); }), "mpan",
                 "1012345678904");
}

TEST(EntryCodec, AnUnknownQuantityIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setQuantity(4); }), "quantity", "4");
}

TEST(EntryCodec, ADayOutsideTheCalendarIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setUtcDay(1 << 20); }), "utcDay",
                 "1048576");
}

TEST(EntryCodec, AnEmptyMaskIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setPresentLow(0); }), "presentLow", "0");
}

TEST(EntryCodec, AMaskOfMorePeriodsThanValuesIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setPresentHigh(1); }), "values", "3");
}

TEST(EntryCodec, ValuesThatAreCutOffAreDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.initValues(2); }), "values", "2");
}

TEST(EntryCodec, AnUnknownQualityIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setQuality(38); }), "quality", "38");
}

TEST(EntryCodec, QualityByPeriodWithoutADetailIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.setQuality(core::quality_per_period); }),
                 "quality", "255");
}

TEST(EntryCodec, ADetailWhoseQualitiesContradictTheQualityIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.initDetail().initQualities(2); }),
                 "quality", "0");
}

TEST(EntryCodec, ADetailOfAnotherLengthIsDamage) {
  expect_damaged(damaged_consumption([](auto out) { out.initDetail().initEstimationReasons(3); }),
                 "detail.estimationReasons", "3");
}

TEST(EntryCodec, AnUnknownQualityOfAPeriodIsDamage) {
  expect_damaged(damaged_consumption([](auto out) {
                   out.setQuality(core::quality_per_period);
                   out.initDetail().initQualities(2)[1] = 200;
                 }),
                 "detail.qualities", "200");
}

TEST(EntryCodec, AnUnknownEstimationReasonIsDamage) {
  expect_damaged(
      damaged_consumption([](auto out) { out.initDetail().initEstimationReasons(2)[0] = 11; }),
      "detail.estimationReasons", "11");
}

TEST(EntryCodec, AnUnknownAmendmentReasonIsDamage) {
  expect_damaged(
      damaged_consumption([](auto out) { out.initDetail().initAmendmentReasons(2)[0] = 'B'; }),
      "detail.amendmentReasons", "66");
}

TEST(EntryCodec, ANewerFormatIsAnErrorThatNamesTheVersion) {
  EntryScratch scratch;
  const auto words = scratch.build([](schema::Entry::Builder entry) { entry.setFormatVersion(7); });
  const auto decoded = decode_words(words);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::newer_format);
  EXPECT_NE(decoded.error().text.find("version 7"), std::string::npos);
}

TEST(EntryCodec, AnEntryLargerThanTheScratchIsBuiltWhole) {
  EntryScratch scratch;
  for (const std::size_t size : {10u, 3'000u, 70'000u, 12u}) {
    const std::string name(size, 'x');
    const auto words = scratch.build([&](schema::Entry::Builder entry) {
      entry.initBankHoliday().setDay(15000);
      entry.getBankHoliday().setName(name);
    });
    EntryView view(words);
    const auto entry = view.entry();
    ASSERT_TRUE(entry) << size;
    EXPECT_EQ(entry->getBankHoliday().getDay(), 15000);
    EXPECT_EQ(std::string(entry->getBankHoliday().getName().cStr()), name);
  }
}

TEST(EntryCodec, AFormatVersionOfZeroIsDamage) {
  EntryScratch scratch;
  const auto words = scratch.build([](schema::Entry::Builder entry) { entry.setFormatVersion(0); });
  EXPECT_EQ(decode_words(words).error().code, Errc::damaged);
}

TEST(EntryCodec, EmptyWordsAreDamage) {
  // Without words the root is Cap'n Proto's default: format version 0.
  EXPECT_EQ(decode_words(EntryWords()).error().code, Errc::damaged);
}

TEST(EntryCodec, APointerOutOfRangeIsDamage) {
  EntryScratch scratch;
  const auto words = encode_consumption(some_day(), scratch);
  const auto cut = decode_words(words.slice(0, words.size() - 2));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::damaged);
}

TEST(EntryCodec, NoFlippedBitMakesDecodingThrow) {
  EntryScratch scratch;
  auto day = some_day(0b111);
  day.detail.emplace();
  day.detail->qualities[1] = Quality::e;
  auto words = copy_words(encode_consumption(day, scratch));
  auto bytes = words.asBytes();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= 1 << bit % 8;
    EXPECT_NO_THROW((void)decode_words(words));
    bytes[bit / 8] ^= 1 << bit % 8;
  }
}

TEST(EntryCodec, AnEntryOfAnotherKindIsDamage) {
  EntryScratch scratch;
  const auto words = encode_bank_holiday({15789, "May Day"}, scratch);
  const auto decoded = decode_words(words);
  ASSERT_FALSE(decoded);
  EXPECT_NE(decoded.error().text.find("where a consumption entry was expected"), std::string::npos);
}

TEST(EntryCodec, UnalignedBytesAreReadFromACopy) {
  EntryScratch scratch;
  const auto bytes = encode_consumption(some_day(), scratch).asBytes();
  std::vector<kj::byte> shifted(bytes.size() + 1);
  std::memcpy(shifted.data() + 1, bytes.begin(), bytes.size());
  const AlignedWords aligned(kj::arrayPtr(shifted.data() + 1, bytes.size()));
  const auto decoded = decode_words(aligned.words());
  ASSERT_TRUE(decoded);
  expect_equal(*decoded, some_day());
}

}  // namespace
}  // namespace hhgrid::storage
