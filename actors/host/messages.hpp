#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/message.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/type_id.hpp>

#include "actors/host/fold.hpp"
#include "actors/host/market_effects.hpp"
#include "actors/host/outbox.hpp"
#include "actors/host/reply.hpp"
#include "actors/host/status.hpp"

namespace hhgrid::actors {

/// Message tags. CAF keeps at most ten characters of them.
using inspect_atom =
    caf::atom_constant<caf::atom("inspect")>;  ///< To any actor: describe yourself as JSON.
using status_atom =
    caf::atom_constant<caf::atom("status")>;  ///< To any partition: PartitionStatus.
using delivered_atom =
    caf::atom_constant<caf::atom("delivered")>;  ///< To a partition: an outbox block arrived.
using retry_atom = caf::atom_constant<caf::atom("retry")>;  ///< To oneself, later.
using flush_atom =
    caf::atom_constant<caf::atom("flush")>;  ///< To a partition: begin to make its state durable.
using halt_atom =
    caf::atom_constant<caf::atom("halt")>;  ///< To the coordinator: a partition has stopped.
using appended_atom =
    caf::atom_constant<caf::atom("appended")>;  ///< To the desk: a block is durable, or is not.
using run_atom = caf::atom_constant<caf::atom("run")>;  ///< To the coordinator: start a run.

/// A block on its way from the journal to its partition.
struct Delivery {
  storage::JournalBlock block;
};

/// Blocks of one partition on their way to the courier.
struct SentBlocks {
  storage::PartitionId sender = 0;
  caf::actor sender_actor;  ///< Is told of each delivery.
  std::vector<OutboxBlock> blocks;
};

/// What was on its way when the grid was last closed, of all partitions.
struct UndeliveredBlocks {
  std::vector<SentBlocks> senders;
};

/// What the coordinator is asked for.
struct RunOrder {
  core::SettlementDay day;
  core::SettlementCode code{};
  core::Instant cutoff, now;
};

/// A message to a hosted actor, with its address.
struct Envelope {
  std::string address;
  caf::message content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, Envelope& x) {
  return f(caf::meta::type_name("envelope"), x.address, x.content);
}

}  // namespace hhgrid::actors

CAF_BEGIN_TYPE_ID_BLOCK(hhgrid, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(hhgrid, (hhgrid::actors::Envelope))
CAF_END_TYPE_ID_BLOCK(hhgrid)

// These never leave the process: blocks go between nodes through the journal, not through CAF.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::Delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::SentBlocks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::BlockReplies)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::UndeliveredBlocks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::RunOrder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::RunEvent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::RunOutcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::PartitionStatus)

namespace hhgrid::actors {

/// What an exception says, for logs.
std::string describe_exception(const std::exception_ptr& thrown);
/// An actor that ends by an exception says so in the log: CAF itself is silent.
void log_exceptions(caf::scheduled_actor* self, const char* name);

/// The actor system's settings for a grid: message types, and as many workers as cores unless told
/// otherwise.
class SystemConfig : public caf::actor_system_config {
 public:
  explicit SystemConfig(std::size_t workers = 0);
};

}  // namespace hhgrid::actors
