#include "core/load_shape/shape.hpp"

#include <algorithm>
#include <utility>

#include "core/assertion.hpp"
#include "core/decimal.hpp"
#include "core/meter_day.hpp"
#include "core/text.hpp"

namespace hhgrid::core {
namespace {

constexpr int days_per_year = 365;
constexpr int days_per_week = 7;
constexpr std::string_view not_split = "*";

/// round(sum / count) in 64 bits: a year of history for each of some hundred groups is millions of
/// these.
WattHours mean(WattHours sum, std::int32_t count) {
  return sum >= 0 ? (sum + count / 2) / count : -((-sum + count / 2) / count);
}

/// Which key columns the row fills, the earliest column highest; nothing when the row is not for
/// the group.
std::optional<unsigned> match(const DefaultShapeRow& row, const ShapeGroup& group, DayType type) {
  unsigned filled = 0;
  bool matches = true;
  const auto column = [&](const auto& field, const auto& value) {
    filled = filled << 1 | (field.has_value() ? 1U : 0U);
    matches = matches && (!field || *field == value);
  };
  column(row.gsp_group, group.gsp_group);
  column(row.connection, group.connection);
  column(row.segment, group.segment);
  filled = filled << 1 | (row.domestic ? 1U : 0U);
  matches = matches && (!row.domestic || row.domestic == group.domestic);
  column(row.quantity, group.quantity);
  column(row.day_type, type);
  if (!matches) return std::nullopt;
  return filled;
}

/// Rule 3's parents, nearest first: without the domestic split, then without the GSP Group as well.
std::vector<ShapeGroup> parents(ShapeGroup group) {
  std::vector<ShapeGroup> found;
  if (group.domestic) {
    group.domestic.reset();
    found.push_back(group);
  }
  if (!group.gsp_group.empty()) {
    group.gsp_group = {};
    found.push_back(group);
  }
  return found;
}

}  // namespace

const OffPeakWindow& ShapePolicy::off_peak_window(GspGroup group) const {
  const auto own = off_peak_of.find(group);
  return own == off_peak_of.end() ? off_peak : own->second;
}

// -- ShapeGroup ---------------------------------------------------------------

std::string ShapeGroup::to_string() const {
  std::string text = gsp_group.empty() ? std::string(not_split) : gsp_group.to_string();
  text.append(".").append(core::to_string(connection));
  text.append(".").append(core::to_string(segment));
  text.append(".").append(domestic ? (*domestic ? "T" : "F") : not_split);
  text.append(".").append(core::to_string(quantity));
  return text;
}

Parsed<ShapeGroup> ShapeGroup::parse(std::string_view text) {
  std::vector<std::string_view> fields;
  for (auto rest = text;;) {
    const auto point = rest.find('.');
    fields.push_back(rest.substr(0, point));
    if (point == std::string_view::npos) break;
    rest.remove_prefix(point + 1);
  }
  const auto failure = parse_failure(text, "is not a load shape group such as _C.W.S.T.AI");
  if (fields.size() != 5) return failure;
  ShapeGroup group;
  if (fields[0] != not_split) {
    const auto gsp_group = GspGroup::parse(fields[0]);
    if (!gsp_group) return failure;
    group.gsp_group = *gsp_group;
  }
  const auto connection = parse_connection(fields[1]);
  const auto segment = parse_segment(fields[2]);
  const auto quantity = parse_quantity(fields[4]);
  if (!connection || !segment || !quantity) return failure;
  if (fields[3] != not_split) {
    if (fields[3] != "T" && fields[3] != "F") return failure;
    group.domestic = fields[3] == "T";
  }
  group.connection = *connection;
  group.segment = *segment;
  group.quantity = *quantity;
  return group;
}

ShapeSums& ShapeSums::operator+=(const ShapeSums& other) {
  for (std::size_t i = 0; i < energy_wh.size(); ++i) {
    energy_wh[i] += other.energy_wh[i];
    count[i] += other.count[i];
  }
  return *this;
}

// -- ShapeCalculator ----------------------------------------------------------

ShapeCalculator::ShapeCalculator(ShapePolicy policy, ShapeSumsLookup sums,
                                 std::vector<DefaultShapeRow> default_shapes,
                                 std::set<std::int32_t> bank_holidays)
    : policy_(std::move(policy)),
      sums_(std::move(sums)),
      default_shapes_(std::move(default_shapes)),
      bank_holidays_(std::move(bank_holidays)) {
  HHGRID_ASSERT(policy_.minimum_sample >= 1, policy_.minimum_sample);
}

Shape ShapeCalculator::shape(const ShapeGroup& group, UtcDay day) {
  auto& cache = cache_[group];
  const auto values = day_values(group, cache, day, sums_(group, day));
  const auto totals = summarise(group, values);
  cache.days.insert_or_assign(day.value, totals);
  Shape shape;
  shape.energy_wh = values.energy_wh;
  shape.flag = values.flag;
  shape.count = values.count;
  shape.day_total = totals.total;
  shape.day_off_peak = totals.off_peak;
  shape.day_peak = totals.total - totals.off_peak;
  for (int back = 0; back < days_per_week; ++back) {
    const auto& summary = day_summary(group, cache, day - back, true);
    shape.rolling_7_day += summary.total;
    shape.rolling_7_day_off_peak += summary.off_peak;
  }
  shape.rolling_7_day_peak = shape.rolling_7_day - shape.rolling_7_day_off_peak;
  shape.rolling_annual = rolling_annual(group, cache, day);
  return shape;
}

/// Rule 1 for the periods in `missing`; those it settles leave the mask.
void ShapeCalculator::take_actuals(const ShapeSums* sums, ShapeFlag flag, DayValues& values,
                                   std::uint64_t& missing) const {
  if (!sums) return;
  for (std::size_t i = 0; i < periods_per_utc_day; ++i) {
    if ((missing >> i & 1) == 0 || sums->count[i] < policy_.minimum_sample) continue;
    values.energy_wh[i] = mean(sums->energy_wh[i], sums->count[i]);
    values.flag[i] = flag;
    missing &= ~(std::uint64_t{1} << i);
  }
}

ShapeCalculator::DayValues ShapeCalculator::day_values(const ShapeGroup& group, GroupCache& cache,
                                                       UtcDay day, const ShapeSums* sums) {
  DayValues values;
  values.flag.fill(ShapeFlag::no_data);
  if (sums) values.count = sums->count;
  std::uint64_t missing = all_periods_mask;
  take_actuals(sums, ShapeFlag::actual, values, missing);
  if (missing == 0) return values;

  const DayType type = day_type(day.value, bank_holidays_);
  for (int back = 1; back <= policy_.like_days_max && missing != 0; ++back) {
    if (day_type(day.value - back, bank_holidays_) != type) continue;
    take_actuals(sums_(group, day - back), ShapeFlag::standard_default, values, missing);
  }
  if (missing == 0) return values;

  for (const auto& parent : parents(group)) {
    take_actuals(sums_(parent, day), ShapeFlag::back_stop, values, missing);
  }
  const auto* row = default_shape(group, cache, type);
  for (std::size_t i = 0; row && i < periods_per_utc_day; ++i) {
    if ((missing >> i & 1) == 0) continue;
    values.energy_wh[i] = row->energy_wh[i];
    values.flag[i] = ShapeFlag::back_stop;
  }
  return values;
}

ShapeCalculator::DaySummary ShapeCalculator::summarise(const ShapeGroup& group,
                                                       const DayValues& values) const {
  const auto& off_peak = policy_.off_peak_window(group.gsp_group);
  DaySummary summary{.has_totals = true};
  for (int period = 1; period <= periods_per_utc_day; ++period) {
    const auto energy = values.energy_wh[static_cast<std::size_t>(period - 1)];
    summary.total += energy;
    if (off_peak.contains(period)) summary.off_peak += energy;
    summary.any_actual |= values.flag[static_cast<std::size_t>(period - 1)] == ShapeFlag::actual;
  }
  return summary;
}

/// Without totals only `any_actual` is certain: a year of days without actuals would ask for the
/// whole ladder of each.
const ShapeCalculator::DaySummary& ShapeCalculator::day_summary(const ShapeGroup& group,
                                                                GroupCache& cache, UtcDay day,
                                                                bool with_totals) {
  const auto [found, fresh] = cache.days.try_emplace(day.value);
  auto& summary = found->second;
  if (!fresh && (summary.has_totals || !with_totals)) return summary;
  const auto* sums = sums_(group, day);
  const bool any_actual =
      sums && std::any_of(sums->count.begin(), sums->count.end(),
                          [&](auto count) { return count >= policy_.minimum_sample; });
  if (with_totals || any_actual) summary = summarise(group, day_values(group, cache, day, sums));
  return summary;
}

WattHours ShapeCalculator::rolling_annual(const ShapeGroup& group, GroupCache& cache, UtcDay day) {
  Int128 sum = 0;
  int days_with_actuals = 0;
  for (int back = 0; back < days_per_year; ++back) {
    const auto& summary = day_summary(group, cache, day - back, false);
    if (!summary.any_actual) continue;
    sum += summary.total;
    ++days_with_actuals;
  }
  if (days_with_actuals == 0) {
    return days_per_year * day_summary(group, cache, day, true).total;
  }
  return static_cast<WattHours>(round_half_away(sum * days_per_year, days_with_actuals));
}

const DefaultShapeRow* ShapeCalculator::default_shape(const ShapeGroup& group, GroupCache& cache,
                                                      DayType type) const {
  auto& found = cache.default_shapes[static_cast<std::size_t>(type)];
  if (found) return *found;
  found = nullptr;
  std::pair<int, unsigned> best;
  for (const auto& row : default_shapes_) {
    const auto filled = match(row, group, type);
    if (!filled) continue;
    const std::pair specificity{std::popcount(*filled), *filled};
    if (*found && specificity < best) continue;
    best = specificity;
    found = &row;
  }
  return *found;
}

}  // namespace hhgrid::core
