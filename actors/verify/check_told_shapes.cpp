#include "actors/verify/check_told_shapes.hpp"

#include <map>

#include <fmt/format.h>

#include "actors/host/message_codec.hpp"
#include "actors/market/load_shape_totals.hpp"
#include "actors/meter/told_shapes.hpp"
#include "actors/verify/check_partition.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors {
namespace {

using storage::Family;
using Totals = std::map<std::pair<core::UtcDay, core::ShapeGroup>, core::ShapeSums>;

/// Adds up the sums of one store; false when one of them cannot be read.
bool add_sums(const storage::Store& store, const storage::Table<schema::ShapeSumsRecord>& table,
              Totals& totals) {
  return table
      .each(store,
            [&](storage::KeyReader& key, auto record) {
              key.rest();
              const auto sums = read_shape_sums(record.getSums());
              totals[{sums.day, sums.group}] += sums.sums;
            })
      .has_value();
}

std::string difference(const core::ShapeSums& stored, const core::ShapeSums& told) {
  for (std::size_t i = 0; i < stored.count.size(); ++i)
    if (stored.energy_wh[i] != told.energy_wh[i] || stored.count[i] != told.count[i])
      return fmt::format(
          "UTC period {} has {} Wh of {} values, the meter partitions told {} Wh of "
          "{}",
          i + 1, stored.energy_wh[i], stored.count[i], told.energy_wh[i], told.count[i]);
  return {};
}

}  // namespace

CheckReport check_told_shapes(const storage::StoreSet& stores) {
  const storage::Store& market = stores.market();
  Check check(market);
  Totals told, stored;
  for (const storage::PartitionId i : stores.topology().all_meters()) {
    const auto meters = stores.find(i);
    if (!meters) return {};
    if (*meters == nullptr) continue;  // nothing has come for them
    if (!has_taken_all(market, stores.topology().market(), **meters, i)) return {};
    if (!add_sums(**meters, told_table, told)) return {};
  }
  if (!add_sums(market, totals_table, stored)) return {};
  static const core::ShapeSums none;
  const auto compare = [&](const auto& key) {
    const auto a = stored.find(key), b = told.find(key);
    const auto cause =
        difference(a == stored.end() ? none : a->second, b == told.end() ? none : b->second);
    if (!cause.empty())
      check.damaged(Family::ledger, shape_totals_key(key.second, key.first), cause);
  };
  for (const auto& [key, sums] : told) compare(key);
  for (const auto& [key, sums] : stored)
    if (!told.contains(key)) compare(key);
  return std::move(check.report());
}

}  // namespace hhgrid::actors
