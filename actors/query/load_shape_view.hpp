#pragma once

#include <optional>
#include <vector>

#include <tl/expected.hpp>

#include "actors/gsp/run_results.hpp"
#include "core/calendar.hpp"
#include "core/load_shape/shape.hpp"

namespace hhgrid::actors {

/// A load shape as one run made it.
struct ShapeVersion {
  RunInfo run;
  core::Shape shape;
};

/// The load-shape actor of one full group on one UTC day.
struct LoadShapeView {
  std::optional<core::ShapeSums>
      totals;  ///< Running sums and counts of actuals; nothing when there are none.
  std::vector<ShapeVersion>
      versions;  ///< Of the runs that made a shape for that day, in run order.
};

/// Errors: damaged, newer_format, io.
tl::expected<LoadShapeView, storage::Error> load_shape_view(
    const View& view, const core::SettlementCalendar& calendar, const core::ShapeGroup& group,
    core::UtcDay day);

}  // namespace hhgrid::actors
