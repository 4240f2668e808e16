#pragma once

#include <vector>

#include "actors/host/fold.hpp"
#include "actors/verify/check_report.hpp"
#include "core/calendar.hpp"
#include "storage/store/store_set.hpp"

namespace hhgrid::actors {

/// Reads every record of a partition's store and holds it against its key and against what it
/// follows from:
///  - every partition: the meta record is of this partition; blocks follow one another up to the
///  position reached; outbox
///    and dead letters hold what they should;
///  - a meter partition: journal positions are used once; the ledger, the presence maps, the
///  population and what the market
///    has been told are what the stored versions and registrations give;
///  - the market partition: standing data, load-shape totals, and the run ledger;
///  - a GSP Group's partition: its takes, its BM units, and runs whose results add up and have the
///  digest that the group has answered.
/// All damage is collected. Memory is bounded by the meters of the partition and one day of them.
/// `identity`: which partition it should be.
CheckReport check_store(const storage::Store& store, const core::SettlementCalendar& calendar,
                        Fold::Identity identity);

/// All stores of a grid, `threads` at once; the market's load-shape totals against what the meter
/// partitions have told it, and the results that GSP Groups keep against the records of their runs.
CheckReport check_stores(const storage::StoreSet& stores, const core::SettlementCalendar& calendar,
                         int threads);

}  // namespace hhgrid::actors
