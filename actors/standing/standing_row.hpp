#pragma once

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

/// Where every version of every row is kept: Family::actor, this tag, table, row identity,
/// position.
inline constexpr char standing_tag = 's';

bool is_standing(schema::Entry::Which which);
/// Throws TurnFailure when a field does not hold or the entry is none of standing data.
StandingRow read_standing(schema::Entry::Reader entry);
/// The key of a row without the position: tag, table and what identifies the row in its table.
std::string standing_row_key(const StandingRow& row);
/// The address of the actor that the row belongs to: `bmu/...`, `gsp/...`, or `standing/<table>`.
std::string standing_address(const StandingRow& row);
void put(core::StandingData& data, const StandingRow& row);
/// Its entry; valid until the next use of the scratch.
storage::EntryWords encode_standing(const StandingRow& row, storage::EntryScratch& scratch);

}  // namespace hhgrid::actors
