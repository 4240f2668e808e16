#pragma once

#include "actors/meter/missing_meters.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// What the load shapes of a run need beside their message.
struct RunShapesPorts {
  storage::PartitionId id = 0;
  const core::SettlementCalendar& calendar;
  const TermsTable& terms;
  RunFindings findings;  ///< Of the run's marker, checked as `take_findings` does.
};

/// A run's load shapes: the partition defaults what its marker found missing (`arithmetic.md` 4),
/// per meter and period, and answers with the sums.
void turn(schema::RunShapes::Reader shapes, const RunShapesPorts& ports, RunRecords& records,
          schema::RunDefaults::Builder answer);
/// Of a refused run nothing stays: neither what was missing nor what was defaulted.
void forget_run(const storage::Store& store, std::uint32_t run, RunRecords& records);

/// What runs have defaulted, by run, meter and quantity, in the meter partitions.
inline constexpr storage::Table<schema::MeterDefaults> meter_defaults{storage::Family::run, "d"};
/// What the keys of a run's defaults begin with, in Family::run of the meter partitions.
std::string defaults_prefix(std::uint32_t run);
/// The key of what a run defaulted for a meter (schema::MeterDefaults).
std::string defaults_key(std::uint32_t run, core::Mpan mpan, core::MeasurementQuantity quantity);
/// What such a key says beside the run; nothing when it is no such key.
struct DefaultsKey {
  core::Mpan mpan;
  core::MeasurementQuantity quantity{};
};
std::optional<DefaultsKey> read_defaults_key(std::string_view key);

}  // namespace hhgrid::actors
