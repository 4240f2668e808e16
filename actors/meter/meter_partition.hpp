#pragma once

#include "actors/meter/arrivals.hpp"
#include "actors/meter/ledger.hpp"
#include "actors/meter/limits_table.hpp"
#include "actors/meter/meter_repeats.hpp"
#include "actors/meter/meter_table.hpp"
#include "actors/meter/population.hpp"
#include "actors/meter/presence.hpp"
#include "actors/meter/terms_table.hpp"
#include "actors/meter/told_shapes.hpp"
#include "core/calendar.hpp"

namespace hhgrid::actors {

/// What a meter partition holds: its meters, and what follows from all of them together.
struct MeterPartition {
  MeterPartition(storage::Store& partition_store,
                 const core::SettlementCalendar& settlement_calendar,
                 std::size_t resident_bytes_max, std::size_t ledger_days_max)
      : store(partition_store),
        calendar(settlement_calendar),
        meters(partition_store, terms, resident_bytes_max),
        ledger(partition_store, terms, ledger_days_max) {}

  storage::Store& store;
  const core::SettlementCalendar& calendar;
  TermsTable terms;
  LimitsTable limits;
  MeterTable meters;
  Ledger ledger;
  Presence presence;
  Population population;
  ToldShapes told;
  Arrivals arrivals;
  MeterRepeats repeats;

  /// A day's running sums. Throws StoreFailure.
  LedgerDay& ledger_day(core::SettlementDay day) {
    auto rows = ledger.day(day);
    if (!rows) throw_read_error(rows.error());
    return **rows;
  }
};

}  // namespace hhgrid::actors
