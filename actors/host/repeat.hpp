#pragma once

#include <cstdint>
#include <string>

#include "storage/store/store.hpp"
#include "storage/store/table.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

/// What an entry has said that another delivery had said before. It changes nothing and leaves no
/// version, but this trace: its own delivery may yet say something else of the same, and is then
/// refused with both (ECS1006), whichever of them came first; and what had been said before may yet
/// be contradicted by its delivery, and then it is the repeat that counts.
struct Repeat {
  storage::Position position;
  /// Of a meter-day the UTC periods that it carried, of a row of standing data its parts; a bit
  /// each. 0 of what has no parts.
  std::uint64_t parts = 0;
  friend bool operator==(const Repeat&, const Repeat&) = default;
};

/// By what they speak of, and position.
inline constexpr storage::Table<schema::RepeatRecord> repeat_records{storage::Family::actor, "y"};
inline std::string repeat_record(std::uint64_t parts) {
  storage::RecordBuilder<schema::RepeatRecord> record;
  record->setParts(parts);
  return record.bytes();
}

}  // namespace hhgrid::actors
