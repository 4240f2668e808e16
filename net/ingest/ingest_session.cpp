#include "net/ingest/ingest_session.hpp"

#include <algorithm>

#include "core/assertion.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::net {
namespace {

/// A partition's first block is no larger, and each one after it may be twice as large: it begins
/// its work while the rest is read.
constexpr std::uint32_t first_block_entries = 1024;
constexpr std::uint64_t doublings_max = 6;  // beyond storage::block_entries_max nothing doubles

}  // namespace

tl::expected<void, storage::Error> IngestSink::add_meter(core::Mpan mpan,
                                                         storage::EntryWords entry) {
  return add(topology().of(mpan), entry);
}

IngestSession::IngestSession(SessionOptions options, Deliver deliver)
    : options_(std::move(options)), deliver_(std::move(deliver)) {
  HHGRID_ASSERT(options_.block_entries_max > 0 &&
                options_.block_entries_max <= storage::block_entries_max);
  HHGRID_ASSERT(options_.clock != nullptr);
  lanes_.resize(options_.topology.count());
  for (auto& lane : lanes_) lane.builder.set_participant(options_.participant);
  for (const storage::PartitionId meters : options_.topology.all_meters())
    lanes_[meters].wants_maximum = options_.maximum.has_value();
}

/// A partition that gets nothing from this session is told nothing.
tl::expected<void, storage::Error> IngestSession::tell_maximum(storage::PartitionId partition) {
  Lane& lane = lanes_[partition];
  if (!std::exchange(lane.wants_maximum, false)) return {};
  storage::EntryScratch scratch;
  lane.builder.add(storage::encode_consumption_limits(*options_.maximum, scratch));
  return lane.builder.count() < entries_max(lane) ? tl::expected<void, storage::Error>()
                                                  : deliver(partition);
}

std::uint32_t IngestSession::entries_max(const Lane& lane) const {
  return std::min(options_.block_entries_max,
                  first_block_entries << std::min(lane.n, doublings_max));
}

tl::expected<void, storage::Error> IngestSession::add(storage::PartitionId partition,
                                                      storage::EntryWords entry) {
  HHGRID_ASSERT(partition < lanes_.size(), partition, lanes_.size());
  if (auto told = tell_maximum(partition); !told) return told;
  Lane& lane = lanes_[partition];
  lane.builder.add(entry);
  const bool full = lane.builder.count() >= entries_max(lane) ||
                    lane.builder.size_bytes() >= options_.block_bytes_max;
  if (full) return deliver(partition);
  return {};
}

tl::expected<void, storage::Error> IngestSession::begin_source(const std::string& source) {
  auto flushed = flush();
  for (auto& lane : lanes_) lane.builder.set_source(source);
  return flushed;
}

tl::expected<void, storage::Error> IngestSession::flush() {
  for (std::size_t partition = 0; partition < lanes_.size(); ++partition) {
    if (lanes_[partition].builder.empty()) continue;
    if (auto delivered = deliver(partition); !delivered) return delivered;
  }
  return {};
}

tl::expected<void, storage::Error> IngestSession::finish() {
  if (!options_.ends_sender) return flush();
  for (std::size_t partition = 0; partition < lanes_.size(); ++partition) {
    Lane& lane = lanes_[partition];
    if (lane.builder.empty() && lane.n == 0) continue;
    if (auto delivered = deliver(partition, true); !delivered) return delivered;
    lane.n = 0;
  }
  options_.sender = storage::make_sender_id();
  return {};
}

tl::expected<void, storage::Error> IngestSession::deliver(std::size_t partition, bool last) {
  auto& [builder, n, wants_maximum] = lanes_[partition];
  builder.set_received_at(options_.clock());
  storage::Block block = builder.finish({options_.sender, ++n}, last);
  const std::uint64_t entries = block.entry_count;
  auto delivered = deliver_(static_cast<storage::PartitionId>(partition), std::move(block));
  if (!delivered) return delivered;
  entries_delivered_ += entries;
  return {};
}

}  // namespace hhgrid::net
