#pragma once

#include <string>

#include <caf/actor_cast.hpp>
#include <caf/typed_actor.hpp>

#include "actors/host/messages.hpp"
#include "actors/host/reply.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

// What the actors of a grid understand, a sentence a message. A handle takes the messages that the
// journal brings; what it is sent goes durably into the journal, and the reply is the turn's. A
// request whose time is over may have been taken all the same.

/// All of them: describe yourself as JSON, of a UTC or settlement day, or without one as you are.
using InspectedActor =
    caf::typed_actor<caf::replies_to<inspect_atom>::with<std::string>,
                     caf::replies_to<inspect_atom, std::int32_t>::with<std::string>,
                     /// How the partition stands that hosts you.
                     caf::replies_to<status_atom>::with<PartitionStatus>>;

/// A meter.
using MeterActor = InspectedActor::extend<
    /// These are the readings of a UTC day and quantity.
    caf::replies_to<storage::ConsumptionDay>::with<Reply>,
    /// You are registered with these terms over these days.
    caf::replies_to<storage::Registration>::with<Reply>,
    /// This is what you take in a year.
    caf::replies_to<storage::AnnualConsumption>::with<Reply>,
    /// This register of a device is fitted at you.
    caf::replies_to<storage::MeterRegister>::with<Reply>>;

/// A GSP Group.
using GspGroupActor = InspectedActor::extend<
    /// This is your Group Take of a settlement day.
    caf::replies_to<storage::GroupTake>::with<Reply>>;

/// A BM unit: its GSP Group tells it its volumes, within the grid.
using BmuActor = InspectedActor;
/// A load shape: the meter partitions tell it their sums, within the grid.
using LoadShapeActor = InspectedActor;

}  // namespace hhgrid::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::actors::Reply)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::storage::ConsumptionDay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::storage::Registration)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::storage::AnnualConsumption)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::storage::MeterRegister)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hhgrid::storage::GroupTake)
