#include "storage/store/shape_group_key.hpp"

#include "storage/store/key.hpp"
#include "storage/wire/entry_fields.hpp"

namespace hhgrid::storage {

std::string shape_group_key(const core::ShapeGroup& group) {
  return KeyWriter()
      .text(group.gsp_group.to_string())
      .u8(number(group.connection))
      .u8(number(group.segment))
      .u8(number_or_any(group.domestic))
      .u8(number(group.quantity))
      .str();
}

}  // namespace hhgrid::storage
