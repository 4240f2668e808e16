#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <capnp/message.h>

#include "actors/host/contradicted_entry.hpp"
#include "core/types.hpp"
#include "storage/store/store.hpp"
#include "storage/wire/schema/entry.capnp.h"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using RunStatus = schema::RunStatus;

/// The bytes of the entry that a turn is for.
using EntryBytes = kj::ArrayPtr<const capnp::word>;

/// A run has reached a status; whoever asked for the run finds it by `request_id`.
struct RunEvent {
  std::uint32_t run_number = 0;
  std::uint64_t request_id = 0;
  core::SettlementDay day;
  core::SettlementCode code{};
  RunStatus status = RunStatus::REQUESTED;
  std::string reason;  ///< Why it is held or refused.
};

/// One record to store, or to erase when there is no value.
struct StoreWrite {
  storage::Family family;
  std::string key;
  std::optional<std::string> value;
};

/// A message for another partition.
struct MarketMessage {
  storage::PartitionId destination = 0;
  std::unique_ptr<capnp::MallocMessageBuilder> message;
};

/// What a turn of the market's or a GSP Group's actors does beside changing their state: taken by
/// the host when the turn has ended.
struct MarketEffects {
  std::vector<StoreWrite> writes;
  std::vector<MarketMessage> messages;
  std::vector<RunEvent> events;
  /// Rows, of Group Takes and line losses periods, that this turn has refused (ECS1006), those of
  /// earlier entries too.
  std::uint64_t refused_rows = 0;
  std::vector<ContradictedEntry> contradicted;  ///< Their entries.
  bool refused = false;                         ///< All that the message says is.
  bool unchanged = false;                       ///< It says what was said before.

  void put(storage::Family family, std::string key, std::string value) {
    writes.push_back({family, std::move(key), std::move(value)});
  }
  /// The entry itself.
  void put(storage::Family family, std::string key, EntryBytes entry) {
    const auto bytes = entry.asBytes();
    put(family, std::move(key),
        std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()));
  }
  void erase(storage::Family family, std::string key) {
    writes.push_back({family, std::move(key), std::nullopt});
  }
  /// An empty entry for `destination`, to be filled by the caller.
  schema::Entry::Builder send(storage::PartitionId destination) {
    auto message = std::make_unique<capnp::MallocMessageBuilder>();
    auto entry = message->initRoot<schema::Entry>();
    entry.setFormatVersion(schema::ENTRY_FORMAT);
    messages.push_back({destination, std::move(message)});
    return entry;
  }
};

}  // namespace hhgrid::actors
