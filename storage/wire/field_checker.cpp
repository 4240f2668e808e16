#include "storage/wire/field_checker.hpp"

#include "core/calendar.hpp"

namespace hhgrid::storage {

core::Mpan FieldChecker::mpan(const char* field, std::uint64_t digits) {
  constexpr std::uint64_t body_max = 999'999'999'999;
  const std::uint64_t body = digits / 10;
  const auto mpan = core::Mpan::from_body(body <= body_max ? body : 0);
  if (mpan.number() == digits && digits != 0) return mpan;
  fail(field, std::to_string(digits), "is no MPAN with a valid check digit");
  return mpan;
}

std::int32_t FieldChecker::day(const char* field, std::int32_t value) {
  const bool holds = core::SettlementCalendar::covers(value);
  require(holds, field, value, "is not a day that the settlement calendar covers");
  return holds ? value : 0;
}

core::Instant FieldChecker::instant(const char* field, std::int64_t milliseconds) {
  const core::Instant at{milliseconds};
  const bool holds = core::SettlementCalendar::covers(at);
  require(holds, field, milliseconds, "is not of a day that the settlement calendar covers");
  return holds ? at : core::Instant{};
}

core::EffectiveRange FieldChecker::range(std::int32_t from, std::int32_t to) {
  core::EffectiveRange range{{day("effectiveFrom", from)}, core::open_ended};
  if (to != core::open_ended.value) range.to = {day("effectiveTo", to)};
  require(range.from <= range.to, "effectiveTo", to, "is before effectiveFrom");
  return range;
}

void FieldChecker::fail(const char* field, std::string_view value, const char* rule) {
  if (!ok()) return;
  error_.append("in the ")
      .append(kind_)
      .append(" entry the field ")
      .append(field)
      .append(" has the value ");
  error_.append(value.empty() ? std::string_view("\"\"") : value).append(", which ").append(rule);
}

}  // namespace hhgrid::storage
