#include "core/decimal.hpp"

#include <algorithm>
#include <charconv>

#include <date/date.h>

#include "core/assertion.hpp"
#include "core/text.hpp"

namespace hhgrid::core {
namespace {

constexpr int decimals_max = 18;

constexpr auto powers_of_ten = [] {
  std::array<std::int64_t, decimals_max + 1> powers{1};
  for (int i = 1; i <= decimals_max; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

constexpr std::int64_t milliseconds_per_second = 1000;
constexpr std::int64_t milliseconds_per_day = 86'400 * milliseconds_per_second;
/// 0000-01-01 and 9999-12-31: the days that `YYYY-MM-DD` can write.
constexpr std::int32_t first_day = -719'528;
constexpr std::int32_t last_day = 2'932'896;

/// Quotient and remainder in the narrowest type that holds the operands: 128-bit division is a slow
/// library call.
template <class Signed, class Unsigned>
Signed round_quotient(Signed numerator, Signed denominator) {
  Signed quotient = numerator / denominator;
  const Signed remainder = numerator % denominator;
  const auto magnitude = [](Signed x) {
    return x < 0 ? Unsigned{0} - static_cast<Unsigned>(x) : static_cast<Unsigned>(x);
  };
  const Unsigned left = magnitude(remainder);
  if (left != 0 && left >= magnitude(denominator) - left) {
    quotient += (numerator < 0) == (denominator < 0) ? 1 : -1;
  }
  return quotient;
}

bool fits_64_bits(Int128 x) { return x == static_cast<std::int64_t>(x); }

void append_padded(std::string& out, std::uint64_t number, int width) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto length = static_cast<int>(end - digits.data());
  out.append(static_cast<std::size_t>(std::max(0, width - length)), '0');
  out.append(digits.data(), end);
}

/// A number of exactly `text.size()` digits in [0, limit).
std::optional<int> parse_field(std::string_view text, int limit) {
  const auto number = parse_digits(text);
  if (!number || *number >= static_cast<std::uint64_t>(limit)) return std::nullopt;
  return static_cast<int>(*number);
}

void append_day(std::string& out, std::int32_t day_number) {
  HHGRID_ASSERT(first_day <= day_number && day_number <= last_day, day_number);
  const date::year_month_day ymd{date::sys_days{date::days{day_number}}};
  append_padded(out, static_cast<std::uint64_t>(static_cast<int>(ymd.year())), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(ymd.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(ymd.day()), 2);
}

}  // namespace

// -- rounding -----------------------------------------------------------------

Int128 round_half_away(Int128 numerator, Int128 denominator) {
  HHGRID_ASSERT(denominator != 0);
  // The one quotient of 64-bit operands that does not fit 64 bits is min / -1: leave the minimum to
  // the wide form.
  if (fits_64_bits(numerator) && fits_64_bits(denominator) &&
      numerator != std::numeric_limits<std::int64_t>::min()) {
    return round_quotient<std::int64_t, std::uint64_t>(static_cast<std::int64_t>(numerator),
                                                       static_cast<std::int64_t>(denominator));
  }
  return round_quotient<Int128, unsigned __int128>(numerator, denominator);
}

// -- decimals -----------------------------------------------------------------

Parsed<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  HHGRID_ASSERT(0 <= decimals && decimals <= decimals_max, decimals);
  auto rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const auto point = std::min(rest.find('.'), rest.size());
  const auto whole = rest.substr(0, point);
  const bool has_point = point < rest.size();
  auto fraction = has_point ? rest.substr(point + 1) : std::string_view();
  const auto all_digits = [](std::string_view digits) {
    return std::all_of(digits.begin(), digits.end(), is_digit);
  };
  const bool blank = has_point ? fraction.empty() : whole.empty();
  if (blank || !all_digits(whole) || !all_digits(fraction)) {
    return parse_failure(text, "is not a decimal number");
  }
  // Zeros beyond the places say nothing: 0.432000 kWh is a whole number of Wh, too.
  while (decimals > 0 && fraction.size() > static_cast<std::size_t>(decimals) &&
         fraction.ends_with('0')) {
    fraction.remove_suffix(1);
  }
  if (fraction.size() > static_cast<std::size_t>(decimals)) {
    return parse_failure(text, "has more than " + std::to_string(decimals) + " decimals");
  }
  Int128 scaled = 0;
  for (const auto part : {whole, fraction}) {
    for (const char c : part) {
      scaled = scaled * 10 + (negative ? '0' - c : c - '0');
      if (!fits_64_bits(scaled)) return parse_failure(text, "is out of range");
    }
  }
  scaled *= powers_of_ten[static_cast<std::size_t>(decimals) - fraction.size()];
  if (!fits_64_bits(scaled)) return parse_failure(text, "is out of range");
  return static_cast<std::int64_t>(scaled);
}

void append_decimal(std::string& out, std::int64_t scaled, int decimals) {
  HHGRID_ASSERT(0 <= decimals && decimals <= decimals_max, decimals);
  auto magnitude = static_cast<std::uint64_t>(scaled);
  if (scaled < 0) {
    out += '-';
    magnitude = 0 - magnitude;
  }
  const auto power = static_cast<std::uint64_t>(powers_of_ten[static_cast<std::size_t>(decimals)]);
  append_padded(out, magnitude / power, 1);
  if (decimals > 0) {
    out += '.';
    append_padded(out, magnitude % power, decimals);
  }
}

std::string format_decimal(std::int64_t scaled, int decimals) {
  std::string text;
  append_decimal(text, scaled, decimals);
  return text;
}

// -- days and instants --------------------------------------------------------

Parsed<std::int32_t> parse_day_number(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = parse_field(text.substr(0, 4), 10'000);
    const auto month = parse_field(text.substr(5, 2), 13);
    const auto day = parse_field(text.substr(8, 2), 32);
    if (year && month && day) {
      const date::year_month_day ymd{date::year{*year}, date::month{static_cast<unsigned>(*month)},
                                     date::day{static_cast<unsigned>(*day)}};
      if (ymd.ok()) return date::sys_days{ymd}.time_since_epoch().count();
    }
  }
  return parse_failure(text, "is not a day as YYYY-MM-DD");
}

std::string format_day(std::int32_t day_number) {
  std::string text;
  if (day_number != open_ended.value) append_day(text, day_number);
  return text;
}

Parsed<Instant> parse_instant(std::string_view text) {
  if (text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
      text[19] == 'Z') {
    const auto day = parse_day_number(text.substr(0, 10));
    const auto hours = parse_field(text.substr(11, 2), 24);
    const auto minutes = parse_field(text.substr(14, 2), 60);
    const auto seconds = parse_field(text.substr(17, 2), 60);
    if (day && hours && minutes && seconds) {
      const std::int64_t of_day = (*hours * 60 + *minutes) * 60 + *seconds;
      return Instant{*day * milliseconds_per_day + of_day * milliseconds_per_second};
    }
  }
  return parse_failure(text, "is not an instant as YYYY-MM-DDTHH:MM:SSZ");
}

std::string format_instant(Instant instant) {
  const auto since_midnight =
      (instant.milliseconds % milliseconds_per_day + milliseconds_per_day) % milliseconds_per_day;
  const auto day = (instant.milliseconds - since_midnight) / milliseconds_per_day;
  HHGRID_ASSERT(first_day <= day && day <= last_day, instant.milliseconds);
  const auto seconds = static_cast<std::uint64_t>(since_midnight / milliseconds_per_second);
  std::string text;
  append_day(text, static_cast<std::int32_t>(day));
  text += 'T';
  append_padded(text, seconds / 3600, 2);
  text += ':';
  append_padded(text, seconds / 60 % 60, 2);
  text += ':';
  append_padded(text, seconds % 60, 2);
  text += 'Z';
  return text;
}

}  // namespace hhgrid::core
