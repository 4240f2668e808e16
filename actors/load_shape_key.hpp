#pragma once

#include <string>

#include "core/shape.hpp"

namespace hhgrid::actors {

/// A load-shape group as part of a key, in the order of its fields.
std::string shape_group_key(const core::ShapeGroup& group);

}  // namespace hhgrid::actors
