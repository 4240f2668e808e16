#include "actors/verify/check_partition.hpp"

#include <limits>
#include <string>

#include <fmt/format.h>

#include "actors/host/block_marks.hpp"
#include "actors/verify/check_meters.hpp"
#include "storage/store/key.hpp"
#include "storage/store/provenance.hpp"
#include "storage/wire/block_builder.hpp"
#include "storage/wire/entry_view.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {

using storage::Family;
using storage::KeyReader;
using storage::Position;

namespace {

/// A partition that has taken nothing has no meta record, and nothing else either.
void check_emptiness(Check& check) {
  for (int i = 0; i < storage::family_count; ++i)
    check.scan(static_cast<Family>(i), {}, [](auto, auto) {
      refuse_record("the store has no meta record, so it should hold nothing");
    });
}

/// The last block of a sender, or to a destination.
void check_mark(std::string_view key, std::string_view value, const Fold::Identity& identity) {
  KeyReader reader(key.substr(1));
  std::optional<std::uint64_t> partition;
  if (key.front() == 's') {
    const storage::SenderId sender{reader.u64(), reader.u64()};
    if (sender.is_partition()) partition = sender.low;
  } else if (key.front() == 'd') {
    partition = reader.u16();
  } else {
    refuse_record("is no key of this family");
  }
  if (!reader.complete()) refuse_record("is no key of this family");
  const auto n = checked_record<schema::MarkRecord>(value, [](auto mark) { return mark.getN(); });
  if (n == 0) refuse_record("no block has this mark");
  if (partition && (*partition > std::numeric_limits<storage::PartitionId>::max() ||
                    !identity.topology.contains(static_cast<storage::PartitionId>(*partition))))
    refuse_record(fmt::format("is about partition {}, which there is not", *partition));
}

}  // namespace

void require_position(Position position, const MetaFacts& meta) {
  if (position.is_none() || position.block() > meta.block)
    refuse_record(fmt::format("position {} is in none of the {} blocks that have been applied",
                              to_string(position), meta.block));
}

std::optional<core::Instant> received_at(const ReceivedTimes& received, Position position) {
  const auto after =
      std::upper_bound(received.begin(), received.end(), position,
                       [](Position p, const auto& block) { return p < block.first; });
  if (after == received.begin() || std::prev(after)->first.block() != position.block())
    return std::nullopt;
  return std::prev(after)->second;
}

std::optional<core::Instant> require_block(Position position, const MetaFacts& meta,
                                           const std::optional<ReceivedTimes>& received) {
  require_position(position, meta);
  if (!received) return std::nullopt;
  const auto at = received_at(*received, position);
  if (!at) refuse_record(fmt::format("no block holds position {}", to_string(position)));
  return at;
}

std::optional<MetaFacts> check_meta(Check& check, Fold::Identity identity) {
  std::optional<MetaFacts> facts;
  bool any = false;
  const bool read = check.scan(Family::meta, {}, [&](std::string_view key, std::string_view value) {
    if (key != meta_key) return check_mark(key, value, identity);
    any = true;
    facts = checked_record<schema::MetaRecord>(value, [&](auto meta) {
      const storage::Topology& topology = identity.topology;
      if (meta.getPartition() != identity.id ||
          meta.getPartitionCount() != topology.meter_partitions() ||
          meta.getKind() != static_cast<std::uint8_t>(topology.kind(identity.id)))
        refuse_record(fmt::format("is partition {} of {}, expected partition {} of {}",
                                  meta.getPartition(), meta.getPartitionCount(), identity.id,
                                  topology.meter_partitions()));
      return MetaFacts{meta.getBlock(), meta.getMeterCount(), meta.getTermsCount(),
                       meta.getRunCount(), read_order(meta)};
    });
  });
  if (read && !any) check_emptiness(check);
  return facts;
}

std::optional<ReceivedTimes> check_blocks(Check& check, const MetaFacts& meta) {
  ReceivedTimes times;
  const auto before = check.report().damage_count;
  check.scan(Family::block, {}, [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const storage::BlockNumber block = reader.u64();
    if (!reader.complete()) refuse_record("is no key of this family");
    const auto origin = checked_record<schema::BlockRecord>(value, storage::read_block_record);
    times.emplace_back(Position(block, 0), origin.received_at);
    if (origin.entry_count == 0) refuse_record("a block without entries");
    if (block == 0 || block > meta.block)
      refuse_record(fmt::format("is none of the {} blocks that have been applied", meta.block));
  });
  if (check.report().damage_count != before) return std::nullopt;
  return times;
}

void check_outbox(Check& check, Fold::Identity identity) {
  check.scan(Family::outbox, {}, [&](std::string_view key, std::string_view value) {
    const auto tag = key.substr(0, 1);
    if (tag == participant_messages.tag() || tag == participant_counts.tag())
      return;  // check_participants
    if (tag != outbox_tag) refuse_record("is no key of this family");
    KeyReader reader(key.substr(1));
    const storage::PartitionId destination = reader.u16();
    const std::uint64_t n = reader.u64();
    if (!reader.complete()) refuse_record("is no key of this family");
    if (!identity.topology.contains(destination))
      refuse_record(fmt::format("goes to partition {}, which there is not", destination));
    checked_record<schema::OutboxRecord>(value, [&](auto record) {
      const auto bytes = record.getBlock();
      const auto block =
          storage::read_block({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
      if (!block) refuse_record(block.error().text);
      const storage::BlockView view(*block);
      if (view.id() != storage::BlockId{storage::SenderId::of_partition(identity.id), n})
        refuse_record("the block is another's");
      for (const auto words : view.entries()) {
        storage::EntryView entry(words);
        if (const auto root = entry.entry(); !root) refuse_record(root.error().text);
      }
      return true;
    });
  });
}

bool has_taken_all(const storage::Store& receiver, storage::PartitionId receiver_id,
                   const storage::Store& sender, storage::PartitionId sender_id) {
  const auto taken = read_sender_mark(receiver, storage::SenderId::of_partition(sender_id));
  const auto sent = read_destination_mark(sender, receiver_id);
  return taken && sent && *sent <= taken->n;
}

void check_dead_letters(Check& check, const MetaFacts& meta) {
  check.scan(Family::dead_letter, {}, [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const Position position = reader.position();
    if (!reader.complete()) refuse_record("is no key of this family");
    require_position(position, meta);
    // Its entry may be unreadable: that may be why it is dead.
    checked_record<schema::DeadLetterRecord>(value, [](auto letter) {
      if (letter.getReason().size() == 0) refuse_record("has no reason");
      if (letter.getAddress().size() == 0) refuse_record("has no address");
      return letter.getEntry().size();
    });
  });
}

StandingRow check_standing_version(std::string_view key, std::string_view value,
                                   const MetaFacts& meta,
                                   const std::optional<ReceivedTimes>& received,
                                   std::set<Position>& positions) {
  const auto split = storage::split_position(key);
  if (!split) refuse_record("is no key of this family");
  const auto [row_key, position] = *split;
  require_block(position, meta, received);
  if (!positions.insert(position).second)
    refuse_record(fmt::format("position {} has another effect too", to_string(position)));
  const storage::AlignedWords words(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(words.words());
  const auto entry = view.entry();
  if (!entry) refuse_record(entry.error().text);
  StandingRow row = read_standing(*entry);
  if (standing_row_key(row) != row_key) refuse_record("the row is another one's");
  return row;
}

void check_standing_refusal(const Check& check, std::string_view key, std::string_view value,
                            const MetaFacts& meta) {
  StandingRefusals refusals;
  const auto row_key = refusals.add(key, value, "the record");
  if (!row_key) refuse_record(row_key.error().text);
  const Position by = storage::split_position(key)->position;
  require_position(by, meta);
  if (!refusals.versions().contains(by)) refuse_record("does not refuse the entry itself");
  for (const auto& [position, refused] : refusals.versions()) {
    const auto bytes =
        check.view().get(Family::actor, *row_key + storage::KeyWriter().position(position).str());
    if (!bytes) refuse_record(bytes.error().text);
    if (!*bytes)
      refuse_record(fmt::format("position {} is no version of the row", to_string(position)));
    if ((refusals.of(position) & ~parts_of(stored_standing_row(**bytes))) != 0)
      refuse_record(
          fmt::format("the version at position {} has no such parts", to_string(position)));
  }
}

void check_unused(Check& check, std::initializer_list<Family> families,
                  const std::string& partition) {
  for (const Family family : families)
    check.scan(family, {}, [&](auto, auto) { refuse_record(partition + " has no such record"); });
}

}  // namespace hhgrid::actors
