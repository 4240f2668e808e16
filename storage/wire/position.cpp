#include "storage/wire/position.hpp"

namespace hhgrid::storage {
std::string to_string(Position position) {
  return std::to_string(position.block()) + "." + std::to_string(position.index());
}

}  // namespace hhgrid::storage
