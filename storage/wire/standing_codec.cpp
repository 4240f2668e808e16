#include "storage/wire/standing_codec.hpp"

#include <algorithm>
#include <limits>

#include "core/assertion.hpp"
#include "core/packing.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::storage {
namespace {

constexpr std::uint64_t all_settlement_periods =
    (std::uint64_t{1} << core::settlement_periods_max) - 1;

template <class List>
bool check_length(FieldChecker& check, const char* field, const List& list, unsigned expected) {
  check.require(list.size() == expected, field, list.size(), "is not its length");
  return list.size() == expected;
}

}  // namespace

// -- balancing units and classes ----------------------------------------------------------------

EntryWords encode_bmu(const core::Bmu& bmu, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initBmu();
    put_text(bmu.id.view(), [&](unsigned n) { return out.initBmu(n); });
    put_text(bmu.supplier.view(), [&](unsigned n) { return out.initSupplier(n); });
    put_text(bmu.gsp_group.to_string(), [&](unsigned n) { return out.initGspGroup(n); });
    out.setDefaultUnit(bmu.default_unit);
    out.setEffectiveFrom(bmu.effective.from.value);
    out.setEffectiveTo(bmu.effective.to.value);
  });
}

tl::expected<core::Bmu, Error> decode_bmu(schema::Entry::Reader entry) {
  return decode_entry("BMU", entry, schema::Entry::BMU, [&](FieldChecker& check) {
    const auto in = entry.getBmu();
    return core::Bmu{.id = check.identifier<core::BmuId>("bmu", in.getBmu()),
                     .supplier = check.identifier<core::SupplierId>("supplier", in.getSupplier()),
                     .gsp_group = check.identifier<core::GspGroup>("gspGroup", in.getGspGroup()),
                     .default_unit = in.getDefaultUnit(),
                     .effective = check.range(in.getEffectiveFrom(), in.getEffectiveTo())};
  });
}

EntryWords encode_component_class(const core::ComponentClass& component_class,
                                  EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initComponentClass();
    out.setCccId(component_class.ccc_id);
    out.setConnection(number(component_class.connection));
    out.setQuantity(number(component_class.quantity));
    out.setSegment(number(component_class.segment));
    out.setIndicator(number(component_class.indicator));
    out.setWeightHundredths(component_class.weight_hundredths);
    out.setEffectiveFrom(component_class.effective.from.value);
    out.setEffectiveTo(component_class.effective.to.value);
  });
}

tl::expected<core::ComponentClass, Error> decode_component_class(schema::Entry::Reader entry) {
  return decode_entry(
      "component class", entry, schema::Entry::COMPONENT_CLASS, [&](FieldChecker& check) {
        const auto in = entry.getComponentClass();
        core::ComponentClass out;
        out.ccc_id = static_cast<std::uint16_t>(
            check.number("cccId", in.getCccId(), 1, component_class_id_max));
        out.connection = check.enumeration<core::ConnectionType>("connection", in.getConnection(),
                                                                 connection_count);
        out.quantity = check.enumeration<core::MeasurementQuantity>("quantity", in.getQuantity(),
                                                                    quantity_count);
        out.segment =
            check.enumeration<core::MarketSegment>("segment", in.getSegment(), segment_count);
        out.indicator =
            check.enumeration<core::Indicator>("indicator", in.getIndicator(), indicator_count);
        out.weight_hundredths = static_cast<std::int32_t>(
            check.number("weightHundredths", in.getWeightHundredths(), 0, weight_hundredths_max));
        out.effective = check.range(in.getEffectiveFrom(), in.getEffectiveTo());
        return out;
      });
}

// -- line losses --------------------------------------------------------------------------------

EntryWords encode_line_losses(const LineLosses& losses, EntryScratch& scratch) {
  unsigned count = core::settlement_periods_max;
  while (count > 0 && losses.thousandths[count - 1] == 0) --count;
  HHGRID_ASSERT(count > 0);
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initLineLosses();
    out.setDistributor(losses.distributor);
    put_text(losses.llfc.view(), [&](unsigned n) { return out.initLlfc(n); });
    out.setSettlementDay(losses.day.value);
    out.setThousandths(kj::arrayPtr(losses.thousandths.data(), count));
  });
}

tl::expected<LineLosses, Error> decode_line_losses(schema::Entry::Reader entry) {
  return decode_entry("line losses", entry, schema::Entry::LINE_LOSSES, [&](FieldChecker& check) {
    const auto in = entry.getLineLosses();
    LineLosses out;
    out.distributor =
        static_cast<std::uint8_t>(check.number("distributor", in.getDistributor(), 0, 99));
    out.llfc = check.identifier<core::LlfcId>("llfc", in.getLlfc());
    out.day = {check.day("settlementDay", in.getSettlementDay())};
    const auto thousandths = in.getThousandths();
    const unsigned size = thousandths.size();
    check.require(size > 0 && size <= core::settlement_periods_max, "thousandths", size,
                  "is not its length: 1 to 50");
    for (unsigned i = 0; check.ok() && i < size; ++i) out.thousandths[i] = thousandths[i];
    check.require(std::any_of(out.thousandths.begin(), out.thousandths.end(),
                              [](auto factor) { return factor != 0; }),
                  "thousandths", 0, "is every factor: no period has one");
    return out;
  });
}

// -- default shapes -----------------------------------------------------------------------------

EntryWords encode_default_shape(const core::DefaultShapeRow& row, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initDefaultShape();
    if (row.gsp_group)
      put_text(row.gsp_group->to_string(), [&](unsigned n) { return out.initGspGroup(n); });
    out.setConnection(number_or_any(row.connection));
    out.setSegment(number_or_any(row.segment));
    out.setDomestic(row.domestic ? std::uint8_t{*row.domestic} : any);
    out.setQuantity(number_or_any(row.quantity));
    out.setDayType(number_or_any(row.day_type));
    out.setEnergyWh(kj::arrayPtr(row.energy_wh.data(), row.energy_wh.size()));
  });
}

tl::expected<core::DefaultShapeRow, Error> decode_default_shape(schema::Entry::Reader entry) {
  return decode_entry(
      "default shape", entry, schema::Entry::DEFAULT_SHAPE, [&](FieldChecker& check) {
        const auto in = entry.getDefaultShape();
        core::DefaultShapeRow row;
        if (in.getGspGroup().size() != 0)
          row.gsp_group = check.identifier<core::GspGroup>("gspGroup", in.getGspGroup());
        row.connection = optional_enumeration<core::ConnectionType>(
            check, "connection", in.getConnection(), connection_count);
        row.segment = optional_enumeration<core::MarketSegment>(check, "segment", in.getSegment(),
                                                                segment_count);
        row.domestic = optional_enumeration<bool>(check, "domestic", in.getDomestic(), 2);
        row.quantity = optional_enumeration<core::MeasurementQuantity>(
            check, "quantity", in.getQuantity(), quantity_count);
        row.day_type =
            optional_enumeration<core::DayType>(check, "dayType", in.getDayType(), day_type_count);
        const auto energy = in.getEnergyWh();
        if (check_length(check, "energyWh", energy, core::periods_per_utc_day))
          for (unsigned i = 0; i < energy.size(); ++i)
            row.energy_wh[i] = check.number("energyWh", energy[i], 0, core::packed_value_max);
        return row;
      });
}

// -- GSP Group Takes ----------------------------------------------------------------------------

EntryWords encode_group_take(const GroupTake& take, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initGroupTake();
    put_text(take.gsp_group.to_string(), [&](unsigned n) { return out.initGspGroup(n); });
    out.setSettlementDay(take.day.value);
    out.setPresent(take.take.present.to_ullong());
    out.setEstimated(take.take.estimated.to_ullong());
    out.setEnergyWh(kj::arrayPtr(take.take.energy_wh.data(), take.take.energy_wh.size()));
  });
}

tl::expected<GroupTake, Error> decode_group_take(schema::Entry::Reader entry) {
  return decode_entry("GSP Group Take", entry, schema::Entry::GROUP_TAKE, [&](FieldChecker& check) {
    const auto in = entry.getGroupTake();
    GroupTake out;
    out.gsp_group = check.identifier<core::GspGroup>("gspGroup", in.getGspGroup());
    out.day = {check.day("settlementDay", in.getSettlementDay())};
    const std::uint64_t present = in.getPresent(), estimated = in.getEstimated();
    check.require(present != 0 && (present & ~all_settlement_periods) == 0, "present",
                  static_cast<std::int64_t>(present), "is no mask of settlement periods");
    check.require((estimated & ~present) == 0, "estimated", static_cast<std::int64_t>(estimated),
                  "marks periods that are not present");
    out.take.present = present;
    out.take.estimated = estimated;
    const auto energy = in.getEnergyWh();
    if (check_length(check, "energyWh", energy, core::settlement_periods_max))
      for (unsigned i = 0; i < energy.size(); ++i)
        out.take.energy_wh[i] =
            check.number("energyWh", energy[i], -group_take_limit, group_take_limit);
    return out;
  });
}

// -- calendar -----------------------------------------------------------------------------------

EntryWords encode_run_date(const RunDateRow& row, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initRunDate();
    out.setSettlementDay(row.day.value);
    out.setCode(number(row.code));
    out.setCutoff(row.run_date.cutoff.milliseconds);
    out.setRunDay(row.run_date.run_day);
  });
}

tl::expected<RunDateRow, Error> decode_run_date(schema::Entry::Reader entry) {
  return decode_entry("run date", entry, schema::Entry::RUN_DATE, [&](FieldChecker& check) {
    const auto in = entry.getRunDate();
    RunDateRow row;
    row.day = {check.day("settlementDay", in.getSettlementDay())};
    row.code = check.enumeration<core::SettlementCode>("code", in.getCode(), settlement_code_count);
    row.run_date.cutoff = {
        check.number("cutoff", in.getCutoff(), 0, std::numeric_limits<std::int64_t>::max())};
    row.run_date.run_day = check.day("runDay", in.getRunDay());
    return row;
  });
}

EntryWords encode_bank_holiday(const BankHoliday& holiday, EntryScratch& scratch) {
  HHGRID_ASSERT(holiday.name.size() <= bank_holiday_name_max);
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initBankHoliday();
    out.setDay(holiday.day_number);
    put_text(holiday.name, [&](unsigned n) { return out.initName(n); });
  });
}

tl::expected<BankHoliday, Error> decode_bank_holiday(schema::Entry::Reader entry) {
  return decode_entry("bank holiday", entry, schema::Entry::BANK_HOLIDAY, [&](FieldChecker& check) {
    const auto in = entry.getBankHoliday();
    const auto name = in.getName();
    check.require(name.size() <= bank_holiday_name_max, "name",
                  static_cast<std::int64_t>(name.size()), "is longer than a name may be");
    return BankHoliday{.day_number = check.day("day", in.getDay()),
                       .name = std::string(name.begin(), name.end())};
  });
}

}  // namespace hhgrid::storage
