#pragma once

#include <string>

#include "core/load_shape/shape.hpp"

namespace hhgrid::storage {

/// A load-shape group as part of a key, in the order of its fields.
std::string shape_group_key(const core::ShapeGroup& group);

}  // namespace hhgrid::storage
