#include "actors/verify/check_partition.hpp"

#include <string>

#include <fmt/format.h>

#include "storage/store/key.hpp"
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

void require_position(Position position, const MetaFacts& meta) {
  if (position == 0 || position > meta.position)
    refuse_record(fmt::format("position {} is not one of the {} that have been applied", position,
                              meta.position));
}

}  // namespace

std::optional<MetaFacts> check_meta(Check& check, Fold::Identity identity) {
  std::optional<MetaFacts> facts;
  bool any = false;
  const bool read = check.scan(Family::meta, {}, [&](std::string_view key, std::string_view value) {
    any = true;
    if (key != meta_key) refuse_record("is no key of this family");
    facts = checked_record<schema::MetaRecord>(value, [&](auto meta) {
      const storage::Topology& topology = identity.topology;
      if (meta.getPartition() != identity.id ||
          meta.getPartitionCount() != topology.meter_partitions() ||
          meta.getKind() != static_cast<std::uint8_t>(topology.kind(identity.id)))
        refuse_record(fmt::format("is partition {} of {}, expected partition {} of {}",
                                  meta.getPartition(), meta.getPartitionCount(), identity.id,
                                  topology.meter_partitions()));
      for (const auto sender : meta.getSenders())
        if (!topology.contains(sender.getPartition()))
          refuse_record(
              fmt::format("a sender is partition {}, which there is not", sender.getPartition()));
      return MetaFacts{meta.getPosition(), meta.getMeterCount(), meta.getTermsCount(),
                       meta.getRunCount(), core::Instant{meta.getNewestRegistrationAt()}};
    });
  });
  if (read && !any) check_emptiness(check);
  return facts;
}

std::optional<ReceivedTimes> check_batches(Check& check, const MetaFacts& meta) {
  ReceivedTimes times;
  Position next = 1;
  const auto before = check.report().damage_count;
  const bool read =
      check.scan(Family::batch, {}, [&](std::string_view key, std::string_view value) {
        KeyReader reader(key);
        const Position first = reader.u64();
        if (!reader.complete()) refuse_record("is no key of this family");
        const auto [count, at] = checked_record<schema::BatchRecord>(value, [](auto batch) {
          batch.getSource();
          return std::pair(batch.getCount(), core::Instant{batch.getReceivedAt()});
        });
        const Position expected = std::exchange(next, first + count);
        if (times.empty() || times.back().second != at) times.emplace_back(first, at);
        if (count == 0) refuse_record("a block without entries");
        if (first != expected)
          refuse_record(fmt::format("the block before it ends before position {}", expected));
      });
  if (read && next != meta.position + 1)
    check.damaged(Family::batch, {},
                  fmt::format("the last block ends at position {}, the partition has reached {}",
                              next - 1, meta.position));
  if (check.report().damage_count != before) return std::nullopt;
  return times;
}

void check_outbox(Check& check, const MetaFacts& meta, Fold::Identity identity) {
  check.scan(Family::outbox, {}, [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const Position position = reader.u64();
    reader.u32();
    if (!reader.complete()) refuse_record("is no key of this family");
    require_position(position, meta);
    checked_record<schema::OutboxRecord>(value, [&](auto record) {
      if (!identity.topology.contains(record.getDestination()))
        refuse_record(
            fmt::format("goes to partition {}, which there is not", record.getDestination()));
      const storage::AlignedWords words(record.getEntry());
      storage::EntryView view(words.words());
      if (const auto entry = view.entry(); !entry) refuse_record(entry.error().text);
      return true;
    });
  });
}

void check_dead_letters(Check& check, const MetaFacts& meta) {
  check.scan(Family::dead_letter, {}, [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const Position position = reader.u64();
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
                                   const MetaFacts& meta, std::set<Position>& positions) {
  if (key.size() <= sizeof(Position)) refuse_record("is no key of this family");
  const std::string_view row_key = key.substr(0, key.size() - sizeof(Position));
  const Position position = KeyReader(key.substr(row_key.size())).u64();
  require_position(position, meta);
  if (!positions.insert(position).second)
    refuse_record(fmt::format("position {} has another effect too", position));
  const storage::AlignedWords words(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(value.data()), value.size()));
  storage::EntryView view(words.words());
  const auto entry = view.entry();
  if (!entry) refuse_record(entry.error().text);
  StandingRow row = read_standing(*entry);
  if (standing_row_key(row) != row_key) refuse_record("the row is another one's");
  return row;
}

void check_unused(Check& check, std::initializer_list<Family> families,
                  const std::string& partition) {
  for (const Family family : families)
    check.scan(family, {}, [&](auto, auto) { refuse_record(partition + " has no such record"); });
}

}  // namespace hhgrid::actors
