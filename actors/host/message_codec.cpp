#include "actors/host/message_codec.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/calendar.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {
namespace {

constexpr std::uint8_t not_split = 255;
/// A text that names every settlement period of every class concerned fits with room to spare.
constexpr std::size_t exception_text_max = 64 << 10;
constexpr std::string_view shape_flags = "ADEB";

std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

/// Fills an array by period from a list that may be shorter; values outside [min, max] are refused.
template <class T, std::size_t Size>
void read_trimmed(std::string_view field, typename capnp::List<T>::Reader in, T min, T max,
                  std::array<T, Size>& out) {
  if (in.size() > Size)
    refuse_field(field, std::to_string(in.size()) + " values",
                 "is more than " + std::to_string(Size));
  for (unsigned i = 0; i < in.size(); ++i) {
    const T value = in[i];
    if (value < min || value > max) refuse_field(field, std::to_string(value), "is out of range");
    out[i] = value;
  }
}

template <std::size_t Size>
void read_energy(std::string_view field, capnp::List<std::int64_t>::Reader in,
                 std::array<std::int64_t, Size>& out) {
  read_trimmed<std::int64_t>(field, in, -message_energy_max, message_energy_max, out);
}

std::optional<bool> read_domestic(std::uint8_t value) {
  if (value == not_split) return std::nullopt;
  if (value > 1) refuse_field("group.domestic", std::to_string(value), "is none of 0, 1 and 255");
  return value == 1;
}

std::string read_short_text(std::string_view field, capnp::Text::Reader text) {
  if (text.size() > exception_text_max)
    refuse_field(field, std::to_string(text.size()) + " bytes",
                 "is more than " + std::to_string(exception_text_max));
  return std::string(view(text));
}

}  // namespace

void refuse_field(std::string_view field, std::string_view value, std::string_view rule) {
  std::string text(field);
  text.append(" has the value ")
      .append(value.empty() ? std::string_view("\"\"") : value)
      .append(", which ")
      .append(rule);
  throw TurnFailure(text);
}

core::SettlementCode read_settlement_code(std::uint8_t value) {
  return read_enumeration<core::SettlementCode>("code", value, storage::settlement_code_count);
}

std::int32_t read_day(std::string_view field, std::int32_t value) {
  if (!core::SettlementCalendar::covers(value))
    refuse_field(field, std::to_string(value), "is not a day that the settlement calendar covers");
  return value;
}

core::Terms read_terms(schema::Terms::Reader in) {
  const auto terms = storage::read_terms(in);
  if (!terms) throw TurnFailure(terms.error().text);
  return *terms;
}

core::ShapeGroup read_group(schema::GroupKey::Reader in) {
  core::ShapeGroup group;
  if (const auto text = view(in.getGspGroup()); !text.empty()) {
    const auto gsp_group = core::GspGroup::parse(text);
    if (!gsp_group) refuse_field("group.gspGroup", text, "is no GSP Group");
    group.gsp_group = *gsp_group;
  }
  group.connection = read_enumeration<core::ConnectionType>("group.connection", in.getConnection(),
                                                            storage::connection_count);
  group.segment = read_enumeration<core::MarketSegment>("group.segment", in.getSegment(),
                                                        storage::segment_count);
  group.domestic = read_domestic(in.getDomestic());
  group.quantity = read_enumeration<core::MeasurementQuantity>("group.quantity", in.getQuantity(),
                                                               storage::quantity_count);
  return group;
}

void write_group(const core::ShapeGroup& group, schema::GroupKey::Builder out) {
  if (!group.gsp_group.empty()) out.setGspGroup(group.gsp_group.to_string());
  out.setConnection(static_cast<std::uint8_t>(group.connection));
  out.setSegment(static_cast<std::uint8_t>(group.segment));
  out.setDomestic(group.domestic ? static_cast<std::uint8_t>(*group.domestic) : not_split);
  out.setQuantity(static_cast<std::uint8_t>(group.quantity));
}

namespace {

using DayEnergy = std::array<core::WattHours, core::periods_per_utc_day>;

/// Small numbers of either sign become small numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
DayEnergy read_folded(std::string_view field, capnp::Data::Reader bytes) {
  DayEnergy values{};
  if (bytes.size() == 0) return values;
  if (!core::unpack_values({bytes.begin(), bytes.size()}, core::periods_per_utc_day, values.data()))
    refuse_field(field, std::to_string(bytes.size()) + " bytes", "are no packing of 48 values");
  for (auto& value : values) value = value >> 1 ^ -(value & 1);
  return values;
}

/// False when a value is too large to be packed. Nothing is written of zeros.
template <class Put>
bool write_folded(DayEnergy values, Put&& put) {
  bool any = false;
  for (auto& value : values) {
    value = value < 0 ? -(value + 1) * 2 + 1 : value * 2;
    if (value < 0 || value > core::packed_value_max) return false;
    any |= value != 0;
  }
  if (!any) return true;
  std::array<std::uint8_t, core::packed_size_max> packed;
  const auto size = core::pack_values(values, packed);
  put(kj::arrayPtr(packed.data(), size));
  return true;
}

}  // namespace

GroupDaySums read_shape_sums(schema::ShapeSums::Reader in) {
  constexpr std::int32_t count_max = std::numeric_limits<std::int32_t>::max();
  GroupDaySums result{read_group(in.getGroup()), {read_day("utcDay", in.getUtcDay())}, {}};
  if (in.getWideEnergyWh().size() > 0)
    read_energy("wideEnergyWh", in.getWideEnergyWh(), result.sums.energy_wh);
  else
    result.sums.energy_wh = read_folded("energyWh", in.getEnergyWh());
  const auto counts = read_folded("count", in.getCount());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < -count_max || count_max < counts[i])
      refuse_field("count", std::to_string(counts[i]), "is out of range");
    result.sums.count[i] = static_cast<std::int32_t>(counts[i]);
  }
  return result;
}

void write_shape_sums(const GroupDaySums& sums, schema::ShapeSums::Builder out) {
  write_group(sums.group, out.initGroup());
  out.setUtcDay(sums.day.value);
  if (!write_folded(sums.sums.energy_wh, [&](auto bytes) { out.setEnergyWh(bytes); }))
    write_trimmed(sums.sums.energy_wh, [&](unsigned n) { return out.initWideEnergyWh(n); });
  DayEnergy counts;
  std::copy(sums.sums.count.begin(), sums.sums.count.end(), counts.begin());
  write_folded(counts, [&](auto bytes) { out.setCount(bytes); });
}

core::ShapeFlag read_shape_flag(std::uint8_t letter) {
  if (shape_flags.find(static_cast<char>(letter)) == std::string_view::npos)
    refuse_field("flags", std::to_string(letter), "is the letter of no load-shape flag");
  return static_cast<core::ShapeFlag>(letter);
}

GroupDayShape read_shape_values(schema::ShapeValues::Reader in) {
  constexpr std::int32_t count_max = std::numeric_limits<std::int32_t>::max();
  GroupDayShape result{read_group(in.getGroup()), {read_day("utcDay", in.getUtcDay())}, {}};
  core::Shape& shape = result.shape;
  read_energy("energyWh", in.getEnergyWh(), shape.energy_wh);
  read_trimmed<std::int32_t>("counts", in.getCounts(), 0, count_max, shape.count);
  const auto flags = in.getFlags();
  if (flags.size() != shape.flag.size())
    refuse_field("flags", std::to_string(flags.size()) + " flags", "is not 48");
  for (std::size_t i = 0; i < shape.flag.size(); ++i) shape.flag[i] = read_shape_flag(flags[i]);
  shape.day_total = in.getDayTotalWh();
  shape.day_peak = in.getDayPeakWh();
  shape.day_off_peak = in.getDayOffPeakWh();
  shape.rolling_7_day = in.getRolling7Wh();
  shape.rolling_7_day_peak = in.getRolling7PeakWh();
  shape.rolling_7_day_off_peak = in.getRolling7OffPeakWh();
  shape.rolling_annual = in.getAnnualTotalWh();
  return result;
}

void write_shape_values(const GroupDayShape& value, schema::ShapeValues::Builder out) {
  const core::Shape& shape = value.shape;
  write_group(value.group, out.initGroup());
  out.setUtcDay(value.day.value);
  write_trimmed(shape.energy_wh, [&](unsigned n) { return out.initEnergyWh(n); });
  write_trimmed(shape.count, [&](unsigned n) { return out.initCounts(n); });
  auto flags = out.initFlags(static_cast<unsigned>(shape.flag.size()));
  for (std::size_t i = 0; i < shape.flag.size(); ++i)
    flags[i] = static_cast<capnp::byte>(shape.flag[i]);
  out.setDayTotalWh(shape.day_total);
  out.setDayPeakWh(shape.day_peak);
  out.setDayOffPeakWh(shape.day_off_peak);
  out.setRolling7Wh(shape.rolling_7_day);
  out.setRolling7PeakWh(shape.rolling_7_day_peak);
  out.setRolling7OffPeakWh(shape.rolling_7_day_off_peak);
  out.setAnnualTotalWh(shape.rolling_annual);
}

int read_limited(std::string_view field, std::uint32_t value, std::uint32_t least,
                 std::uint32_t greatest) {
  if (value < least || value > greatest)
    refuse_field(field, std::to_string(value), "is out of range");
  return static_cast<int>(value);
}

core::OffPeakWindow read_off_peak(std::uint8_t first, std::uint8_t last) {
  constexpr std::uint32_t periods = core::periods_per_utc_day;
  return {read_limited("offPeakFirst", first, 1, periods),
          read_limited("offPeakLast", last, 1, periods)};
}

std::map<core::GspGroup, core::OffPeakWindow> read_off_peak_of(
    capnp::List<schema::GroupOffPeak>::Reader in) {
  std::map<core::GspGroup, core::OffPeakWindow> windows;
  for (const auto window : in) {
    const auto group = core::GspGroup::parse(view(window.getGspGroup()));
    if (!group) refuse_field("offPeakOf", view(window.getGspGroup()), "is no GSP Group");
    if (!windows.emplace(*group, read_off_peak(window.getFirst(), window.getLast())).second)
      refuse_field("offPeakOf", view(window.getGspGroup()), "is there twice");
  }
  return windows;
}

void write_off_peak_of(const std::map<core::GspGroup, core::OffPeakWindow>& windows,
                       capnp::List<schema::GroupOffPeak>::Builder out) {
  unsigned i = 0;
  for (const auto& [group, window] : windows) {
    auto entry = out[i++];
    entry.setGspGroup(group.to_string());
    entry.setFirst(static_cast<std::uint8_t>(window.first));
    entry.setLast(static_cast<std::uint8_t>(window.last));
  }
}

core::Exception read_exception(schema::RunException::Reader in) {
  core::Exception exception{read_short_text("exception.kind", in.getKind()),
                            read_short_text("exception.subject", in.getSubject()),
                            in.getSettlementPeriod(),
                            read_short_text("exception.text", in.getText())};
  if (exception.period > core::settlement_periods_max)
    refuse_field("exception.settlementPeriod", std::to_string(exception.period),
                 "is no settlement period");
  return exception;
}

void write_exception(const core::Exception& exception, schema::RunException::Builder out) {
  out.setKind(exception.kind);
  out.setSubject(exception.subject);
  out.setSettlementPeriod(static_cast<std::uint8_t>(exception.period));
  out.setText(exception.text);
}

core::PeriodEnergy read_period_energy(std::string_view field,
                                      capnp::List<std::int64_t>::Reader in) {
  core::PeriodEnergy result{};
  read_energy(field, in, result);
  return result;
}

core::PeriodEnergy read_stored_energy(std::string_view field,
                                      capnp::List<std::int64_t>::Reader in) {
  using Limits = std::numeric_limits<std::int64_t>;
  core::PeriodEnergy result{};
  read_trimmed<std::int64_t>(field, in, Limits::min(), Limits::max(), result);
  return result;
}

}  // namespace hhgrid::actors
