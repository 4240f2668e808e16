#pragma once

#include <string>
#include <variant>

#include "core/load_shape/shape.hpp"
#include "core/types.hpp"

namespace hhgrid::actors {

/// Where a hosted actor is: `meter/1012345678903`, `bmu/2__CABCD000`, `gsp/_C`,
/// `shape/_C.W.S.T.AI`.
using Address = std::variant<core::Mpan, core::BmuId, core::GspGroup, core::ShapeGroup>;
/// The error says what is wrong and what an address looks like.
core::Parsed<Address> parse_address(const std::string& text);

}  // namespace hhgrid::actors
