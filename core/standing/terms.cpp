#include "core/standing/terms.hpp"

namespace hhgrid::core {

ShapeGroup shape_group(const Terms& terms, MeasurementQuantity quantity) {
  return {terms.gsp_group, terms.connection, terms.segment, terms.domestic, quantity};
}

}  // namespace hhgrid::core
