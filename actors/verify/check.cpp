#include "actors/verify/check.hpp"

#include <kj/exception.h>

#include "actors/host/in_parallel.hpp"
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
    check_dead_letters(check, *meta);
    if (identity.id == identity.meter_partitions)
      check_market_partition(check, *meta, received, identity, calendar);
    else
      check_meter_partition(check, *meta, received, identity, calendar);
  }
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

CheckReport check_stores(const std::vector<const storage::Store*>& stores,
                         const core::SettlementCalendar& calendar, int threads) {
  HHGRID_ASSERT(!stores.empty() && threads >= 1, stores.size(), threads);
  const auto partitions = static_cast<storage::PartitionId>(stores.size() - 1);
  std::vector<CheckReport> reports(stores.size());
  const auto done =
      in_parallel(stores.size(), static_cast<std::size_t>(threads),
                  [&](std::size_t i) -> tl::expected<void, storage::Error> {
                    reports[i] = check_store(*stores[i], calendar,
                                             {static_cast<storage::PartitionId>(i), partitions});
                    return {};
                  });
  HHGRID_ASSERT(done.has_value(), done.error().text);
  CheckReport all;
  for (auto& report : reports) all.add(std::move(report));
  all.add(check_told_shapes(stores));
  return all;
}

}  // namespace hhgrid::actors
