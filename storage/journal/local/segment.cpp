#include "storage/journal/local/segment.hpp"

#include <bit>
#include <cstddef>
#include <cstdio>
#include <limits>

#include <xxhash.h>

namespace hhgrid::storage {

static_assert(std::endian::native == std::endian::little, "the log is written as it is in memory");

std::uint64_t hash_payload(std::span<const std::byte> payload) {
  return XXH3_64bits(payload.data(), payload.size());
}

std::uint64_t frame_checksum(FrameHeader header, std::uint64_t payload_hash, std::uint64_t segment,
                             std::uint64_t offset) {
  header.checksum = payload_hash;
  // Offsets stay far below 2^40, so that no two places share a seed before 2^24 segments.
  return XXH3_64bits_withSeed(&header, sizeof header, (segment << 40) ^ offset);
}

bool is_plausible(const FrameHeader& header, std::uint64_t offset, std::uint64_t file_bytes) {
  if (header.magic != FrameHeader::magic_value) return false;
  if (header.kind < FrameKind::block || header.kind > FrameKind::seal) return false;
  return header.payload_bytes % sizeof(std::uint64_t) == 0 &&
         header.payload_bytes <= payload_bytes_max &&
         header.total_bytes == header.payload_bytes + sizeof(FrameHeader) &&
         header.total_bytes <= file_bytes - offset && header.group_offset <= offset;
}

std::uint64_t header_checksum(const SegmentHeader& header) {
  return XXH3_64bits(&header, offsetof(SegmentHeader, checksum));
}

std::vector<std::uint64_t> encode(const Checkpoint& checkpoint) {
  std::vector<std::uint64_t> words{checkpoint.previous_end, checkpoint.partitions.size()};
  for (const auto& partition : checkpoint.partitions) {
    words.push_back(partition.end);
    words.push_back(partition.digest);
  }
  return words;
}

std::optional<Checkpoint> decode_checkpoint(std::span<const std::uint64_t> words) {
  constexpr std::size_t words_per_partition = 2;
  if (words.size() < 2) return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.previous_end = words[0];
  const std::uint64_t partition_count = words[1];
  words = words.subspan(2);
  if (words.size() % words_per_partition != 0 ||
      words.size() / words_per_partition != partition_count)
    return std::nullopt;
  for (std::size_t at = 0; at < words.size(); at += words_per_partition)
    checkpoint.partitions.push_back({words[at], words[at + 1]});
  return checkpoint;
}

namespace {
constexpr std::string_view name_prefix = "journal-", name_suffix = ".log";
constexpr std::size_t name_digits = 12;
}  // namespace

std::string segment_name(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, name_digits - std::min(name_digits, digits.size()), '0');
  return std::string(name_prefix) + digits + std::string(name_suffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (name.size() != name_prefix.size() + name_digits + name_suffix.size()) return std::nullopt;
  if (!name.starts_with(name_prefix) || !name.ends_with(name_suffix)) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : name.substr(name_prefix.size(), name_digits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

}  // namespace hhgrid::storage
