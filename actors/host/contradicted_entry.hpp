#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/wire/position.hpp"
#include "storage/wire/schema/participant.capnp.h"

namespace hhgrid::actors {

/// An entry that is no reading and was refused, since its own delivery says another thing of the
/// same (ECS1006); its sender is told.
struct ContradictedEntry {
  enum class Kind : std::uint8_t { registration = 1, annual_consumption, standing, meter_register };
  Kind kind{};
  storage::Position position;
  std::string address;  ///< The actor's: `meter/...`, `gsp/_C`, `bmu/...`, `standing/...`.
  std::optional<std::int32_t> day;  ///< That it is of, or takes effect on.
  /// Of Group Takes and line losses the settlement periods refused, bit p-1; 0: the whole.
  std::uint64_t periods = 0;
  std::string subject = {};  ///< Of a meter register which, and when it was fitted; else empty.
  friend bool operator==(const ContradictedEntry&, const ContradictedEntry&) = default;
};

/// `registration`, `annual_consumption`, `standing_data`, `meter_register`.
std::string_view to_string(ContradictedEntry::Kind kind);
std::string participant_message_record(const ContradictedEntry& entry);
/// What throws is the record's fault.
ContradictedEntry read_contradicted(schema::ParticipantMessageRecord::Contradicted::Reader record);

}  // namespace hhgrid::actors
