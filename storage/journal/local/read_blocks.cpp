#include "storage/journal/local/read_blocks.hpp"

#include "storage/journal/local/segment_scan.hpp"

namespace hhgrid::storage {
namespace {

tl::expected<JournalBlock, Error> read_block(PartitionId partition,
                                             const JournalIndex::Found& found) {
  const auto& [location, path, file] = found;
  auto words = kj::heapArray<capnp::word>(location.payload_bytes / sizeof(capnp::word));
  const auto payload = std::as_writable_bytes(std::span(words.begin(), words.size()));
  FrameHeader header;
  auto got = read_fully(*file, std::as_writable_bytes(std::span(&header, 1)), location.offset);
  if (got) got = read_fully(*file, payload, location.offset + sizeof header);
  if (!got) return tl::unexpected(to_error(got.error(), "read", path));
  const bool holds = *got == payload.size() && header.magic == FrameHeader::magic_value &&
                     header.partition == partition && header.block == location.block &&
                     header.entry_count == location.entry_count &&
                     header.payload_bytes == payload.size() &&
                     header.checksum == frame_checksum(header, hash_payload(payload),
                                                       location.segment, location.offset);
  if (!holds) {
    return tl::unexpected(damaged_at(path, location.offset,
                                     "block " + std::to_string(location.block) + " of partition " +
                                         std::to_string(partition) + " does not hold"));
  }
  return JournalBlock{
      location.block,
      {header.entry_count, std::make_shared<const kj::Array<capnp::word>>(kj::mv(words))},
      header.digest};
}

}  // namespace

tl::expected<std::vector<JournalBlock>, Error> read_blocks(
    PartitionId partition, std::span<const JournalIndex::Found> found) {
  std::vector<JournalBlock> blocks;
  blocks.reserve(found.size());
  for (const auto& each : found) {
    auto block = read_block(partition, each);
    if (!block) return tl::unexpected(block.error());
    blocks.push_back(std::move(*block));
  }
  return blocks;
}

}  // namespace hhgrid::storage
