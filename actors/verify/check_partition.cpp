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
      const bool market = identity.id == identity.meter_partitions;
      if (meta.getPartition() != identity.id ||
          meta.getPartitionCount() != identity.meter_partitions ||
          meta.getKind() != (market ? 1 : 0))
        refuse_record(fmt::format("is partition {} of {}, expected partition {} of {}",
                                  meta.getPartition(), meta.getPartitionCount(), identity.id,
                                  identity.meter_partitions));
      for (const auto sender : meta.getSenders())
        if (sender.getPartition() > identity.meter_partitions)
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
      if (record.getDestination() > identity.meter_partitions)
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

}  // namespace hhgrid::actors
