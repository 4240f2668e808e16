#include "actors/market/load_shape.hpp"

#include <algorithm>
#include <utility>

namespace hhgrid::actors {
namespace {

constexpr int annual_days = 365;

}  // namespace

int shape_days_back(const core::ShapePolicy& policy) {
  return annual_days - 1 + policy.like_days_max;
}

void DayRange::include(core::UtcDay day) {
  if (empty()) {
    first = last = day;
    return;
  }
  first = std::min(first, day);
  last = std::max(last, day);
}

std::vector<GroupDayShape> make_shapes(ShapeTotals& totals, ShapeOrder order,
                                       MarketEffects& effects) {
  const auto& [deltas, standing, policy, wanted, run_only] = order;
  DayRange needed;
  for (const auto& [day, group] : wanted) {
    needed.include(day - shape_days_back(policy));
    needed.include(day);
  }
  if (!needed.empty()) totals.require(needed.first, needed.last);
  for (const auto& [day, groups] : deltas) totals.require(day, day);
  for (const auto day : run_only.days()) totals.require(day, day);

  totals.apply(deltas, effects);
  ShapeOverlay overlay(totals, std::move(order.run_only));
  core::ShapeCalculator calculator(
      policy,
      [&](const core::ShapeGroup& group, core::UtcDay day) { return overlay.find(group, day); },
      standing.default_shapes(), standing.bank_holidays());
  std::vector<GroupDayShape> shapes;
  shapes.reserve(wanted.size());
  for (const auto& [day, group] : wanted)
    shapes.push_back({group, day, calculator.shape(group, day)});
  return shapes;
}

}  // namespace hhgrid::actors
