#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "core/types.hpp"
#include "core/validation/ecs1012_maximum.hpp"
#include "storage/wire/block.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/error.hpp"
#include "storage/wire/topology.hpp"

namespace hhgrid::net {

/// Where entries go that were read from files, messages or a simulation.
class IngestSink {
 public:
  virtual ~IngestSink() = default;
  /// The grid's partitions.
  virtual storage::Topology topology() const = 0;
  /// Takes a copy of one Entry for a partition. Errors: the store's; nothing more should be added
  /// then.
  virtual tl::expected<void, storage::Error> add(storage::PartitionId partition,
                                                 storage::EntryWords entry) = 0;
  /// Names what comes next (a file): what is added until the next name is one delivery.
  virtual tl::expected<void, storage::Error> begin_source(const std::string& source) = 0;
  /// Hands on everything added: no more comes of these deliveries.
  virtual tl::expected<void, storage::Error> finish() = 0;

  /// An entry of a meter: to its partition.
  tl::expected<void, storage::Error> add_meter(core::Mpan mpan, storage::EntryWords entry);
  /// A GSP Group Take: to its group's partition.
  tl::expected<void, storage::Error> add_gsp_group(core::GspGroup gsp_group,
                                                   storage::EntryWords entry) {
    return add(topology().of(gsp_group), entry);
  }
  /// All other standing data: to the market partition.
  tl::expected<void, storage::Error> add_market(storage::EntryWords entry) {
    return add(topology().market(), entry);
  }
};

struct SessionOptions {
  storage::Topology topology{1};
  std::uint32_t block_entries_max = 4096;
  std::size_t block_bytes_max = 512 * 1024;  ///< A block may pass this by one entry.
  /// Names this ingestion and no other.
  storage::SenderId sender = storage::make_sender_id();
  /// The last block of each partition says that the sender sends it nothing more
  /// (storage::Journal::delivers_once).
  bool ends_sender = false;
  /// Stamps each block when it is full.
  std::function<core::Instant()> clock;
  /// The market participant that sends all of it; empty: nobody is named.
  core::ParticipantId participant;
  /// The limits of ECS1012 that the settings give: each meter partition is told them before the
  /// first entry of this session.
  std::optional<core::MaximumEnergy> maximum;
};

/// Collects entries per partition into blocks and hands each on when it is full.
class IngestSession : public IngestSink {
 public:
  /// Takes a block for good, or says why not. Called on the thread that adds.
  using Deliver =
      std::function<tl::expected<void, storage::Error>(storage::PartitionId, storage::Block)>;

  IngestSession(SessionOptions options, Deliver deliver);

  storage::Topology topology() const override { return options_.topology; }
  tl::expected<void, storage::Error> add(storage::PartitionId partition,
                                         storage::EntryWords entry) override;
  /// Names what comes next (a file); hands on what was collected from the source before.
  tl::expected<void, storage::Error> begin_source(const std::string& source) override;
  /// Hands on everything collected.
  tl::expected<void, storage::Error> flush();
  /// Hands on everything collected, and ends the sender. What is added later has another.
  tl::expected<void, storage::Error> finish() override;

  std::uint64_t entries_delivered() const { return entries_delivered_; }

 private:
  struct Lane {
    storage::BlockBuilder builder{{}, {}};
    std::uint64_t n = 0;         // blocks handed on
    bool wants_maximum = false;  // a meter partition that has not been told it
  };
  tl::expected<void, storage::Error> deliver(std::size_t partition, bool last = false);
  tl::expected<void, storage::Error> tell_maximum(storage::PartitionId partition);
  /// Of the block that is being collected.
  std::uint32_t entries_max(const Lane& lane) const;

  SessionOptions options_;
  Deliver deliver_;
  std::vector<Lane> lanes_;  // by partition
  std::uint64_t entries_delivered_ = 0;
};

}  // namespace hhgrid::net
