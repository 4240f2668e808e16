#pragma once

#include <set>
#include <utility>
#include <vector>

#include "actors/market/load_shape_totals.hpp"
#include "core/load_shape/shape.hpp"
#include "core/standing/standing_data.hpp"

namespace hhgrid::actors {

/// A load shape that is to be made: day first, so that a set of them is in the order of the store.
using WantedShape = std::pair<core::UtcDay, core::ShapeGroup>;

/// How far back a load shape reaches: the 365 days of its rolling annual total, and the like days
/// before the first of them.
int shape_days_back(const core::ShapePolicy& policy);

/// The days whose totals a turn of the load-shape actors needs: those that a run's shapes reach
/// back to, and those that change. Empty (first after last) when there are none.
struct DayRange {
  core::UtcDay first{1}, last{0};
  void include(core::UtcDay day);
  bool empty() const { return last < first; }
};

/// What a run or a closed day asks of the load-shape actors.
struct ShapeOrder {
  const ShapeSumsByDay& deltas;  ///< Change the running totals for good.
  const core::StandingData& standing;
  const core::ShapePolicy& policy;
  std::set<WantedShape> wanted = {};
  RunOnlySums run_only = {};  ///< Counts for these shapes alone.
};

/// A turn of the load-shape actors: the totals change, and every wanted shape is made
/// (`arithmetic.md` section 3), in the order of `wanted`. Throws before anything has changed when
/// the totals cannot be read.
std::vector<GroupDayShape> make_shapes(ShapeTotals& totals, ShapeOrder order,
                                       MarketEffects& effects);

}  // namespace hhgrid::actors
