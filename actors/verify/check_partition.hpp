#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "actors/host/fold.hpp"
#include "actors/verify/audit_meters.hpp"
#include "actors/verify/check_report.hpp"
#include "core/calendar.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {

/// What the meta record of a partition says.
struct MetaFacts {
  storage::BlockNumber block = 0;  ///< The last applied.
  std::uint32_t meter_count = 0, terms_count = 0, run_count = 0;
  core::Instant newest_registration;
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
void check_outbox(Check& check, Fold::Identity identity);
void check_dead_letters(Check& check, const MetaFacts& meta);

/// Everything that only a meter partition keeps.
void check_meter_partition(Check& check, const MetaFacts& meta,
                           const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                           const core::SettlementCalendar& calendar);
/// Everything that only the market partition keeps.
void check_market_partition(Check& check, const MetaFacts& meta,
                            const std::optional<ReceivedTimes>& received, Fold::Identity identity,
                            const core::SettlementCalendar& calendar);

}  // namespace hhgrid::actors
