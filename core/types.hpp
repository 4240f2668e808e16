#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace hhgrid::core {

/// Energy in integer watt-hours. Nothing settled is ever floating point.
using WattHours = std::int64_t;
/// 128-bit intermediates, so that no product of energies, factors and weights overflows.
using Int128 = __int128;

/// Why a text is not a value; a full sentence that names the value.
struct ParseError {
  std::string text;
};
template <class T>
using Parsed = tl::expected<T, ParseError>;

/// A whole day counted from 1970-01-01; `Tag` keeps UTC days and local settlement days apart.
template <class Tag>
struct Day {
  std::int32_t value = 0;
  friend constexpr auto operator<=>(Day, Day) = default;
  friend constexpr Day operator+(Day d, int n) { return {d.value + n}; }
  friend constexpr Day operator-(Day d, int n) { return {d.value - n}; }
  friend constexpr int operator-(Day a, Day b) { return a.value - b.value; }
};
/// A calendar day in UTC: 48 half hours, labelled by their end.
using UtcDay = Day<struct UtcDayTag>;
/// A local (Europe/London) day: 46, 48 or 50 settlement periods.
using SettlementDay = Day<struct SettlementDayTag>;
/// The `effective_to` of a period that is still open.
inline constexpr SettlementDay open_ended{std::numeric_limits<std::int32_t>::max()};

/// Milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t milliseconds = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
};

inline constexpr int periods_per_utc_day = 48;
inline constexpr int settlement_periods_max = 50;
inline constexpr std::int64_t ms_per_utc_day = 86'400'000;
inline constexpr std::int64_t ms_per_period = ms_per_utc_day / periods_per_utc_day;

/// The 13 digits of an MPAN core; exists only with a valid check digit.
class Mpan {
 public:
  /// Parses 13 digits; the error names the value and the digit expected (docs/market-rules.md,
  /// "Identifiers and partitions").
  static Parsed<Mpan> parse(std::string_view text);
  /// For digits that were checked when they entered the grid; an assertion otherwise
  /// (core/assertion.hpp).
  static Mpan from_number(std::uint64_t digits);
  /// For digits as a key or an entry holds them, where one is read with each reading: whoever wrote
  /// them had checked them.
  static constexpr Mpan unchecked(std::uint64_t digits) { return Mpan(digits); }
  /// Adds the check digit to a 12-digit body.
  static Mpan from_body(std::uint64_t body);
  std::uint64_t number() const { return digits_; }
  std::string to_string() const;
  friend constexpr auto operator<=>(Mpan, Mpan) = default;
  template <class Hash>
  // NOLINTNEXTLINE(readability-identifier-naming): absl looks for it
  friend Hash AbslHashValue(Hash hash, Mpan mpan) {
    return Hash::combine(std::move(hash), mpan.digits_);
  }

 private:
  explicit constexpr Mpan(std::uint64_t digits) : digits_(digits) {}
  std::uint64_t digits_;
};

namespace detail {

/// The text zero-padded to `Size` as big-endian words, so that comparing words compares characters.
template <std::size_t Size>
constexpr auto comparison_words(const std::array<char, Size>& text) {
  std::array<std::uint64_t, (Size + 7) / 8> words{};
  std::array<char, words.size() * 8> padded{};
  std::copy(text.begin(), text.end(), padded.begin());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::array<char, 8> bytes{};
    std::copy_n(padded.begin() + i * 8, 8, bytes.begin());
    words[i] = __builtin_bswap64(std::bit_cast<std::uint64_t>(bytes));
  }
  return words;
}
static_assert(std::endian::native == std::endian::little, "comparison_words and packing assume it");

}  // namespace detail

/// A short identifier of the field (at most `Size` characters, ASCII letters, digits, `_` and `-`).
/// Ordered as its text; a comparison is a few word operations.
template <class Tag, std::size_t Size>
class Identifier {
 public:
  constexpr Identifier() = default;  ///< Empty: not given.
  /// Refuses a blank text: what is not given is a default-constructed identifier.
  static Parsed<Identifier> parse(std::string_view text);
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {text_.data(), size_}; }
  std::string to_string() const { return std::string(view()); }
  friend constexpr auto operator<=>(const Identifier& a, const Identifier& b) {
    return detail::comparison_words(a.text_) <=> detail::comparison_words(b.text_);
  }
  friend constexpr bool operator==(const Identifier&, const Identifier&) = default;

 private:
  std::array<char, Size> text_{};
  std::uint8_t size_ = 0;
};
using BmuId = Identifier<struct BmuTag, 11>;
using SupplierId = Identifier<struct SupplierTag, 10>;
using LlfcId = Identifier<struct LlfcTag, 4>;  ///< Numeric ids are padded to 3 digits on parsing.
using DuosTariffId = Identifier<struct DuosTag, 20>;
using DataServiceId = Identifier<struct DataServiceTag, 10>;
using MeterSerialId =
    Identifier<struct MeterSerialTag, 14>;              ///< Of the device, as its maker numbers it.
using RegisterId = Identifier<struct RegisterTag, 10>;  ///< Of a register of a device.
/// A market participant (MPID): exactly 4 capital letters or digits.
using ParticipantId = Identifier<struct ParticipantTag, 4>;

/// `_A` ... `_P` without `_I` and `_O`: one of the 14 GSP Groups, or none.
class GspGroup {
 public:
  constexpr GspGroup() = default;  ///< None: not split by GSP Group.
  /// Refuses a blank text, as Identifier does.
  static Parsed<GspGroup> parse(std::string_view text);
  bool empty() const { return letter_ == 0; }
  std::string to_string() const { return empty() ? std::string() : std::string{'_', letter_}; }
  char letter() const { return letter_; }  ///< Zero when there is none.
  friend constexpr auto operator<=>(GspGroup, GspGroup) = default;

 private:
  char letter_ = 0;
};
/// The letters of the 14 GSP Groups.
inline constexpr std::string_view gsp_group_letters = "ABCDEFGHJKLMNP";

enum class MeasurementQuantity : std::uint8_t {
  active_import,
  active_export,
  reactive_import,
  reactive_export
};  // AI AE RI RE
/// AI and AE are settled; reactive quantities are only kept.
constexpr bool is_settled(MeasurementQuantity quantity) {
  return quantity == MeasurementQuantity::active_import ||
         quantity == MeasurementQuantity::active_export;
}
enum class MarketSegment : std::uint8_t { smart, advanced, unmetered };  // S A U
enum class ConnectionType : std::uint8_t {
  whole_current,
  low_voltage,
  high_voltage,
  extra_high_voltage,
  unmetered
};                                                         // W L H E U
enum class Direction : std::uint8_t { import_, export_ };  // I E
/// What a device at a meter point is for: settlement takes the main one's values.
enum class MeterRole : std::uint8_t { main, check, backup };
enum class Indicator : std::uint8_t { consumption, losses };  // C L
enum class SettlementCode : std::uint8_t { ii, sf, r1, r2, r3, rf, dr, df };
enum class DayType : std::uint8_t { weekday, saturday, sunday, bank_holiday };  // WD SAT SUN BH

Parsed<MeasurementQuantity> parse_quantity(std::string_view text);
Parsed<MarketSegment> parse_segment(std::string_view text);
Parsed<ConnectionType> parse_connection(std::string_view text);
Parsed<Direction> parse_direction(std::string_view text);
Parsed<MeterRole> parse_meter_role(std::string_view text);
Parsed<Indicator> parse_indicator(std::string_view text);
Parsed<SettlementCode> parse_settlement_code(std::string_view text);
Parsed<DayType> parse_day_type(std::string_view text);
std::string_view to_string(MeasurementQuantity);
std::string_view to_string(MarketSegment);
std::string_view to_string(ConnectionType);
std::string_view to_string(Direction);
std::string_view to_string(MeterRole);
std::string_view to_string(Indicator);
std::string_view to_string(SettlementCode);
std::string_view to_string(DayType);

}  // namespace hhgrid::core
