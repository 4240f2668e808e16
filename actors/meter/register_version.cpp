#include "actors/meter/register_version.hpp"

#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "core/decimal.hpp"
#include "storage/wire/consumption_codec.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {

std::string to_string(const RegisterVersion::Key& key) {
  const std::string_view register_id = key.register_id.view();
  return fmt::format("{}{}{} {} {}", key.meter_id.view(), register_id.empty() ? "" : " ",
                     register_id, core::to_string(key.quantity),
                     core::format_instant(key.installed_at));
}

void write_register(const RegisterVersion& version, schema::RegisterVersion::Builder out) {
  storage::put_text(version.key.meter_id.view(), [&](unsigned n) { return out.initMeterId(n); });
  storage::put_text(version.key.register_id.view(),
                    [&](unsigned n) { return out.initRegisterId(n); });
  out.setQuantity(storage::number(version.key.quantity));
  out.setRole(storage::number(version.role));
  out.setInstalledAt(version.key.installed_at.milliseconds);
  out.setRemovedAt(version.removed_at.milliseconds);
  out.setMaximumWh(version.maximum_wh);
  out.setPosition(version.position.number());
  out.setContradictedBy(version.contradicted_by);
}

std::vector<RegisterVersion> read_registers(capnp::List<schema::RegisterVersion>::Reader records) {
  std::vector<RegisterVersion> versions;
  storage::FieldChecker check("register");
  for (const auto record : records) {
    versions.push_back(
        {.key = {check.identifier<core::MeterSerialId>("meterId", record.getMeterId()),
                 check.identifier<core::RegisterId>("registerId", record.getRegisterId(), true),
                 check.enumeration<core::MeasurementQuantity>("quantity", record.getQuantity(),
                                                              storage::quantity_count),
                 check.instant("installedAt", record.getInstalledAt())},
         .removed_at =
             storage::read_removed_at(record.getInstalledAt(), record.getRemovedAt(), check),
         .maximum_wh =
             check.number("maximumWh", record.getMaximumWh(), 0, storage::reading_energy_max),
         .role = check.enumeration<core::MeterRole>("role", record.getRole(),
                                                    storage::meter_role_count),
         .contradicted_by = record.getContradictedBy(),
         .position = storage::Position::from_number(record.getPosition())});
  }
  if (!check.ok()) throw std::runtime_error(check.error().text);
  for (const auto& version : versions)
    if (version.contradicted_by > versions.size() ||
        (version.is_contradicted() && !(versions[version.contradicted_by - 1].key == version.key)))
      throw std::runtime_error("a register is contradicted by none of its installation");
  return versions;
}

}  // namespace hhgrid::actors
