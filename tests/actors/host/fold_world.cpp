#include "core/decimal.hpp"
#include "tests/actors/host/fold_fixture.hpp"

namespace hhgrid::actors::test {
namespace {

template <class T>
T id(std::string_view text) {
  return T::parse(text).value();
}

template <class Encode, class Row>
Entry encoded(Encode encode, const Row& row) {
  storage::EntryScratch scratch;
  return storage::copy_words(encode(row, scratch));
}

constexpr std::string_view groups[] = {"_A", "_C"}, suppliers[] = {"SUPA", "SUPB"},
                           llfcs[] = {"001", "002"};
const core::SettlementDay beginning = settlement_day("2010-01-01");

std::string default_unit(std::string_view group, std::string_view supplier) {
  return "2__" + std::string(group.substr(1)) + std::string(supplier) + "000";
}

void add_classes(std::vector<Entry>& entries) {
  std::uint16_t number = 1;
  for (const auto connection :
       {core::ConnectionType::whole_current, core::ConnectionType::low_voltage})
    for (const auto segment : {core::MarketSegment::smart, core::MarketSegment::advanced})
      for (const auto quantity :
           {core::MeasurementQuantity::active_import, core::MeasurementQuantity::active_export})
        for (const auto indicator : {core::Indicator::consumption, core::Indicator::losses})
          entries.push_back(
              encoded(storage::encode_component_class,
                      core::ComponentClass{number++,
                                           connection,
                                           quantity,
                                           segment,
                                           indicator,
                                           segment == core::MarketSegment::smart ? 100 : 50,
                                           {beginning}}));
}

}  // namespace

core::SettlementDay settlement_day(std::string_view text) {
  return core::parse_settlement_day(text).value();
}
core::UtcDay utc_day(std::string_view text) { return core::parse_utc_day(text).value(); }
core::Mpan meter_mpan(std::uint64_t n) { return core::Mpan::from_body(100'000'000'000 + n); }

core::Terms terms_variant(unsigned n) {
  const auto bit = [&](unsigned i) { return n >> i & 1; };
  core::Terms terms;
  terms.gsp_group = id<core::GspGroup>(groups[bit(0)]);
  terms.supplier = id<core::SupplierId>(suppliers[bit(1)]);
  terms.domestic = bit(2) != 0;
  terms.direction =
      bit(3) != 0 && bit(6) != 0 ? core::Direction::export_ : core::Direction::import_;
  terms.energised = !(bit(4) != 0 && bit(5) != 0 && bit(6) == 0);
  terms.connection =
      bit(4) != 0 ? core::ConnectionType::low_voltage : core::ConnectionType::whole_current;
  terms.segment = bit(5) != 0 ? core::MarketSegment::advanced : core::MarketSegment::smart;
  terms.distributor = 20;
  terms.llfc = id<core::LlfcId>(llfcs[bit(6)]);
  if (bit(2) != 0 && bit(5) != 0)
    terms.bmu = id<core::BmuId>("2__XOTHER01");  // valid in group _A for SUPA only
  terms.duos_tariff = id<core::DuosTariffId>("D1");
  terms.data_service = id<core::DataServiceId>("DS1");
  return terms;
}

Entry registration_entry(core::Mpan mpan, core::SettlementDay from, core::SettlementDay to,
                         const core::Terms& terms) {
  return encoded(storage::encode_registration, storage::Registration{mpan, {from, to}, terms});
}

Entry annual_consumption_entry(core::Mpan mpan, core::SettlementDay from,
                               core::WattHours energy_wh) {
  return encoded(storage::encode_annual_consumption,
                 storage::AnnualConsumption{mpan, from, energy_wh, '1'});
}

Entry meter_register_entry(core::Mpan mpan, core::Instant installed_at,
                           core::WattHours maximum_wh) {
  return encoded(storage::encode_meter_register,
                 storage::MeterRegister{.mpan = mpan,
                                        .meter_id = id<core::MeterSerialId>("M1"),
                                        .register_id = {},
                                        .installed_at = installed_at,
                                        .maximum_wh = maximum_wh});
}

Entry consumption_entry(core::Mpan mpan, core::UtcDay day, core::WattHours energy_wh,
                        std::uint64_t present, core::MeasurementQuantity quantity,
                        core::Quality quality) {
  storage::ConsumptionDay version(mpan);
  version.day = day;
  version.quantity = quantity;
  version.present = present;
  version.quality = quality;
  for (std::size_t i = 0; i < version.energy_wh.size(); ++i)
    if ((present >> i & 1) != 0) version.energy_wh[i] = energy_wh;
  return consumption_entry(version);
}

Entry consumption_entry(const storage::ConsumptionDay& day) {
  return encoded(storage::encode_consumption, day);
}

Entry group_take_entry(std::string_view group, core::SettlementDay day, core::WattHours energy_wh) {
  storage::GroupTake row{id<core::GspGroup>(group), day, {}};
  for (int i = 0; i < FoldGrid::calendar().period_count(day); ++i) {
    row.take.energy_wh[static_cast<std::size_t>(i)] = energy_wh;
    row.take.present.set(static_cast<std::size_t>(i));
  }
  return encoded(storage::encode_group_take, row);
}

Entry line_losses_entry(std::string_view llfc, core::SettlementDay day, std::uint16_t thousandths) {
  storage::LineLosses row{20, id<core::LlfcId>(llfc), day, {}};
  row.thousandths.fill(0);
  for (int i = 0; i < FoldGrid::calendar().period_count(day); ++i)
    row.thousandths[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(thousandths + i % 3);
  return encoded(storage::encode_line_losses, row);
}

Entry bank_holiday_entry(std::int32_t day) {
  return encoded(storage::encode_bank_holiday, storage::BankHoliday{day, "a holiday"});
}

std::vector<Entry> standing_entries(core::SettlementDay first, core::SettlementDay last,
                                    core::WattHours take_wh) {
  std::vector<Entry> entries;
  for (const auto group : groups)
    for (const auto supplier : suppliers)
      entries.push_back(
          encoded(storage::encode_bmu, core::Bmu{id<core::BmuId>(default_unit(group, supplier)),
                                                 id<core::SupplierId>(supplier),
                                                 id<core::GspGroup>(group),
                                                 true,
                                                 {beginning}}));
  entries.push_back(encoded(storage::encode_bmu, core::Bmu{id<core::BmuId>("2__XOTHER01"),
                                                           id<core::SupplierId>("SUPA"),
                                                           id<core::GspGroup>("_A"),
                                                           false,
                                                           {beginning}}));
  add_classes(entries);
  core::DefaultShapeRow shape;
  shape.connection = core::ConnectionType::whole_current;
  for (std::size_t i = 0; i < shape.energy_wh.size(); ++i)
    shape.energy_wh[i] = 100 + static_cast<core::WattHours>(i);
  entries.push_back(encoded(storage::encode_default_shape, shape));
  for (core::SettlementDay day = first; day <= last; day = day + 1) {
    for (const auto group : groups) entries.push_back(group_take_entry(group, day, take_wh));
    for (const auto llfc : llfcs) entries.push_back(line_losses_entry(llfc, day, 1050));
  }
  return entries;
}

}  // namespace hhgrid::actors::test
