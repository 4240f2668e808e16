#include "core/types.hpp"

#include <algorithm>
#include <span>

#include "core/assertion.hpp"
#include "core/text.hpp"

namespace hhgrid::core {
namespace {

// -- MPAN check digit ---------------------------------------------------------

/// Domain note 6.4: primes from 3 on; 11 is left out.
constexpr std::array<int, 12> check_weights = {3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43};
constexpr std::uint64_t mpan_body_end = 1'000'000'000'000;
constexpr std::uint64_t mpan_end = 10 * mpan_body_end;

/// Weighted sums of two digits at a time: every consumption entry is checked again on its way to
/// its meter.
constexpr auto pair_sums = [] {
  std::array<std::array<std::uint16_t, 100>, 6> sums{};
  for (int pair = 0; pair < 6; ++pair) {
    for (int value = 0; value < 100; ++value) {
      sums[pair][value] = static_cast<std::uint16_t>(value / 10 * check_weights[2 * pair] +
                                                     value % 10 * check_weights[2 * pair + 1]);
    }
  }
  return sums;
}();

unsigned check_digit(std::uint64_t body) {
  unsigned sum = 0;
  for (int pair = 5; pair >= 0; --pair) {
    sum += pair_sums[pair][body % 100];
    body /= 100;
  }
  return sum % 11 % 10;
}

// -- enumerations -------------------------------------------------------------

constexpr std::array<std::string_view, 4> quantities = {"AI", "AE", "RI", "RE"};
constexpr std::array<std::string_view, 3> segments = {"S", "A", "U"};
constexpr std::array<std::string_view, 5> connections = {"W", "L", "H", "E", "U"};
constexpr std::array<std::string_view, 2> directions = {"I", "E"};
constexpr std::array<std::string_view, 3> meter_roles = {"main", "check", "backup"};
constexpr std::array<std::string_view, 2> indicators = {"C", "L"};
constexpr std::array<std::string_view, 8> settlement_codes = {"II", "SF", "R1", "R2",
                                                              "R3", "RF", "DR", "DF"};
constexpr std::array<std::string_view, 4> day_types = {"WD", "SAT", "SUN", "BH"};

template <class Enum>
Parsed<Enum> parse_code(std::span<const std::string_view> codes, std::string_view text,
                        std::string_view what) {
  const auto found = std::find(codes.begin(), codes.end(), text);
  if (found != codes.end()) return static_cast<Enum>(found - codes.begin());
  std::string choices;
  for (const auto code : codes) choices.append(choices.empty() ? "" : ", ").append(code);
  return parse_failure(text, std::string("is not a ").append(what).append(": one of ") + choices);
}

template <class Enum>
std::string_view code_of(std::span<const std::string_view> codes, Enum value) {
  const auto index = static_cast<std::size_t>(value);
  HHGRID_ASSERT(index < codes.size(), index);
  return codes[index];
}

// -- identifiers --------------------------------------------------------------

template <class Id>
constexpr std::string_view identifier_name = "identifier";
template <>
constexpr std::string_view identifier_name<BmuId> = "BM unit id";
template <>
constexpr std::string_view identifier_name<SupplierId> = "supplier id";
template <>
constexpr std::string_view identifier_name<LlfcId> = "line loss factor class id";
template <>
constexpr std::string_view identifier_name<DuosTariffId> = "DUoS tariff id";
template <>
constexpr std::string_view identifier_name<DataServiceId> = "data service id";
template <>
constexpr std::string_view identifier_name<MeterSerialId> = "meter id";
template <>
constexpr std::string_view identifier_name<RegisterId> = "register id";

bool is_identifier_character(char c) {
  return is_digit(c) || ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z') || c == '_' || c == '-';
}

}  // namespace

// -- Mpan ---------------------------------------------------------------------

Parsed<Mpan> Mpan::parse(std::string_view text) {
  if (text.size() != 13 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return parse_failure(text, "is not an MPAN core: it needs exactly 13 digits");
  }
  const auto number = *parse_digits(text);
  const auto expected = check_digit(number / 10);
  if (number % 10 != expected) {
    return parse_failure(
        text, "is not an MPAN core: its check digit should be " + std::to_string(expected));
  }
  return Mpan(number);
}

Mpan Mpan::from_number(std::uint64_t digits) {
  HHGRID_ASSERT(digits < mpan_end && digits % 10 == check_digit(digits / 10), digits);
  return Mpan(digits);
}

Mpan Mpan::from_body(std::uint64_t body) {
  HHGRID_ASSERT(body < mpan_body_end, body);
  return Mpan(body * 10 + check_digit(body));
}

std::string Mpan::to_string() const {
  auto text = std::to_string(digits_);
  return std::string(13 - text.size(), '0') + text;
}

// -- Identifier ---------------------------------------------------------------

template <class Tag, std::size_t Size>
Parsed<Identifier<Tag, Size>> Identifier<Tag, Size>::parse(std::string_view text) {
  if constexpr (std::is_same_v<Identifier, ParticipantId>) {
    const auto holds = [](char c) { return is_digit(c) || ('A' <= c && c <= 'Z'); };
    if (text.size() != Size || !std::all_of(text.begin(), text.end(), holds))
      return parse_failure(
          text, "is not a market participant id: it needs exactly 4 capital letters or digits");
  }
  if (text.empty() || text.size() > Size ||
      !std::all_of(text.begin(), text.end(), is_identifier_character)) {
    return parse_failure(
        text,
        std::string("is not a ").append(identifier_name<Identifier>).append(": it needs 1 to ") +
            std::to_string(Size) + " letters, digits, '_' or '-'");
  }
  Identifier id;
  std::size_t padding = 0;
  if constexpr (std::is_same_v<Identifier, LlfcId>) {
    // D0265 files write ids without leading zeros; standing data and messages use three characters
    // (docs/market-rules.md, "Identifiers and partitions").
    if (text.size() < 3 && std::all_of(text.begin(), text.end(), is_digit))
      padding = 3 - text.size();
  }
  const auto end = std::fill_n(id.text_.begin(), padding, '0');
  std::copy(text.begin(), text.end(), end);
  id.size_ = static_cast<std::uint8_t>(padding + text.size());
  return id;
}

template class Identifier<BmuTag, 11>;
template class Identifier<SupplierTag, 10>;
template class Identifier<LlfcTag, 4>;
template class Identifier<DuosTag, 20>;
template class Identifier<DataServiceTag, 10>;
template class Identifier<MeterSerialTag, 14>;
template class Identifier<RegisterTag, 10>;
template class Identifier<ParticipantTag, 4>;

// -- GspGroup -----------------------------------------------------------------

Parsed<GspGroup> GspGroup::parse(std::string_view text) {
  if (text.size() != 2 || text[0] != '_' ||
      gsp_group_letters.find(text[1]) == std::string_view::npos) {
    return parse_failure(text, "is not a GSP Group: '_' and one letter of ABCDEFGHJKLMNP");
  }
  GspGroup group;
  group.letter_ = text[1];
  return group;
}

// -- codes --------------------------------------------------------------------

Parsed<MeasurementQuantity> parse_quantity(std::string_view text) {
  return parse_code<MeasurementQuantity>(quantities, text, "measurement quantity");
}
Parsed<MarketSegment> parse_segment(std::string_view text) {
  return parse_code<MarketSegment>(segments, text, "market segment");
}
Parsed<ConnectionType> parse_connection(std::string_view text) {
  return parse_code<ConnectionType>(connections, text, "connection type");
}
Parsed<Direction> parse_direction(std::string_view text) {
  return parse_code<Direction>(directions, text, "direction");
}
Parsed<MeterRole> parse_meter_role(std::string_view text) {
  return parse_code<MeterRole>(meter_roles, text, "role of a meter");
}
Parsed<Indicator> parse_indicator(std::string_view text) {
  return parse_code<Indicator>(indicators, text, "component indicator");
}
Parsed<SettlementCode> parse_settlement_code(std::string_view text) {
  return parse_code<SettlementCode>(settlement_codes, text, "settlement code");
}
Parsed<DayType> parse_day_type(std::string_view text) {
  return parse_code<DayType>(day_types, text, "day type");
}

std::string_view to_string(MeasurementQuantity value) { return code_of(quantities, value); }
std::string_view to_string(MarketSegment value) { return code_of(segments, value); }
std::string_view to_string(ConnectionType value) { return code_of(connections, value); }
std::string_view to_string(Direction value) { return code_of(directions, value); }
std::string_view to_string(MeterRole value) { return code_of(meter_roles, value); }
std::string_view to_string(Indicator value) { return code_of(indicators, value); }
std::string_view to_string(SettlementCode value) { return code_of(settlement_codes, value); }
std::string_view to_string(DayType value) { return code_of(day_types, value); }

}  // namespace hhgrid::core
