#include "actors/verify/check_known_shapes.hpp"

#include <limits>
#include <map>

#include <fmt/format.h>

#include "actors/market/published_shapes.hpp"
#include "actors/meter/day_shapes.hpp"
#include "actors/verify/check_partition.hpp"

namespace hhgrid::actors {
namespace {

using Shapes = std::map<std::pair<core::UtcDay, core::ShapeGroup>, KnownShape>;

/// The latest issues; nothing when they cannot be read, which other checks tell.
std::optional<Shapes> published_shapes(const storage::Store& market) {
  Shapes shapes;
  const auto read = published_table.each(market, [&](storage::KeyReader& key, auto record) {
    key.rest();
    const PublishedShape shape = read_published(record);
    const auto& [group, day, values] = shape.shape;
    shapes.insert_or_assign({day, group},
                            KnownShape{group, day, shape.issue, values.energy_wh, values.flag});
  });
  if (!read) return std::nullopt;
  return shapes;
}

/// The first day whose shapes no closing has let the partitions forget.
core::UtcDay first_kept_day(const storage::Store& market) {
  core::UtcDay first{std::numeric_limits<std::int32_t>::min()};
  static_cast<void>(closed_table.each(market, [&](storage::KeyReader& key, auto record) {
    key.day();
    const DayClosing closing = read_closing(record);
    if (closing.complete) first = std::max(first, closing.day - shapes_kept_days);
  }));
  return first;
}

void check_partition(const storage::Store& store, Shapes expected, core::UtcDay first_kept,
                     CheckReport& report) {
  Check check(store);
  check.scan_again(known_shapes.family(), "h", [&](std::string_view, std::string_view value) {
    const auto shape = checked_record<schema::KnownShapeRecord>(
        value, [](auto record) { return read_known_shape(record.getShape()); });
    const auto found = expected.find({shape.day, shape.group});
    if (found == expected.end()) refuse_record("was not published");
    if (!(found->second == shape)) refuse_record("is not what was published last");
    expected.erase(found);
  });
  for (const auto& [key, shape] : expected)
    if (key.first >= first_kept)
      check.damaged(known_shapes.family(), {},
                    fmt::format("the load shape {} of UTC day number {} is not known",
                                key.second.to_string(), key.first.value));
  report.add(std::move(check.report()));
}

}  // namespace

CheckReport check_known_shapes(const storage::StoreSet& stores) {
  CheckReport report;
  const storage::PartitionId market_id = stores.topology().market();
  const auto published = published_shapes(stores.market());
  if (!published) return report;
  const core::UtcDay first_kept = first_kept_day(stores.market());
  for (const storage::PartitionId id : stores.topology().all_meters()) {
    const auto meters = stores.find(id);
    if (meters && *meters != nullptr && has_taken_all(**meters, id, stores.market(), market_id))
      check_partition(**meters, *published, first_kept, report);
  }
  return report;
}

}  // namespace hhgrid::actors
