#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "actors/host/block_marks.hpp"
#include "net/service/grid_service.hpp"

namespace hhgrid::net {

/// What a node serves by RPC, and what it says of itself.
struct ServedGrid {
  GridService& service;
  /// Appends blocks with one wait for durability.
  std::function<tl::expected<void, storage::Error>(
      std::span<const std::pair<storage::PartitionId, storage::Block>>)>
      append;
  /// What a partition has taken of a sender, as far as it has applied its journal.
  std::function<tl::expected<actors::SenderMark, storage::Error>(storage::PartitionId,
                                                                 const storage::SenderId&)>
      mark_of;
  bool delivers_once = false;                 ///< The journal's: a sender's end may be told.
  std::function<core::Instant()> feed_clock;  ///< Stamps what is fed.
  core::MaximumEnergy maximum;                ///< The limits of ECS1012 that go with it.
  std::string version, directory;
};

/// An open grid; both must outlive it. `session`: how its feeds are stamped, and their limits,
/// which must be there.
ServedGrid served_grid(actors::Grid& grid, GridService& service, const SessionOptions& session,
                       std::string version);

}  // namespace hhgrid::net
