#pragma once

#include <functional>

#include "core/types.hpp"
#include "net/tables/merged_scan.hpp"

namespace hhgrid::net {

/// One value that a run made for want of another.
struct MeterDefault {
  core::Mpan mpan;
  core::MeasurementQuantity quantity{};
  core::UtcDay utc_day;
  int period_index = 0;  ///< From 0, in the UTC day.
  core::WattHours energy_wh = 0;
  char load_shape_flag = 'B';
};

/// Calls `visit` for everything that a run defaulted, by meter, quantity and time.
tl::expected<void, storage::Error> for_each_default(
    const MeterStores& stores, std::uint32_t run_number,
    const std::function<void(const MeterDefault&)>& visit);

}  // namespace hhgrid::net
