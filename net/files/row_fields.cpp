#include "net/files/row_fields.hpp"

#include "core/calendar.hpp"
#include "core/decimal.hpp"
#include "core/packing.hpp"
#include "core/text.hpp"

namespace hhgrid::net {
namespace {

/// The 48 columns p1 ... p48 are one to whoever counts rejections.
std::string counted_name(std::string_view column) {
  const bool is_period =
      column.size() >= 2 && column[0] == 'p' && '0' <= column[1] && column[1] <= '9';
  return is_period ? "energy" : std::string(column);
}

}  // namespace

void RowFields::fail(std::string reason, std::size_t column, std::string text) {
  if (error_) return;
  error_ = RowError{std::move(reason), std::string(columns_[column].name),
                    core::excerpt(row_.field(column)), std::move(text)};
}

void RowFields::fail_blank(std::size_t column) {
  if (ok()) fail(counted_name(columns_[column].name) + " is blank", column, "a value is needed");
}

void RowFields::fail_value(std::size_t column, std::string text) {
  if (ok()) fail(counted_name(columns_[column].name) + " is not valid", column, std::move(text));
}

core::Mpan RowFields::mpan(std::size_t column) {
  const auto field = row_.field(column);
  const auto parsed = core::Mpan::parse(field);
  if (parsed && parsed->number() != 0) return *parsed;
  if (field.empty()) {
    fail_blank(column);
  } else {
    fail_value(column, parsed ? "an MPAN of zeros is none" : parsed.error().text);
  }
  return core::Mpan::from_body(0);
}

std::int32_t RowFields::day(std::size_t column) {
  const auto day = value(column, &core::parse_day_number);
  if (ok() && !core::SettlementCalendar::covers(day))
    fail_value(column, "the settlement calendar does not cover that day");
  return day;
}

core::Instant RowFields::instant(std::size_t column) {
  const auto at = value(column, &core::parse_instant);
  if (ok() && !core::SettlementCalendar::covers(at))
    fail_value(column, "the settlement calendar does not cover that day");
  return at;
}

core::EffectiveRange RowFields::effective(std::size_t from_column, std::size_t to_column) {
  core::EffectiveRange range{{day(from_column)}, core::open_ended};
  if (!blank(to_column)) {
    range.to = {day(to_column)};
    if (ok() && range.to < range.from) fail_value(to_column, "the period ends before it begins");
  }
  return range;
}

bool RowFields::boolean(std::size_t column) {
  const auto field = row_.field(column);
  if (field == "T") return true;
  if (field == "F") return false;
  if (field.empty()) {
    fail_blank(column);
  } else {
    fail_value(column, "it must be T or F");
  }
  return false;
}

std::int64_t RowFields::decimal(std::size_t column, int decimals, std::int64_t min,
                                std::int64_t max) {
  const auto field = row_.field(column);
  if (field.empty()) {
    fail_blank(column);
    return min;
  }
  const auto parsed = core::parse_decimal(field, decimals);
  if (!parsed) {
    fail_value(column, parsed.error().text);
    return min;
  }
  if (min <= *parsed && *parsed <= max) return *parsed;
  fail_value(column, "it must be in " + core::format_decimal(min, decimals) + " to " +
                         core::format_decimal(max, decimals));
  return min;
}

core::WattHours RowFields::energy(std::size_t column, core::WattHours max) {
  const core::WattHours wh = parse_kwh(row_.field(column));
  return wh >= 0 && wh <= max ? wh : energy_checked(column, max);
}

core::WattHours RowFields::energy_checked(std::size_t column, core::WattHours max) {
  const auto field = row_.field(column);
  if (field.empty()) {
    fail_blank(column);
    return 0;
  }
  const auto parsed = core::parse_decimal(field, 3);
  if (!parsed) {
    fail_value(column, parsed.error().text);
    return 0;
  }
  if (*parsed < 0) {
    fail("ECS1010 negative energy", column, "energy must not be negative");
    return 0;
  }
  if (*parsed <= max) return *parsed;
  fail_value(column, "it is more than " + core::format_decimal(max, 3) + " kWh");
  return 0;
}

std::uint8_t RowFields::distributor(std::size_t column) {
  const auto field = row_.field(column);
  const auto value = number(column, 1, 99);
  if (ok() && field.size() != 2) fail_value(column, "a distributor id has two digits");
  return static_cast<std::uint8_t>(value);
}

}  // namespace hhgrid::net
