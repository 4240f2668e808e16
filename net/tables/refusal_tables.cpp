#include "net/tables/refusal_tables.hpp"

#include <fmt/format.h>

#include "actors/meter/meter.hpp"
#include "actors/meter/refusal_table.hpp"
#include "core/decimal.hpp"
#include "net/tables/merged_scan.hpp"
#include "net/tables/provenance.hpp"
#include "net/tables/standing_refusals.hpp"

namespace hhgrid::net {
namespace {

using storage::Family;

/// Writes the half hours of a version that are refused, one a row.
class RefusalWriter {
 public:
  RefusalWriter(const MeterStores& stores, const Provenance& provenance, TableWriter& out)
      : stores_(stores), provenance_(provenance), out_(out) {}

  tl::expected<void, storage::Error> write(std::size_t partition, std::string_view key_bytes,
                                           std::string_view value) {
    const auto& where = stores_.where(partition);
    const auto key = actors::read_refusal_key(key_bytes, where);
    if (!key) return tl::unexpected(key.error());
    const auto refused = actors::read_refusal_record(
        value, [&] { return where + " actor " + storage::printable_key(key_bytes); });
    if (!refused) return tl::unexpected(refused.error());
    const auto bytes = stores_.view(partition)->get(Family::consumption, actors::version_key(*key));
    if (!bytes) return tl::unexpected(bytes.error());
    if (!*bytes)
      return tl::unexpected(
          storage::Error{storage::Errc::damaged,
                         fmt::format("{} actor {}: the version that is refused is not in the store",
                                     where, storage::printable_key(key_bytes))});
    const auto version = actors::read_version(*key, **bytes, where);
    if (!version) return tl::unexpected(version.error());
    const auto* block = provenance_.find(partition, key->position);
    for (int code = 0; code < core::refusal_code_count; ++code) {
      const auto of = static_cast<core::RefusalCode>(code);
      core::each_period(refused->of(of),
                        [&](std::size_t i) { write_half_hour(of, *version, i, block); });
    }
    return {};
  }

 private:
  void write_half_hour(core::RefusalCode code, const actors::StoredVersion& version, std::size_t i,
                       const storage::BlockOrigin* block) {
    out_.text(core::to_string(code))
        .text("meter/" + version.key.mpan.to_string())
        .text(core::to_string(version.key.quantity))
        .text(core::format_day(version.key.day.value))
        .integer(static_cast<std::int64_t>(i + 1))
        .decimal(version.values.energy_wh[i], kwh_decimals);
    write_origin(block, out_);
    out_.text(core::sentence(code)).end_row();
  }

  const MeterStores& stores_;
  const Provenance& provenance_;
  TableWriter& out_;
};

/// Writes the registrations, annual consumptions and registers of a meter that contradict others of
/// their delivery, by the day from which they hold in the column of the day.
tl::expected<void, storage::Error> write_registrations_refused(const MeterStores& stores,
                                                               const Provenance& provenance,
                                                               std::optional<std::int32_t> day,
                                                               TableWriter& out) {
  tl::expected<void, storage::Error> written;
  const auto visit = [&](std::size_t partition, std::string_view key, std::string_view value) {
    const auto state = actors::read_meter_record(
        value, [&] { return stores.where(partition) + " actor " + storage::printable_key(key); });
    if (!state) {
      written = tl::unexpected(state.error());
      return false;
    }
    const auto mpan = core::Mpan::unchecked(
        storage::KeyReader(key.substr(actors::meter_key_prefix.size())).u64());
    const auto write = [&](const auto& version, std::int32_t from, std::string_view sentence,
                           std::optional<core::MeasurementQuantity> quantity = {}) {
      if (!version.is_contradicted() || (day && from != *day)) return;
      out.text(core::to_string(core::RefusalCode::contradicted)).text("meter/" + mpan.to_string());
      quantity ? out.text(core::to_string(*quantity)) : out.blank();
      out.text(core::format_day(from)).blank().blank();
      write_origin(provenance.find(partition, version.position), out);
      out.text(sentence).end_row();
    };
    for (const auto& version : state->registrations)
      write(version, version.from.value,
            "The delivery says two things of one meter and effective_from.");
    for (const auto& version : state->annual_consumption)
      write(version, version.from,
            "The delivery says two annual consumptions of one meter and effective_from.");
    for (const auto& version : state->registers())
      write(version, actors::day_fitted(version.key),
            fmt::format("The delivery says two things of one register: {}.",
                        actors::to_string(version.key)),
            version.key.quantity);
    return true;
  };
  auto scanned = stores.scan_prefix(Family::actor, actors::meter_key_prefix, visit);
  return scanned ? written : scanned;
}

tl::expected<void, storage::Error> write_refusals(const ExportRequest& request, TableWriter& out) {
  const MeterStores stores(request.stores);
  const auto provenance = Provenance::load(stores);
  if (!provenance) return tl::unexpected(provenance.error());
  RefusalWriter writer(stores, *provenance, out);
  const auto prefix = request.day ? actors::refusal_day_prefix(core::UtcDay{*request.day})
                                  : std::string(actors::refusal_tag);
  tl::expected<void, storage::Error> written;
  auto scanned =
      stores.scan_prefix(Family::actor, prefix,
                         [&](std::size_t partition, std::string_view key, std::string_view value) {
                           written = writer.write(partition, key, value);
                           return written.has_value();
                         });
  if (!scanned) return scanned;
  if (!written) return written;
  auto registrations = write_registrations_refused(stores, *provenance, request.day, out);
  return registrations ? write_standing_refused(request, out) : registrations;
}

}  // namespace

std::vector<ExportTable> refusal_tables() {
  return {
      {.kind = "refusals",
       .columns = {"code", "address", "measurement_quantity", "utc_day", "period", "kwh",
                   "received_at", "source", "participant", "sentence"},
       .write = write_refusals,
       .by_day = true},
  };
}

}  // namespace hhgrid::net
