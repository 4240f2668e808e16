#include "net/tables/meter_record_tables.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/terms_table.hpp"
#include "core/decimal.hpp"
#include "net/tables/merged_scan.hpp"
#include "net/tables/provenance.hpp"
#include "storage/store/key.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::net {
namespace {

using storage::Family;

void text_or_blank(std::string_view text, TableWriter& out) {
  if (text.empty())
    out.blank();
  else
    out.text(text);
}

/// A meter as it is stored, and which of its versions were there as of the instant asked for.
struct StoredMeter {
  std::size_t partition = 0;
  core::Mpan mpan;
  actors::MeterState state;
  const actors::AsOf& as_of;
};

/// Calls `visit`, which may fail, for every meter in the order of the MPANs.
template <class Visit>
tl::expected<void, storage::Error> for_each_meter(const ExportRequest& request,
                                                  const MeterStores& stores, Visit&& visit) {
  std::optional<Provenance> provenance;  // `as_of` asks it
  std::vector<actors::AsOf> as_of(stores.size());
  if (request.as_of) {
    auto loaded = Provenance::load(stores);
    if (!loaded) return tl::unexpected(loaded.error());
    provenance = std::move(*loaded);
    for (std::size_t partition = 0; partition < stores.size(); ++partition)
      as_of[partition] = provenance->as_of(partition, *request.as_of);
  }
  tl::expected<void, storage::Error> visited;
  auto scanned = stores.scan_prefix(
      Family::actor, actors::meter_key_prefix,
      [&](std::size_t partition, std::string_view key, std::string_view value) {
        const auto where = [&] {
          return stores.where(partition) + " actor " + storage::printable_key(key);
        };
        auto state = actors::read_meter_record(value, where);
        storage::KeyReader reader(key.substr(actors::meter_key_prefix.size()));
        const auto mpan = reader.u64();
        if (!state)
          visited = tl::unexpected(state.error());
        else if (!reader.complete())
          visited = tl::unexpected(storage::Error{storage::Errc::damaged, where() + ": bad key"});
        else
          visited = visit(StoredMeter{partition, core::Mpan::from_number(mpan), std::move(*state),
                                      as_of[partition]});
        return visited.has_value();
      });
  if (!scanned) return scanned;
  return visited;
}

tl::expected<void, storage::Error> write_annual_consumption(const ExportRequest& request,
                                                            TableWriter& out) {
  return for_each_meter(request, MeterStores(request.stores), [&](const StoredMeter& meter) {
    std::map<std::int32_t, const actors::AnnualConsumptionVersion*> counting;
    for (const auto& version : meter.state.annual_consumption)
      if (actors::stood(meter.state.annual_consumption, version, meter.as_of))
        counting[version.from] = &version;
    for (const auto& [from, version] : counting)
      out.text(meter.mpan.to_string())
          .text(core::format_day(from))
          .decimal(version->energy_wh, kwh_decimals)
          .text({&version->quality, 1})
          .end_row();
    return tl::expected<void, storage::Error>();
  });
}

/// As it counts of each register and installation, by when it was fitted.
tl::expected<void, storage::Error> write_meters(const ExportRequest& request, TableWriter& out) {
  return for_each_meter(request, MeterStores(request.stores), [&](const StoredMeter& meter) {
    const auto order = [](const actors::RegisterVersion::Key& key) {
      return std::tuple(key.installed_at, key.meter_id, key.register_id, key.quantity);
    };
    std::map<decltype(order({})), const actors::RegisterVersion*> counting;
    for (const auto& version : meter.state.registers())
      if (actors::stood(meter.state.registers(), version, meter.as_of))
        counting[order(version.key)] = &version;
    for (const auto& [key, version] : counting) {
      out.text(meter.mpan.to_string())
          .text(version->key.meter_id.view())
          .text(core::format_instant(version->key.installed_at));
      text_or_blank(version->removed_at == storage::MeterRegister::still_fitted
                        ? std::string()
                        : core::format_instant(version->removed_at),
                    out);
      text_or_blank(version->key.register_id.view(), out);
      out.text(core::to_string(version->key.quantity)).text(core::to_string(version->role));
      if (version->maximum_wh == 0)
        out.blank();
      else
        out.decimal(version->maximum_wh, kwh_decimals);
      out.end_row();
    }
    return tl::expected<void, storage::Error>();
  });
}

void write_registration(core::Mpan mpan, const actors::RegistrationVersion& registration,
                        const core::Terms& terms, TableWriter& out) {
  out.text(mpan.to_string()).text(core::format_day(registration.from.value));
  text_or_blank(
      registration.to == core::open_ended ? std::string() : core::format_day(registration.to.value),
      out);
  out.text(core::to_string(terms.direction))
      .text(terms.gsp_group.to_string())
      .text(fmt::format("{:02}", terms.distributor))
      .text(terms.supplier.view());
  text_or_blank(terms.bmu.view(), out);
  out.text(terms.llfc.view());
  text_or_blank(terms.duos_tariff.view(), out);
  out.text(core::to_string(terms.segment))
      .text(core::to_string(terms.connection))
      .boolean(terms.domestic)
      .text(terms.energised ? "E" : "D");
  text_or_blank(terms.data_service.view(), out);
  out.end_row();
}

/// All that count, or with a settlement day the one of each meter that governs it.
tl::expected<void, storage::Error> write_registrations(const ExportRequest& request,
                                                       TableWriter& out) {
  const MeterStores stores(request.stores);
  std::vector<actors::TermsTable> terms(stores.size());
  for (std::size_t partition = 0; partition < stores.size(); ++partition)
    if (const auto* const view = stores.view(partition))
      if (auto loaded = terms[partition].load(*view); !loaded)
        return tl::unexpected(loaded.error());
  const auto write =
      [&](const StoredMeter& meter,
          const actors::RegistrationVersion& version) -> tl::expected<void, storage::Error> {
    const auto& known = terms[meter.partition];
    if (version.terms >= known.size())
      return tl::unexpected(storage::Error{
          storage::Errc::damaged,
          fmt::format("{} meter/{}: terms {} are not in the store", stores.where(meter.partition),
                      meter.mpan.to_string(), version.terms)});
    write_registration(meter.mpan, version, known.at(version.terms), out);
    return {};
  };
  return for_each_meter(
      request, stores, [&](const StoredMeter& meter) -> tl::expected<void, storage::Error> {
        if (request.day) {
          const auto* governing = actors::governing_registration(
              meter.state, core::SettlementDay{*request.day}, meter.as_of);
          return governing == nullptr ? tl::expected<void, storage::Error>()
                                      : write(meter, *governing);
        }
        for (const auto& version : actors::counting_registrations(meter.state, meter.as_of))
          if (auto written = write(meter, version); !written) return written;
        return {};
      });
}

/// Of whom something was received, and no registration.
tl::expected<void, storage::Error> write_unregistered(const ExportRequest& request,
                                                      TableWriter& out) {
  return for_each_meter(request, MeterStores(request.stores), [&](const StoredMeter& meter) {
    const auto& registrations = meter.state.registrations;
    if (std::none_of(registrations.begin(), registrations.end(),
                     [&](const auto& version) { return meter.as_of.holds(version.position); }))
      out.text(meter.mpan.to_string()).end_row();
    return tl::expected<void, storage::Error>();
  });
}

}  // namespace

std::vector<ExportTable> meter_record_tables() {
  return {
      {.kind = "registrations",
       .columns = {"mpan", "effective_from", "effective_to", "direction", "gsp_group_id",
                   "distributor_id", "supplier_id", "bmu_id", "llfc_id", "duos_tariff_id",
                   "market_segment", "connection_type", "domestic", "energisation",
                   "data_service_id"},
       .write = write_registrations,
       .by_day = true,
       .by_cutoff = true},
      {.kind = "annual-consumption",
       .columns = {"mpan", "effective_from", "kwh", "quality"},
       .write = write_annual_consumption,
       .by_cutoff = true},
      {.kind = "meters",
       .columns = {"mpan", "meter_id", "installed_at", "removed_at", "register_id",
                   "measurement_quantity", "role", "maximum_kwh"},
       .write = write_meters,
       .by_cutoff = true},
      {.kind = "unregistered", .columns = {"mpan"}, .write = write_unregistered},
  };
}

}  // namespace hhgrid::net
