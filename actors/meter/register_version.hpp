#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "storage/wire/position.hpp"
#include "storage/wire/registration_codec.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// A register of a device at the meter point, as it came in; kept as registrations are.
struct RegisterVersion {
  /// Which register, fitted when: of several versions of one the last received counts.
  struct Key {
    core::MeterSerialId meter_id;
    core::RegisterId register_id;
    core::MeasurementQuantity quantity{};
    core::Instant installed_at;
    friend bool operator==(const Key&, const Key&) = default;
  };
  Key key;
  core::Instant removed_at = storage::MeterRegister::still_fitted;
  core::WattHours maximum_wh = 0;  ///< 0: none of its own.
  core::MeterRole role{};
  std::uint32_t contradicted_by = 0;  ///< As of a registration.
  storage::Position position;

  bool is_contradicted() const { return contradicted_by != 0; }
  bool is_fitted(core::Instant at) const { return key.installed_at <= at && at < removed_at; }
};

/// The UTC day on which it was fitted.
inline std::int32_t day_fitted(const RegisterVersion::Key& key) {
  return static_cast<std::int32_t>(key.installed_at.milliseconds / core::ms_per_utc_day);
}
/// Device, register, quantity and when it was fitted.
std::string to_string(const RegisterVersion::Key& key);

void write_register(const RegisterVersion& version, schema::RegisterVersion::Builder out);
/// What throws is the record's fault.
std::vector<RegisterVersion> read_registers(capnp::List<schema::RegisterVersion>::Reader records);

}  // namespace hhgrid::actors
