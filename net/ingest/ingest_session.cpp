#include "net/ingest/ingest_session.hpp"

#include "core/assertion.hpp"

namespace hhgrid::net {

tl::expected<void, storage::Error> IngestSink::add_meter(core::Mpan mpan,
                                                         storage::EntryWords entry) {
  return add(topology().of(mpan), entry);
}

IngestSession::IngestSession(SessionOptions options, Deliver deliver)
    : options_(std::move(options)), deliver_(std::move(deliver)) {
  HHGRID_ASSERT(options_.block_entries_max > 0);
  HHGRID_ASSERT(options_.clock != nullptr);
  builders_.assign(options_.topology.count(), storage::BlockBuilder({}, {}));
}

tl::expected<void, storage::Error> IngestSession::add(storage::PartitionId partition,
                                                      storage::EntryWords entry) {
  HHGRID_ASSERT(partition < builders_.size(), partition, builders_.size());
  storage::BlockBuilder& builder = builders_[partition];
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
