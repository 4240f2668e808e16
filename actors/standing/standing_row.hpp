#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "actors/host/fold.hpp"
#include "core/standing/standing_data.hpp"
#include "storage/wire/entry_codec.hpp"

namespace hhgrid::actors {

/// One row of Industry Standing Data as an entry carries it.
using StandingRow =
    std::variant<core::Bmu, core::ComponentClass, storage::LineLosses, core::DefaultShapeRow,
                 storage::GroupTake, storage::RunDateRow, storage::BankHoliday>;

/// One stored version of a row.
struct StoredStandingRow {
  storage::Position position;
  StandingRow row;
};

/// Where every version of every row is kept: Family::actor, this tag, table, row identity,
/// position.
inline constexpr char standing_tag = 's';

bool is_standing(schema::Entry::Which which);
/// Throws TurnFailure when a field does not hold or the entry is none of standing data.
StandingRow read_standing(schema::Entry::Reader entry);
/// The row of an entry that a store keeps. Throws as `read_standing`.
StandingRow stored_standing_row(std::string_view value);
/// What the keys of all run dates begin with.
std::string run_date_key_prefix();
/// The key of a row without the position: tag, table and what identifies the row in its table.
std::string standing_row_key(const StandingRow& row);
/// The address of the actor that the row belongs to: `bmu/...`, `gsp/...`, or `standing/<table>`.
std::string standing_address(const StandingRow& row);
/// The day that the row is of, or takes effect on.
std::optional<std::int32_t> standing_day(const StandingRow& row);
void put(core::StandingData& data, const StandingRow& row);
/// The table knows nothing more under the row's key.
void forget(core::StandingData& data, const StandingRow& row);

/// What of a row counts, or is refused, by itself: of Group Takes and line losses each settlement
/// period, of any other row the whole as part 0. A bit a part.
using RowParts = std::uint64_t;
RowParts parts_of(const StandingRow& row);
/// What the sender of a version of the row is told when these parts of it are refused.
ContradictedEntry contradicted_entry(const StandingRow& row, storage::Position version,
                                     RowParts parts);
/// The parts that both rows give with the same value, and those with different ones. Both must have
/// the same key.
struct ComparedParts {
  RowParts same = 0, different = 0;
};
ComparedParts compare(const StandingRow& a, const StandingRow& b);
/// The row without some parts; nothing when none is left.
std::optional<StandingRow> without(StandingRow row, RowParts parts);
/// Whether the table says the same of every part that the row gives, or nothing. Rows without
/// periods never do.
bool agrees(const core::StandingData& data, const StandingRow& row);
/// Its entry; valid until the next use of the scratch.
storage::EntryWords encode_standing(const StandingRow& row, storage::EntryScratch& scratch);

}  // namespace hhgrid::actors
