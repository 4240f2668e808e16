#include "net/files/row_fields.hpp"

#include <gtest/gtest.h>

#include "core/decimal.hpp"

namespace hhgrid::net {
namespace {

TEST(ParseKwh, TheFastWayAgreesWithTheExactOne) {
  for (const char* text :
       {"0", "0.0", "0.001", "1", "12.3", "12.34", "12.345", "999999999.999", "007"})
    EXPECT_EQ(parse_kwh(text), *core::parse_decimal(text, 3)) << text;
}

TEST(ParseKwh, EverythingUnusualIsLeftToTheExactWay) {
  for (const char* text :
       {"", "-1", "+1", ".5", "1.", "1.2345", "1e3", " 1", "1 ", "1,5", "1000000000", "."})
    EXPECT_EQ(parse_kwh(text), -1) << text;
}

}  // namespace
}  // namespace hhgrid::net
