#include "core/types.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/assertion.hpp"

namespace hhgrid::core {
namespace {

class ValidMpans : public testing::TestWithParam<const char*> {};

TEST_P(ValidMpans, AreAcceptedAndPrintedAsGiven) {
  const auto mpan = Mpan::parse(GetParam());
  ASSERT_TRUE(mpan) << mpan.error().text;
  EXPECT_EQ(mpan->to_string(), GetParam());
  EXPECT_EQ(Mpan::from_number(mpan->number()), *mpan);
  EXPECT_EQ(Mpan::from_body(mpan->number() / 10), *mpan);
}

// The first three are of 2276..., 2227... (the mod 10 step) and 2210...; then schema examples and
// made-up cores.
INSTANTIATE_TEST_SUITE_P(DomainNote, ValidMpans,
                         testing::Values("2276173918389", "2227651294270", "2210653921534",
                                         "2000056535971", "1012345678903", "1234567890126",
                                         "1000045671033", "1100045671135", "1200045671237",
                                         "1300045671339", "1400045671430", "1500045671532",
                                         "1600045671634", "1700045671736", "1800045671838",
                                         "1900045671930", "2000045672030", "2100045672131",
                                         "2200045672233", "2300045672335"));

TEST(MpanTest, AWrongCheckDigitIsRefusedAndTheErrorNamesValueAndExpectedDigit) {
  const auto mpan = Mpan::parse("1234567890123");
  ASSERT_FALSE(mpan);
  EXPECT_EQ(mpan.error().text, "'1234567890123' is not an MPAN core: its check digit should be 6");
}

TEST(MpanTest, TextsThatAreNotThirteenDigitsAreRefused) {
  for (const auto* text : {"", "123456789012", "12345678901260", "12345678901a6", " 1234567890126",
                           "+234567890126", "-234567890126"}) {
    EXPECT_FALSE(Mpan::parse(text)) << text;
  }
}

TEST(MpanTest, ANumberWithAWrongCheckDigitBreaksAnInvariantThatPrintsIt) {
  try {
    Mpan::from_number(1234567890123);
    FAIL() << "from_number accepted a wrong check digit";
  } catch (const BrokenInvariant& broken) {
    EXPECT_NE(std::string(broken.what()).find("1234567890123"), std::string::npos) << broken.what();
  }
}

TEST(MpanTest, PublishedCoresAreJudgedAsTheirListSays) {
  std::ifstream list(HHGRID_PROJECT_DIR "/../shared/data/mpan_examples/mpan_cores.csv");
  if (!list) GTEST_SKIP() << "../shared/data/mpan_examples/mpan_cores.csv is not there";
  std::string line;
  std::getline(list, line);
  int cores = 0;
  while (std::getline(list, line)) {
    const auto valid = line.find(",True,") != std::string::npos;
    EXPECT_EQ(Mpan::parse(line.substr(0, 13)).has_value(), valid) << line;
    ++cores;
  }
  EXPECT_GT(cores, 20);
}

RC_GTEST_PROP(MpanProperty, EveryBodyHasExactlyOneValidCheckDigit, ()) {
  const auto body = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000);
  const auto mpan = Mpan::from_body(body);
  int valid = 0;
  auto text = mpan.to_string();
  for (char digit = '0'; digit <= '9'; ++digit) {
    text.back() = digit;
    valid += Mpan::parse(text).has_value();
  }
  RC_ASSERT(valid == 1);
}

TEST(IdentifierTest, KeepsTheTextItWasParsedFrom) {
  EXPECT_EQ(BmuId::parse("2__CSUPA000")->view(), "2__CSUPA000");
  EXPECT_EQ(BmuId::parse("E_GRIMO-1")->to_string(), "E_GRIMO-1");
}

TEST(IdentifierTest, RefusesBlankTooLongAndForeignCharacters) {
  EXPECT_FALSE(SupplierId::parse(""));
  EXPECT_FALSE(SupplierId::parse("ABCDEFGHIJK"));
  EXPECT_FALSE(SupplierId::parse("A B"));
  EXPECT_FALSE(SupplierId::parse("A\xc3\xa9"));
  EXPECT_EQ(BmuId::parse("2__CSUPA0000").error().text,
            "'2__CSUPA0000' is not a BM unit id: it needs 1 to 11 letters, digits, '_' or '-'");
}

TEST(IdentifierTest, NumericLineLossFactorClassesArePaddedToThreeDigits) {
  EXPECT_EQ(LlfcId::parse("1")->view(), "001");
  EXPECT_EQ(LlfcId::parse("27")->view(), "027");
  EXPECT_EQ(*LlfcId::parse("001"), *LlfcId::parse("1"));
  EXPECT_EQ(LlfcId::parse("1234")->view(), "1234");
  EXPECT_EQ(LlfcId::parse("A1")->view(), "A1");
  EXPECT_EQ(DataServiceId::parse("1")->view(), "1");
}

TEST(IdentifierTest, AParticipantHasFourCapitalLettersOrDigits) {
  for (const char* text : {"ABCD", "1234", "E0N1"})
    EXPECT_EQ(ParticipantId::parse(text).value().view(), text);
  for (const char* text : {"", "ABC", "ABCDE", "ABCd", "AB_D", "AB D", "ABC-"}) {
    const auto refused = ParticipantId::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_NE(refused.error().text.find("exactly 4 capital letters or digits"), std::string::npos);
  }
}

RC_GTEST_PROP(IdentifierProperty, OrderIsTheOrderOfTheTexts, ()) {
  const auto text = rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, 21), [](std::size_t size) {
    return rc::gen::container<std::string>(size, rc::gen::elementOf(std::string("-09AZ_az")));
  });
  const auto a = *text;
  const auto b = *rc::gen::oneOf(text, rc::gen::just(a), rc::gen::just(a.substr(0, 8)));
  const auto x = *DuosTariffId::parse(a);
  const auto y = *DuosTariffId::parse(b);
  RC_ASSERT((x < y) == (a < b));
  RC_ASSERT((x == y) == (a == b));
  RC_ASSERT((x > y) == (a > b));
}

TEST(GspGroupTest, ThereAreFourteen) {
  int groups = 0;
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    const auto group = GspGroup::parse(std::string{'_', letter});
    if (!group) continue;
    ++groups;
    EXPECT_EQ(group->to_string(), (std::string{'_', letter}));
  }
  EXPECT_EQ(groups, 14);
  for (const auto* text : {"_I", "_O", "_a", "A", "", "_AB", "_"}) {
    EXPECT_FALSE(GspGroup::parse(text)) << text;
  }
}

template <class Parse>
void expect_codes(Parse parse, std::initializer_list<std::string_view> codes) {
  int index = 0;
  for (const auto code : codes) {
    const auto value = parse(code);
    ASSERT_TRUE(value) << code;
    EXPECT_EQ(static_cast<int>(*value), index++);
    EXPECT_EQ(to_string(*value), code);
  }
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("x"));
}

TEST(CodesTest, EveryCodeParsesToItsValueAndBack) {
  expect_codes(parse_quantity, {"AI", "AE", "RI", "RE"});
  expect_codes(parse_segment, {"S", "A", "U"});
  expect_codes(parse_connection, {"W", "L", "H", "E", "U"});
  expect_codes(parse_direction, {"I", "E"});
  expect_codes(parse_indicator, {"C", "L"});
  expect_codes(parse_settlement_code, {"II", "SF", "R1", "R2", "R3", "RF", "DR", "DF"});
  expect_codes(parse_day_type, {"WD", "SAT", "SUN", "BH"});
}

TEST(CodesTest, AnUnknownCodeIsNamedWithTheChoices) {
  EXPECT_EQ(parse_segment("X").error().text, "'X' is not a market segment: one of S, A, U");
}

}  // namespace
}  // namespace hhgrid::core
