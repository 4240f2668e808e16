#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "actors/query/inspection.hpp"
#include "core/decimal.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {

using Json = nlohmann::ordered_json;

inline InspectionSource source_of(const FoldGrid& grid) {
  return {grid.stores(), &FoldGrid::calendar()};
}

/// What the actor says; throws when it cannot.
inline Json inspect(const FoldGrid& grid, const std::string& address,
                    std::optional<std::string_view> day = std::nullopt) {
  std::optional<std::int32_t> number;
  if (day) number = core::parse_day_number(*day).value();
  const auto text = inspect_json(source_of(grid), parse_address(address).value(), number);
  if (!text) throw std::runtime_error(text.error().text);
  return Json::parse(*text);
}

inline Json inspect(const FoldGrid& grid, core::Mpan mpan,
                    std::optional<std::string_view> day = std::nullopt) {
  return inspect(grid, "meter/" + mpan.to_string(), day);
}

/// The error with which an inspection ends.
inline storage::Error inspect_error(const FoldGrid& grid, const std::string& address,
                                    std::optional<std::int32_t> day = std::nullopt) {
  const auto text = inspect_json(source_of(grid), parse_address(address).value(), day);
  return text ? storage::Error{storage::Errc::closed, "no error: " + *text} : text.error();
}

inline core::Instant instant(std::string_view text) { return core::parse_instant(text).value(); }

/// Energy as text, in Wh.
inline core::WattHours wh(const Json& text) {
  return core::parse_decimal(text.get<std::string>(), 3).value();
}

/// Periods 1 to `last` of a mask.
inline constexpr std::uint64_t first_periods(int last) { return (std::uint64_t{1} << last) - 1; }

/// The one of a list whose `key` has that value; null when there is none.
template <class Value>
Json find(const Json& list, const std::string& key, const Value& value) {
  for (const Json& one : list)
    if (one.contains(key) && one.at(key) == value) return one;
  return {};
}

inline const core::Mpan meter = meter_mpan(1);
inline const core::Instant monday = instant("2013-01-16T08:00:00Z"),
                           tuesday = instant("2013-01-17T08:00:00Z"),
                           wednesday = instant("2013-01-18T08:00:00Z");
inline const core::SettlementDay day_1 = settlement_day("2013-01-15");
inline constexpr std::string_view day_1_text = "2013-01-15";
inline const core::UtcDay utc_day_1 = utc_day("2013-01-15");
inline const core::SettlementDay long_ago = settlement_day("2012-01-01");

/// Registers a meter for good, on Monday.
inline void register_meter(FoldGrid& grid, core::Mpan mpan = meter, unsigned terms = 0) {
  grid.append(mpan, monday,
              registration_entry(mpan, long_ago, core::open_ended, terms_variant(terms)));
}

}  // namespace hhgrid::actors::test
