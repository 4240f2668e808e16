#pragma once

#include <functional>
#include <optional>
#include <string>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/host/address.hpp"
#include "actors/host/messages.hpp"

namespace hhgrid::actors {

/// Reads what an actor says of itself; never waits for a partition.
using Inspect = std::function<tl::expected<std::string, storage::Error>(
    const Address&, std::optional<std::int32_t> day)>;

/// Answers for the hosted actors when they are asked to describe themselves: `(inspect)` or
/// `(inspect, day)`, in the envelope of their handle. Has a thread of its own and reads committed
/// state, so that a question costs ingestion nothing and never waits behind it. Anything else sent
/// to a hosted actor is refused with sec::unexpected_message.
/// What could not be read is answered with an error that holds a storage::Error.
caf::behavior inspector_actor(caf::event_based_actor* self, Inspect inspect);
/// The storage::Error that such an answer holds; nothing when it is another.
std::optional<storage::Error> error_of(const caf::error& answer);

}  // namespace hhgrid::actors
