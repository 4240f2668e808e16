#pragma once

#include <functional>
#include <memory>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/host/fold.hpp"
#include "actors/host/progress.hpp"
#include "actors/host/status.hpp"

namespace hhgrid::actors {

/// What a partition actor is wired to by the grid.
struct PartitionWiring {
  storage::PartitionId id = 0;
  std::shared_ptr<Fold> fold;  ///< Loaded and replayed to the journal's end.
  std::shared_ptr<storage::Store> store;
  /// Fills fold and store when the partition is first needed; empty when they are there.
  std::function<tl::expected<void, storage::Error>(PartitionWiring&)> open;
  std::shared_ptr<Progress> progress;
  caf::actor courier;
  caf::actor desk;                                 ///< Is told the replies to its blocks.
  std::function<void(PartitionStatus&)> describe;  ///< Adds what only the kind of partition knows.
  std::function<void(const storage::Error&)> on_halt;  ///< Told why it has stopped for good.
};

struct PartitionState {
  PartitionWiring wiring;
  std::deque<storage::JournalBlock> waiting;  ///< While the store cannot take a commit.
  bool retrying = false;
  bool resume = false;  ///< The store has to be told to try again.
  bool halted = false;
  static inline const char* name = "partition";
};

/// The partition: owns one fold and its store, gives blocks their turns in order, hands what has to
/// leave to the courier. A full disk makes it wait and go on; a gap or damage stops it, and it says
/// so.
caf::behavior partition_actor(caf::stateful_actor<PartitionState>* self, PartitionWiring wiring);

}  // namespace hhgrid::actors
