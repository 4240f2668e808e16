#include "actors/query/inspection_load_shape.hpp"

#include <algorithm>

#include "actors/market/load_shape_totals.hpp"
#include "actors/market/published_shapes.hpp"
#include "actors/query/load_shape_view.hpp"
#include "storage/store/key.hpp"

namespace hhgrid::actors::inspection {
namespace {

using storage::Errc;
using storage::Error;
using storage::Family;

constexpr int totals_days_max = 400;
/// Totals are by UTC day, then group: the key of a day's first group starts with its first 5 bytes.
constexpr std::size_t totals_day_bytes = 5;

/// The latest UTC day with running sums of the group; looks at most 400 days with sums back.
std::optional<core::UtcDay> latest_totals_day(const View& market, const core::ShapeGroup& group) {
  const auto some_key = shape_totals_key(group, core::UtcDay{0});
  std::string before(1, static_cast<char>(some_key.front() + 1));
  for (int looked = 0; looked < totals_days_max; ++looked) {
    const auto found = need(market.last_before(Family::ledger, before));
    if (!found || found->first.front() != some_key.front()) return std::nullopt;
    const core::UtcDay day{storage::KeyReader(found->first.substr(1)).day()};
    if (need(market.get(Family::ledger, shape_totals_key(group, day)))) return day;
    before = found->first.substr(0, totals_day_bytes);
  }
  return std::nullopt;
}

/// The latest UTC day for which a run made the shape.
std::optional<core::UtcDay> latest_shape_day(const InspectionSource& source, const View& market,
                                             const core::ShapeGroup& group) {
  std::optional<core::UtcDay> latest;
  latest_run_day(market, [&](const RunInfo& run) {
    if (!core::SettlementCalendar::covers(run.day.value)) return false;  // refused for that
    for (const auto& span : source.calendar->spans_of(run.day))
      if (need(read_shape(market, run.number, span.day, group)) && (!latest || *latest < span.day))
        latest = span.day;
    return latest.has_value();
  });
  return latest;
}

Json describe_sums(const core::ShapeSums& sums, core::UtcDay day) {
  Json out = Json::array();
  for (int p = 1; p <= core::periods_per_utc_day; ++p) {
    const auto i = static_cast<std::size_t>(p - 1);
    Json& period = out.emplace_back(object_of(12));
    period["utc_period"] = p;
    period["period_end_utc"] = period_end(day, p);
    period["actual_kwh"] = kwh(sums.energy_wh[i]);
    period["count"] = sums.count[i];
  }
  return out;
}

void describe_shape(const core::Shape& shape, core::UtcDay day, Json& out) {
  out["day_total_kwh"] = kwh(shape.day_total);
  out["day_peak_kwh"] = kwh(shape.day_peak);
  out["day_off_peak_kwh"] = kwh(shape.day_off_peak);
  out["rolling_7_day_kwh"] = kwh(shape.rolling_7_day);
  out["rolling_7_day_peak_kwh"] = kwh(shape.rolling_7_day_peak);
  out["rolling_7_day_off_peak_kwh"] = kwh(shape.rolling_7_day_off_peak);
  out["rolling_annual_kwh"] = kwh(shape.rolling_annual);
  Json& periods = out["periods"] = Json::array();
  for (int p = 1; p <= core::periods_per_utc_day; ++p) {
    const auto i = static_cast<std::size_t>(p - 1);
    Json& period = periods.emplace_back(object_of(12));
    period["utc_period"] = p;
    period["period_end_utc"] = period_end(day, p);
    period["kwh"] = kwh(shape.energy_wh[i]);
    period["flag"] = std::string(1, static_cast<char>(shape.flag[i]));
    period["count"] = shape.count[i];
  }
}

Json describe_version(const ShapeVersion& version, core::UtcDay day) {
  Json out = run_json(version.run);
  describe_shape(version.shape, day, out);
  return out;
}

/// Every issue of the load-shape service, the first first.
Json describe_published(const View& market, const core::ShapeGroup& group, core::UtcDay day) {
  Json out = Json::array();
  need(published_table.each(market, published_table.key().day(day.value).text(group.to_string()),
                            [&](storage::KeyReader& key, auto record) {
                              key.rest();
                              const PublishedShape shape = read_published(record);
                              Json& issue = out.emplace_back(object_of(16));
                              issue["issue"] = shape.issue;
                              issue["with_closing_of"] = day_json(shape.closed.value);
                              describe_shape(shape.shape.shape, day, issue);
                            }));
  return out;
}

}  // namespace

Json describe_load_shape(const InspectionSource& source, const core::ShapeGroup& group,
                         std::optional<std::int32_t> day) {
  const View market(source.stores.market());
  const auto latest =
      std::max(latest_totals_day(market, group), latest_shape_day(source, market, group));
  if (!latest)
    throw ReadFailure(Error{Errc::unknown, "load shape " + group.to_string() +
                                               " has no state in this grid; only groups split by "
                                               "GSP Group and domestic flag keep any"});
  const core::UtcDay told = day ? core::UtcDay{*day} : *latest;
  const auto view = need(load_shape_view(market, *source.calendar, group, told));
  Json out = {{"address", "shape/" + group.to_string()}, {"utc_day", day_json(told.value)}};
  out["actuals"] = view.totals ? describe_sums(*view.totals, told) : Json::array();
  out["published"] = describe_published(market, group, told);
  out["runs"] = newest_items(view.versions.size(), [&](std::size_t i) {
    return describe_version(view.versions[i], told);
  });
  return out;
}

}  // namespace hhgrid::actors::inspection
