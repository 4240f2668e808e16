#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "actors/host/fold.hpp"
#include "actors/meter/arrivals.hpp"
#include "actors/standing/standing_refusals.hpp"
#include "actors/standing/standing_row.hpp"
#include "actors/verify/audit_meters.hpp"
#include "actors/verify/check_report.hpp"
#include "core/calendar.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

/// What the meta record of a partition says.
struct MetaFacts {
  storage::BlockNumber block = 0;  ///< The last applied.
  std::uint32_t meter_count = 0, terms_count = 0, run_count = 0;
  ArrivalOrder arrival_order;  ///< Of a meter partition.
};

/// A record whose damage is thrown, for Check::scan: the place is added there.
template <class T, class Read>
auto checked_record(std::string_view bytes, Read&& read) {
  auto result = storage::read_record<T>(bytes, "the record", std::forward<Read>(read));
  if (!result) refuse_record(result.error().text);
  return std::move(*result);
}

/// What every partition keeps. Nothing when there is no readable meta record: then nothing else can
/// be judged.
std::optional<MetaFacts> check_meta(Check& check, Fold::Identity identity);
/// Refuses a record that refers to a position which has not been applied.
void require_position(storage::Position position, const MetaFacts& meta);
/// When the entries were received of all blocks that have left something; nothing when the records
/// of blocks are damaged.
std::optional<ReceivedTimes> check_blocks(Check& check, const MetaFacts& meta);
/// When the entry at `position` was received; nothing when no block holds it.
std::optional<core::Instant> received_at(const ReceivedTimes& received, storage::Position position);
/// As require_position; refuses a position too that no block holds. When it was received, where
/// that is known.
std::optional<core::Instant> require_block(storage::Position position, const MetaFacts& meta,
                                           const std::optional<ReceivedTimes>& received);
/// Whether a partition has taken every block that another has sent it. A delivered block stays in
/// the outbox until the next commit, so what is there says nothing. False when it cannot be read.
bool has_taken_all(const storage::Store& receiver, storage::PartitionId receiver_id,
                   const storage::Store& sender, storage::PartitionId sender_id);
/// What goes to partitions; what goes to participants is in check_participants.hpp.
void check_outbox(Check& check, Fold::Identity identity);
void check_dead_letters(Check& check, const MetaFacts& meta);

/// One version of a row of standing data, of whatever partition keeps it: throws what is wrong with
/// it. `positions`: those of the versions before it, to which it adds its own.
StandingRow check_standing_version(std::string_view key, std::string_view value,
                                   const MetaFacts& meta,
                                   const std::optional<ReceivedTimes>& received,
                                   std::set<storage::Position>& positions);
/// What an entry has refused of a row: throws when it, or what it refuses, is no version of the
/// row, or does not have those parts.
void check_standing_refusal(const Check& check, std::string_view key, std::string_view value,
                            const MetaFacts& meta);
/// Families that this kind of partition has no use for.
void check_unused(Check& check, std::initializer_list<storage::Family> families,
                  const std::string& partition);

}  // namespace hhgrid::actors
