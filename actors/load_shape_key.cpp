#include "actors/load_shape_key.hpp"

#include "storage/entry_fields.hpp"
#include "storage/key.hpp"

namespace hhgrid::actors {

std::string shape_group_key(const core::ShapeGroup& group) {
  return storage::KeyWriter()
      .text(group.gsp_group.to_string())
      .u8(storage::number(group.connection))
      .u8(storage::number(group.segment))
      .u8(storage::number_or_any(group.domestic))
      .u8(storage::number(group.quantity))
      .str();
}

}  // namespace hhgrid::actors
