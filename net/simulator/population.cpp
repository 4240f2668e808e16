#include "net/simulator/population.hpp"

#include <algorithm>
#include <bit>

#include "core/assertion.hpp"
#include "core/calendar.hpp"
#include "net/simulator/counter_random.hpp"

namespace hhgrid::net {
namespace {

using core::ConnectionType;
using core::MarketSegment;
using core::periods_per_utc_day;

/// Made-up suppliers.
constexpr std::array<std::string_view, Population::supplier_count> suppliers = {
    "ALDR", "BRAE", "COVE", "DUNE", "ELMS", "FERN", "GLEN", "HOLT"};
/// Shares of the suppliers in 1/64.
constexpr std::array<std::uint8_t, Population::supplier_count> supplier_shares = {18, 13, 10, 8,
                                                                                  6,  4,  3,  2};

enum LossClass : std::uint8_t {
  domestic_class,
  business_class,
  low_voltage_class,
  high_voltage_class,
  extra_high_class,
  unmetered_class,
  export_low_class,
  export_high_class
};
constexpr std::array<std::string_view, Population::loss_class_count> loss_classes = {
    "001", "002", "200", "300", "400", "500", "701", "703"};

/// The distributor of each GSP Group, by the letter of the group.
std::uint8_t distributor_of(char letter) {
  constexpr std::string_view letters = "ABCDEFGPNJHKLM";  // 10, 11, ...
  return static_cast<std::uint8_t>(10 + letters.find(letter));
}

/// Prime to 10^10, so that no two meters share a number.
constexpr std::uint64_t number_stride = 7'919;
constexpr std::uint64_t numbers_per_distributor = 10'000'000'000;

std::uint8_t choose_supplier(CounterRandom& random) {
  auto at = random.below(64);
  std::uint8_t supplier = 0;
  while (at >= supplier_shares[supplier]) at -= supplier_shares[supplier++];
  return supplier;
}

ConnectionType choose_connection(CounterRandom& random, MarketSegment segment) {
  const auto at = random.below(100);
  if (segment == MarketSegment::unmetered) return ConnectionType::unmetered;
  if (segment == MarketSegment::smart)
    return at < 98 ? ConnectionType::whole_current : ConnectionType::low_voltage;
  return at < 25   ? ConnectionType::whole_current
         : at < 75 ? ConnectionType::low_voltage
         : at < 98 ? ConnectionType::high_voltage
                   : ConnectionType::extra_high_voltage;
}

LossClass loss_class_of(const MeterTraits& traits) {
  const bool high = traits.connection == ConnectionType::high_voltage ||
                    traits.connection == ConnectionType::extra_high_voltage;
  if (traits.direction == core::Direction::export_)
    return high ? export_high_class : export_low_class;
  switch (traits.connection) {
    case ConnectionType::whole_current:
      return traits.domestic ? domestic_class : business_class;
    case ConnectionType::low_voltage:
      return low_voltage_class;
    case ConnectionType::high_voltage:
      return high_voltage_class;
    case ConnectionType::extra_high_voltage:
      return extra_high_class;
    case ConnectionType::unmetered:
      break;
  }
  return unmetered_class;
}

/// A year's energy: around the middle of its kind, small ones more often than large ones. Never so
/// much that a half hour asks more of the connection than it can carry.
core::WattHours choose_annual(CounterRandom& random, const MeterTraits& traits) {
  const auto between = [&](std::int64_t low_kwh, std::int64_t high_kwh) {
    const auto a = random.below(1000), b = random.below(1000);
    return (low_kwh + (high_kwh - low_kwh) * static_cast<std::int64_t>(a * b / 1000) / 1000) * 1000;
  };
  const bool whole_current = traits.connection == ConnectionType::whole_current;
  if (traits.segment == MarketSegment::unmetered) return between(500, 80'000);
  if (traits.direction == core::Direction::export_)
    return traits.segment == MarketSegment::smart
               ? between(1'200, 5'000)
               : between(20'000, whole_current ? 50'000 : 400'000);
  if (traits.domestic) return between(1'500, 8'000);
  switch (traits.connection) {
    case ConnectionType::high_voltage:
      return between(400'000, 6'000'000);
    case ConnectionType::extra_high_voltage:
      return between(4'000'000, 60'000'000);
    default:
      return traits.segment == MarketSegment::smart
                 ? between(3'000, 40'000)
                 : between(30'000, whole_current ? 120'000 : 500'000);
  }
}

CurveKind curve_of(const MeterTraits& traits) {
  if (traits.direction == core::Direction::export_) return CurveKind::solar_export;
  if (traits.segment == MarketSegment::unmetered) return CurveKind::street_lighting;
  return traits.domestic ? CurveKind::domestic : CurveKind::non_domestic;
}

std::string_view data_service_of(MarketSegment segment) {
  switch (segment) {
    case MarketSegment::smart:
      return "SDS01";
    case MarketSegment::advanced:
      return "ADS01";
    case MarketSegment::unmetered:
      break;
  }
  return "UMS01";
}

}  // namespace

Population::Population(PopulationOptions options) : options_(std::move(options)) {
  HHGRID_ASSERT(options_.meters > 0 && options_.days > 0, options_.meters, options_.days);
  for (const char letter : options_.groups) {
    const auto group = core::GspGroup::parse(std::string{'_', letter});
    HHGRID_ASSERT(group.has_value(), options_.groups);
    groups_.push_back(*group);
    distributors_.push_back(distributor_of(letter));
  }
  HHGRID_ASSERT(!groups_.empty());
  number_start_ = CounterRandom(options_.seed, random_numbers, 0).next() % numbers_per_distributor;
  for (std::int32_t d = 0; d < options_.days; ++d) {
    auto& of_day = curves_.emplace_back();
    for (int kind = 0; kind < curve_kind_count; ++kind)
      of_day[static_cast<std::size_t>(kind)] =
          day_curve(static_cast<CurveKind>(kind), options_.first_day + d);
  }
}

core::SupplierId Population::supplier(std::uint8_t index) {
  return *core::SupplierId::parse(suppliers[index]);
}

core::BmuId Population::bmu(std::uint8_t supplier, core::GspGroup group, bool additional) {
  std::string id = "2_";
  id.append(group.to_string()).append(suppliers[supplier]).append(additional ? "001" : "000");
  return *core::BmuId::parse(id);
}

core::LlfcId Population::loss_class(std::uint8_t index) {
  return *core::LlfcId::parse(loss_classes[index]);
}

MeterTraits Population::traits(std::uint32_t i) const {
  HHGRID_ASSERT(i < options_.meters, i);
  CounterRandom random(options_.seed, random_traits, i);
  MeterTraits traits{.mpan = core::Mpan::from_body(0)};
  traits.group =
      static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(groups_.size())));
  traits.mpan =
      core::Mpan::from_body(distributors_[traits.group] * numbers_per_distributor +
                            (number_start_ + i * number_stride) % numbers_per_distributor);
  const auto segment = random.below(100);
  traits.segment = segment < 85   ? MarketSegment::smart
                   : segment < 95 ? MarketSegment::advanced
                                  : MarketSegment::unmetered;
  traits.connection = choose_connection(random, traits.segment);
  // 84 of 1000 of the metered are 8 % of all.
  const bool exports = random.per_mille(84) && traits.segment != MarketSegment::unmetered;
  traits.direction = exports ? core::Direction::export_ : core::Direction::import_;
  traits.domestic = random.per_mille(920) && traits.segment == MarketSegment::smart &&
                    traits.connection == ConnectionType::whole_current;
  traits.supplier = choose_supplier(random);
  traits.additional_unit = random.per_mille(200) && has_additional_unit(traits.supplier);
  traits.energised = !random.per_mille(5);
  traits.changes_supplier = random.per_mille(10);
  traits.loss_class = loss_class_of(traits);
  traits.curve = curve_of(traits);
  traits.annual_wh = choose_annual(random, traits);
  return traits;
}

std::vector<storage::Registration> Population::registrations(std::uint32_t i) const {
  const MeterTraits of = traits(i);
  core::Terms terms;
  terms.supplier = supplier(of.supplier);
  if (of.additional_unit) terms.bmu = bmu(of.supplier, groups_[of.group], true);
  terms.gsp_group = groups_[of.group];
  terms.distributor = distributors_[of.group];
  terms.llfc = loss_class(of.loss_class);
  std::string tariff = "D";
  tariff.append(std::to_string(terms.distributor)).append("-").append(loss_classes[of.loss_class]);
  terms.duos_tariff = *core::DuosTariffId::parse(tariff);
  terms.data_service = *core::DataServiceId::parse(data_service_of(of.segment));
  terms.direction = of.direction;
  terms.segment = of.segment;
  terms.connection = of.connection;
  terms.domestic = of.domestic;
  terms.energised = of.energised;
  const core::SettlementDay from{options_.first_day.value - 365};
  std::vector<storage::Registration> all{{of.mpan, {from, core::open_ended}, terms}};
  if (of.changes_supplier) {
    CounterRandom random(options_.seed, random_supplier_change, i);
    const core::SettlementDay change{
        options_.first_day.value +
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(options_.days)))};
    all[0].effective.to = change - 1;
    terms.supplier = supplier(static_cast<std::uint8_t>(
        (of.supplier + 1 + random.below(supplier_count - 1)) % supplier_count));
    terms.bmu = {};
    all.push_back({of.mpan, {change, core::open_ended}, terms});
  }
  return all;
}

std::optional<storage::AnnualConsumption> Population::annual_consumption(std::uint32_t i) const {
  CounterRandom random(options_.seed, random_annual, i);
  if (!random.per_mille(950)) return std::nullopt;
  const MeterTraits of = traits(i);
  // Within 10 % of what the meter really takes in a year.
  const core::WattHours energy_wh = of.annual_wh * (900 + random.below(201)) / 1000;
  return storage::AnnualConsumption{
      of.mpan, {options_.first_day.value - 30}, energy_wh, "A12"[random.below(3)]};
}

const Curve& Population::curve(CurveKind kind, core::UtcDay day) const {
  const std::int32_t index = day - options_.first_day;
  HHGRID_ASSERT(0 <= index && index < options_.days, index, options_.days);
  return curves_[static_cast<std::size_t>(index)][static_cast<std::size_t>(kind)];
}

storage::ConsumptionDay Population::consumption(std::uint32_t i, core::UtcDay day) const {
  return consumption(i, traits(i), day);
}

storage::ConsumptionDay Population::consumption(std::uint32_t i, const MeterTraits& traits,
                                                core::UtcDay day) const {
  storage::ConsumptionDay out(traits.mpan);
  out.quantity = traits.quantity();
  out.day = day;
  out.present = core::all_periods_mask;
  out.quality = core::Quality::a;
  if (!traits.energised) return out;

  CounterRandom random(options_.seed, random_day, i, static_cast<std::uint32_t>(day.value));
  const Curve& shape = curve(traits.curve, day);
  // Wh a period in 2^-20 thousandths (the curve is in thousandths), times a day's factor of 0.75
  // to 1.25. At most 6e10 Wh a year x 3.6 x 1.75: everything stays below 2^50.
  const std::int64_t mean =
      (traits.annual_wh << 20) / (periods_per_year * 1000) * (768 + random.below(512)) >> 10;
  // Lamps do not flicker; homes and works vary from half hour to half hour by up to three quarters.
  const std::int64_t spread = traits.curve == CurveKind::street_lighting ? 0 : 3;
  for (std::size_t slot = 0; slot < periods_per_utc_day; slot += 4) {
    const std::uint64_t bits = random.next();
    for (std::size_t k = 0; k < 4; ++k) {
      const auto noise =
          static_cast<std::int64_t>(bits >> (16 * k) & 0x7FF) - 1024;  // -1024 .. 1023
      const std::int64_t factor = 4096 + noise * spread;               // 4096 is 1
      out.energy_wh[slot + k] = (mean * shape[slot + k] >> 8) * factor >> (12 + 12);
    }
  }
  return out;
}

}  // namespace hhgrid::net
