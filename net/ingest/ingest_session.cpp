#include "net/ingest/ingest_session.hpp"

#include "core/assertion.hpp"
#include "core/partitioning.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {

tl::expected<void, storage::Error> IngestSink::add_meter(core::Mpan mpan,
                                                         storage::EntryWords entry) {
  return add(core::meter_partition(mpan, partition_count()), entry);
}

IngestSession::IngestSession(SessionOptions options, Deliver deliver)
    : options_(std::move(options)), deliver_(std::move(deliver)) {
  HHGRID_ASSERT(options_.partition_count > 0 && options_.block_entries_max > 0);
  HHGRID_ASSERT(options_.clock != nullptr);
  builders_.assign(options_.partition_count + 1u, storage::BlockBuilder({}, {}));
  told_maximum_.assign(options_.partition_count, !options_.maximum);
}

/// A partition that gets nothing from this session is told nothing.
tl::expected<void, storage::Error> IngestSession::tell_maximum(storage::PartitionId partition) {
  if (partition == options_.partition_count || told_maximum_[partition]) return {};
  told_maximum_[partition] = true;
  storage::EntryScratch scratch;
  builders_[partition].add(storage::encode_consumption_limits(*options_.maximum, scratch));
  return builders_[partition].count() < options_.block_entries_max
             ? tl::expected<void, storage::Error>()
             : deliver(partition);
}

tl::expected<void, storage::Error> IngestSession::add(storage::PartitionId partition,
                                                      storage::EntryWords entry) {
  HHGRID_ASSERT(partition < builders_.size(), partition, builders_.size());
  storage::BlockBuilder& builder = builders_[partition];
  if (auto told = tell_maximum(partition); !told) return told;
  builder.add(entry);
  const bool full = builder.count() >= options_.block_entries_max ||
                    builder.size_bytes() >= options_.block_bytes_max;
  if (full) return deliver(partition);
  return {};
}

tl::expected<void, storage::Error> IngestSession::begin_source(const std::string& source) {
  auto flushed = flush();
  for (auto& builder : builders_) builder.set_source(source);
  return flushed;
}

tl::expected<void, storage::Error> IngestSession::flush() {
  for (std::size_t partition = 0; partition < builders_.size(); ++partition) {
    if (builders_[partition].empty()) continue;
    if (auto delivered = deliver(static_cast<storage::PartitionId>(partition)); !delivered)
      return delivered;
  }
  return {};
}

tl::expected<void, storage::Error> IngestSession::deliver(storage::PartitionId partition) {
  storage::BlockBuilder& builder = builders_[partition];
  builder.set_received_at(options_.clock());
  storage::Block block = builder.finish(builder.batch_id(options_.identity, next_ordinal_++));
  const std::uint64_t entries = block.entry_count, bytes = block.words->asBytes().size();
  auto delivered = deliver_(partition, std::move(block));
  if (!delivered) return delivered;
  entries_delivered_ += entries;
  bytes_delivered_ += bytes;
  return {};
}

}  // namespace hhgrid::net
