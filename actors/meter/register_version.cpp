#include "actors/meter/register_version.hpp"

#include <stdexcept>
#include <string_view>

#include "storage/wire/entry_fields.hpp"

namespace hhgrid::actors {

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
  for (const auto record : records)
    versions.push_back(
        {.key = {check.identifier<core::MeterSerialId>("meterId", record.getMeterId()),
                 check.identifier<core::RegisterId>("registerId", record.getRegisterId(), true),
                 check.enumeration<core::MeasurementQuantity>("quantity", record.getQuantity(),
                                                              storage::quantity_count),
                 {record.getInstalledAt()}},
         .removed_at = {record.getRemovedAt()},
         .maximum_wh = record.getMaximumWh(),
         .role = check.enumeration<core::MeterRole>("role", record.getRole(),
                                                    storage::meter_role_count),
         .contradicted_by = record.getContradictedBy(),
         .position = storage::Position::from_number(record.getPosition())});
  if (!check.ok()) throw std::runtime_error(check.error().text);
  for (const auto& version : versions)
    if (version.contradicted_by > versions.size() ||
        (version.is_contradicted() && !(versions[version.contradicted_by - 1].key == version.key)))
      throw std::runtime_error("a register is contradicted by none of its installation");
  return versions;
}

}  // namespace hhgrid::actors
