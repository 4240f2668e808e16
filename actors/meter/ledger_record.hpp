#pragma once

#include <string>
#include <string_view>

#include "actors/meter/ledger.hpp"

namespace hhgrid::actors {

/// The key and the record of a row, and back.
std::string ledger_key(core::SettlementDay day, LedgerDay::Key key);
std::string ledger_record(const LedgerRow& row);
tl::expected<LedgerRow, storage::Error> read_ledger_record(std::string_view bytes,
                                                           const storage::Where& where);
std::string ledger_day_prefix(core::SettlementDay day);
/// Adds a stored row to its day. Error: damaged, also when its terms are not one of `terms_count`.
tl::expected<void, storage::Error> take_ledger_row(std::string_view key, std::string_view value,
                                                   const std::string& where,
                                                   std::size_t terms_count, LedgerDay& out);

}  // namespace hhgrid::actors
