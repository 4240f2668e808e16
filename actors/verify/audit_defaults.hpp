#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "actors/verify/audit_difference.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// One defaulted half hour.
struct DefaultedPeriod {
  core::UtcDay day;
  int utc_period = 0;
  core::WattHours energy_wh = 0;
  char flag = 0;
};

/// What a run defaulted for one meter and quantity, in order of time.
struct DefaultsOfMeter {
  core::Mpan mpan;
  core::MeasurementQuantity quantity{};
  std::vector<DefaultedPeriod> values;

  std::pair<core::Mpan, core::MeasurementQuantity> key() const { return {mpan, quantity}; }
};

/// Compares what a run has stored of a partition's meters with what was recomputed, by MPAN and
/// quantity. Errors: damaged, newer_format, io.
tl::expected<void, storage::Error> compare_defaults(const storage::Store& store, std::uint32_t run,
                                                    const std::vector<DefaultsOfMeter>& recomputed,
                                                    DifferenceLog& log);

}  // namespace hhgrid::actors
