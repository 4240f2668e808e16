#include "storage/wire/registration_codec.hpp"

#include "storage/wire/consumption_codec.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::storage {
namespace {

core::Terms read_terms(FieldChecker& check, schema::Terms::Reader in) {
  core::Terms terms;
  terms.supplier = check.identifier<core::SupplierId>("supplier", in.getSupplier());
  terms.bmu = check.identifier<core::BmuId>("bmu", in.getBmu(), true);
  terms.gsp_group = check.identifier<core::GspGroup>("gspGroup", in.getGspGroup());
  terms.distributor =
      static_cast<std::uint8_t>(check.number("distributor", in.getDistributor(), 0, 99));
  terms.llfc = check.identifier<core::LlfcId>("llfc", in.getLlfc(), true);
  terms.duos_tariff = check.identifier<core::DuosTariffId>("duosTariff", in.getDuosTariff(), true);
  terms.data_service =
      check.identifier<core::DataServiceId>("dataService", in.getDataService(), true);
  terms.direction =
      check.enumeration<core::Direction>("direction", in.getDirection(), direction_count);
  terms.segment = check.enumeration<core::MarketSegment>("segment", in.getSegment(), segment_count);
  terms.connection =
      check.enumeration<core::ConnectionType>("connection", in.getConnection(), connection_count);
  terms.domestic = in.getDomestic();
  terms.energised = in.getEnergised();
  return terms;
}

}  // namespace

// -- registration -------------------------------------------------------------------------------

void write_terms(const core::Terms& terms, schema::Terms::Builder out) {
  put_text(terms.supplier.view(), [&](unsigned n) { return out.initSupplier(n); });
  put_text(terms.bmu.view(), [&](unsigned n) { return out.initBmu(n); });
  put_text(terms.gsp_group.to_string(), [&](unsigned n) { return out.initGspGroup(n); });
  out.setDistributor(terms.distributor);
  put_text(terms.llfc.view(), [&](unsigned n) { return out.initLlfc(n); });
  put_text(terms.duos_tariff.view(), [&](unsigned n) { return out.initDuosTariff(n); });
  put_text(terms.data_service.view(), [&](unsigned n) { return out.initDataService(n); });
  out.setDirection(number(terms.direction));
  out.setSegment(number(terms.segment));
  out.setConnection(number(terms.connection));
  out.setDomestic(terms.domestic);
  out.setEnergised(terms.energised);
}

tl::expected<core::Terms, Error> read_terms(schema::Terms::Reader in) {
  try {
    FieldChecker check("terms");
    const core::Terms terms = read_terms(check, in);
    if (!check.ok()) return tl::unexpected(check.error());
    return terms;
  } catch (const kj::Exception& e) {
    return tl::unexpected(
        Error{Errc::damaged, std::string("terms are broken inside: ") + e.getDescription().cStr()});
  }
}

EntryWords encode_registration(const Registration& registration, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initRegistration();
    out.setMpan(registration.mpan.number());
    out.setEffectiveFrom(registration.effective.from.value);
    out.setEffectiveTo(registration.effective.to.value);
    write_terms(registration.terms, out.initTerms());
  });
}

tl::expected<Registration, Error> decode_registration(schema::Entry::Reader entry) {
  return decode_entry("registration", entry, schema::Entry::REGISTRATION, [&](FieldChecker& check) {
    const auto in = entry.getRegistration();
    return Registration{.mpan = check.mpan("mpan", in.getMpan()),
                        .effective = check.range(in.getEffectiveFrom(), in.getEffectiveTo()),
                        .terms = read_terms(check, in.getTerms())};
  });
}

// -- annual consumption -------------------------------------------------------------------------

EntryWords encode_annual_consumption(const AnnualConsumption& annual, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initAnnualConsumption();
    out.setMpan(annual.mpan.number());
    out.setEffectiveFrom(annual.effective_from.value);
    out.setEnergyWh(annual.energy_wh);
    out.setQuality(static_cast<std::uint8_t>(annual.quality));
  });
}

tl::expected<AnnualConsumption, Error> decode_annual_consumption(schema::Entry::Reader entry) {
  return decode_entry(
      "annual consumption", entry, schema::Entry::ANNUAL_CONSUMPTION, [&](FieldChecker& check) {
        const auto in = entry.getAnnualConsumption();
        const char quality = static_cast<char>(in.getQuality());
        check.require(annual_consumption_qualities.find(quality) != std::string_view::npos,
                      "quality", in.getQuality(), "is no quality of an annual consumption");
        return AnnualConsumption{
            .mpan = check.mpan("mpan", in.getMpan()),
            .effective_from = {check.day("effectiveFrom", in.getEffectiveFrom())},
            .energy_wh = check.number("energyWh", in.getEnergyWh(), 0, annual_consumption_max),
            .quality = quality};
      });
}

// -- meter register -----------------------------------------------------------------------------

EntryWords encode_meter_register(const MeterRegister& fitted, EntryScratch& scratch) {
  return scratch.build([&](schema::Entry::Builder entry) {
    auto out = entry.initMeterRegister();
    out.setMpan(fitted.mpan.number());
    put_text(fitted.meter_id.view(), [&](unsigned n) { return out.initMeterId(n); });
    put_text(fitted.register_id.view(), [&](unsigned n) { return out.initRegisterId(n); });
    out.setQuantity(number(fitted.quantity));
    out.setRole(number(fitted.role));
    out.setInstalledAt(fitted.installed_at.milliseconds);
    out.setRemovedAt(fitted.removed_at.milliseconds);
    out.setMaximumWh(fitted.maximum_wh);
  });
}

tl::expected<MeterRegister, Error> decode_meter_register(schema::Entry::Reader entry) {
  return decode_entry(
      "meter register", entry, schema::Entry::METER_REGISTER, [&](FieldChecker& check) {
        const auto in = entry.getMeterRegister();
        return MeterRegister{
            .mpan = check.mpan("mpan", in.getMpan()),
            .meter_id = check.identifier<core::MeterSerialId>("meterId", in.getMeterId()),
            .register_id =
                check.identifier<core::RegisterId>("registerId", in.getRegisterId(), true),
            .quantity = check.enumeration<core::MeasurementQuantity>("quantity", in.getQuantity(),
                                                                     quantity_count),
            .role = check.enumeration<core::MeterRole>("role", in.getRole(), meter_role_count),
            .installed_at = check.instant("installedAt", in.getInstalledAt()),
            .removed_at = read_removed_at(in.getInstalledAt(), in.getRemovedAt(), check),
            .maximum_wh = check.number("maximumWh", in.getMaximumWh(), 0, reading_energy_max)};
      });
}

core::Instant read_removed_at(std::int64_t installed_at, std::int64_t removed_at,
                              FieldChecker& check) {
  check.require(installed_at <= removed_at, "removedAt", removed_at, "is before installedAt");
  return removed_at == MeterRegister::still_fitted.milliseconds
             ? MeterRegister::still_fitted
             : check.instant("removedAt", removed_at);
}

}  // namespace hhgrid::storage
