#pragma once

#include <utility>
#include <vector>

#include "actors/host/fold.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/store/store.hpp"

namespace hhgrid::actors {

/// The limits of ECS1012 as the partition has been told them: standing data, kept with the
/// positions from which they hold. A reading is judged by those in force at its own position, so
/// what a registration makes of it later does not depend on when it comes.
class LimitsTable {
 public:
  /// In force at a position; null before the first.
  const core::MaximumEnergy* at(storage::Position position) const;
  /// A message from the settings. False when they are in force already.
  bool take(const core::MaximumEnergy& maximum, storage::Position position);
  std::size_t size() const { return versions_.size(); }

  template <class Source>
  tl::expected<void, storage::Error> load(const Source& source);
  /// Puts those taken since the last call.
  void write(storage::Commit& commit);

 private:
  std::vector<std::pair<storage::Position, core::MaximumEnergy>> versions_;
  std::size_t written_ = 0;
};

/// Tag of their keys in Family::actor.
inline constexpr std::string_view limits_tag = "l";

/// The limits that an entry or a record holds. Throws TurnFailure.
core::MaximumEnergy read_maximum(capnp::List<std::int64_t>::Reader maximum_wh);

}  // namespace hhgrid::actors
