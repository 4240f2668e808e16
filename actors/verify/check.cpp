#include "actors/verify/check.hpp"

#include <kj/exception.h>

#include "actors/host/in_parallel.hpp"
#include "actors/verify/check_group_runs.hpp"
#include "actors/verify/check_gsp.hpp"
#include "actors/verify/check_known_shapes.hpp"
#include "actors/verify/check_market.hpp"
#include "actors/verify/check_meters.hpp"
#include "actors/verify/check_participants.hpp"
#include "actors/verify/check_partition.hpp"
#include "actors/verify/check_told_shapes.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {

namespace {

void check_partition(Check& check, const core::SettlementCalendar& calendar,
                     Fold::Identity identity) {
  if (const auto meta = check_meta(check, identity)) {
    const auto received = check_blocks(check, *meta);
    check_outbox(check, identity);
    check_participants(check, *meta);
    check_dead_letters(check, *meta);
    switch (identity.topology.kind(identity.id)) {
      case storage::PartitionKind::meters:
        return check_meter_partition(check, *meta, received, identity, calendar);
      case storage::PartitionKind::market:
        return check_market_partition(check, *meta, received, identity);
      case storage::PartitionKind::gsp_group:
        return check_gsp_partition(check, *meta, received, identity, calendar);
    }
  }
}

/// Nothing to find in a partition that has taken nothing; a store that cannot be opened is damage.
CheckReport check_partition_of(const storage::StoreSet& stores, storage::PartitionId id,
                               const core::SettlementCalendar& calendar) {
  const auto store = stores.find(id);
  if (store && *store != nullptr)
    return check_store(**store, calendar, {id, stores.topology(), {}});
  CheckReport report;
  if (!store) {
    report.damage_count = 1;
    report.damage.push_back({stores.topology().name(id), "", "", store.error().text});
  }
  return report;
}

}  // namespace

CheckReport check_store(const storage::Store& store, const core::SettlementCalendar& calendar,
                        Fold::Identity identity) {
  Check check(store);
  // Damage that no check has a name for must not end the others.
  try {
    check_partition(check, calendar, identity);
  } catch (const kj::Exception& e) {
    check.damaged(storage::Family::meta, {},
                  std::string("the check cannot go on: ") + e.getDescription().cStr());
  } catch (const std::exception& e) {
    check.damaged(storage::Family::meta, {}, std::string("the check cannot go on: ") + e.what());
  }
  return std::move(check.report());
}

CheckReport check_stores(const storage::StoreSet& stores, const core::SettlementCalendar& calendar,
                         int threads) {
  HHGRID_ASSERT(threads >= 1, threads);
  const std::size_t count = stores.topology().count();
  std::vector<CheckReport> reports(count);
  const auto done = in_parallel(count, static_cast<std::size_t>(threads),
                                [&](std::size_t i) -> tl::expected<void, storage::Error> {
                                  reports[i] = check_partition_of(
                                      stores, static_cast<storage::PartitionId>(i), calendar);
                                  return {};
                                });
  HHGRID_ASSERT(done.has_value(), done.error().text);
  CheckReport all;
  for (auto& report : reports) all.add(std::move(report));
  all.add(check_told_shapes(stores));
  all.add(check_group_runs(stores));
  all.add(check_known_shapes(stores));
  return all;
}

}  // namespace hhgrid::actors
