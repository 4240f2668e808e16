#pragma once

#include <string>

#include <tl/expected.hpp>

#include "net/rpc/schema/grid.capnp.h"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::net {

/// An entry and the partition that it is for.
struct RoutedEntry {
  storage::PartitionId partition = 0;
  storage::EntryWords words;  ///< Valid until the next use of the scratch.
};

/// The entry that a client's message becomes. Every field is checked. The error is a sentence that
/// names field, value and rule.
tl::expected<RoutedEntry, std::string> read_message(rpc::Message::Reader message,
                                                    const storage::Topology& topology,
                                                    storage::EntryScratch& scratch);

/// The message that `read_message` makes this entry of again; it must be one of those that come
/// from outside. Errors: damaged.
tl::expected<void, storage::Error> write_message(storage::EntryWords words,
                                                 rpc::Message::Builder message);

}  // namespace hhgrid::net
