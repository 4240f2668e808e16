#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/host/messages.hpp"
#include "actors/host/protocol.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/journal/journal.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::actors {

/// What the desk is wired to by the grid.
struct DeskWiring {
  storage::Journal* journal = nullptr;
  storage::Topology topology{1};
  storage::SenderId sender;              ///< The partitions reply to its blocks.
  std::function<core::Instant()> clock;  ///< Stamps what comes.
  core::MaximumEnergy maximum;           ///< Each meter partition is told it first.
  std::function<caf::actor(storage::PartitionId)> partition;
};

struct DeskState {
  /// What waits for one partition, and what is under way.
  struct Lane {
    storage::BlockBuilder builder{{}, {}};
    std::vector<caf::response_promise> collected;  ///< Of the builder's entries that want a reply.
    std::map<std::uint64_t, std::vector<caf::response_promise>> sent;  ///< By n.
    std::uint64_t n = 0;                                               ///< Blocks appended.
    std::optional<storage::Block> refused;  ///< The journal had no credit for it.
    bool appending = false;
    bool told_maximum = false;
    std::string broken;  ///< Why nothing more can be appended.
  };
  DeskWiring wiring;
  std::vector<Lane> lanes;  // by partition
  storage::EntryScratch scratch;
  static inline const char* name = "request desk";
};

/// Stands between handles and partitions: what a handle is sent becomes an entry of the journal,
/// and the reply of its turn goes back to whoever has asked. Entries that come while a block
/// becomes durable are collected into the next, so many requests share one wait.
caf::behavior request_desk(caf::stateful_actor<DeskState>* self, DeskWiring wiring);

}  // namespace hhgrid::actors
