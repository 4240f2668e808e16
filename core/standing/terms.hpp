#pragma once

#include <compare>
#include <cstdint>

#include "core/load_shape/shape.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// The terms of a registration that aggregation keys on.
struct Terms {
  SupplierId supplier;
  BmuId bmu;  ///< Empty: the supplier's default unit.
  GspGroup gsp_group;
  std::uint8_t distributor = 0;
  LlfcId llfc;
  DuosTariffId duos_tariff;
  DataServiceId data_service;
  Direction direction{};
  MarketSegment segment{};
  ConnectionType connection{};
  bool domestic = false;
  bool energised = true;
  friend auto operator<=>(const Terms&, const Terms&) = default;
};

/// What a meter of that direction is settled on.
inline MeasurementQuantity quantity_of(Direction direction) {
  return direction == Direction::import_ ? MeasurementQuantity::active_import
                                         : MeasurementQuantity::active_export;
}
/// The load-shape group of terms, for a quantity.
ShapeGroup shape_group(const Terms& terms, MeasurementQuantity quantity);

}  // namespace hhgrid::core
