#include "actors/query/load_shape_view.hpp"

#include <algorithm>
#include <utility>

#include "actors/market/load_shape_totals.hpp"
#include "storage/wire/record.hpp"

namespace hhgrid::actors {
namespace {

tl::expected<std::optional<core::ShapeSums>, storage::Error> read_totals(
    const View& view, const core::ShapeGroup& group, core::UtcDay day) {
  const std::string key = shape_totals_key(group, day);
  const auto bytes = view.get(storage::Family::ledger, key);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto sums = storage::read_record<schema::ShapeSumsRecord>(
      **bytes, "ledger record " + storage::printable_key(key),
      [](auto record) { return read_shape_sums(record.getSums()).sums; });
  if (!sums) return tl::unexpected(sums.error());
  return *sums;
}

}  // namespace

tl::expected<LoadShapeView, storage::Error> load_shape_view(
    const View& view, const core::SettlementCalendar& calendar, const core::ShapeGroup& group,
    core::UtcDay day) {
  LoadShapeView result;
  auto totals = read_totals(view, group, day);
  if (!totals) return tl::unexpected(totals.error());
  result.totals = *totals;
  for (const auto& span : calendar.spans_of(day)) {
    const auto runs = runs_of_day(view, span.day);
    if (!runs) return tl::unexpected(runs.error());
    for (const RunInfo& run : *runs) {
      auto shape = read_shape(view, run.number, day, group);
      if (!shape) return tl::unexpected(shape.error());
      if (*shape) result.versions.push_back({run, (*shape)->shape});
    }
  }
  std::sort(
      result.versions.begin(), result.versions.end(),
      [](const ShapeVersion& a, const ShapeVersion& b) { return a.run.number < b.run.number; });
  return result;
}

}  // namespace hhgrid::actors
