#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/calendar.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// Key of a load shape (B051). Without a GSP Group, or without a domestic flag: a parent group.
struct ShapeGroup {
  GspGroup gsp_group;
  ConnectionType connection{};
  MarketSegment segment{};
  std::optional<bool> domestic;
  MeasurementQuantity quantity{};
  friend auto operator<=>(const ShapeGroup&, const ShapeGroup&) = default;
  /// `_C.W.S.T.AI`; `*` where not split.
  std::string to_string() const;
  static Parsed<ShapeGroup> parse(std::string_view text);
};

/// How many actuals a group has on a UTC day and what they sum to, per UTC period.
struct ShapeSums {
  std::array<WattHours, 48> energy_wh{};
  std::array<std::int32_t, 48> count{};
  ShapeSums& operator+=(const ShapeSums& other);
  friend bool operator==(const ShapeSums&, const ShapeSums&) = default;
};

/// DI-154: how a load-shape value came about.
enum class ShapeFlag : char {
  actual = 'A',
  standard_default = 'D',
  back_stop = 'E',
  no_data = 'B'
};

/// A row of `default_shapes.csv`; an absent key field means any.
struct DefaultShapeRow {
  std::optional<GspGroup> gsp_group;
  std::optional<ConnectionType> connection;
  std::optional<MarketSegment> segment;
  std::optional<bool> domestic;
  std::optional<MeasurementQuantity> quantity;
  std::optional<DayType> day_type;
  std::array<WattHours, 48> energy_wh{};
};

/// The greatest `like_days_max` there can be: a year.
inline constexpr int like_days_limit = 366;

/// The off-peak half hours of a UTC day: periods first to last, inclusive. It may go over midnight:
/// 48 to 13 are the periods 48 and 1 to 13 of the same day.
struct OffPeakWindow {
  int first = 2, last = 15;
  constexpr bool contains(int period) const {
    return first <= last ? first <= period && period <= last : period <= last || first <= period;
  }
  friend bool operator==(const OffPeakWindow&, const OffPeakWindow&) = default;
};

/// Policies of `arithmetic.md` section 3.
struct ShapePolicy {
  int minimum_sample = 10;
  int like_days_max = 28;
  OffPeakWindow off_peak;  ///< Of every GSP Group that has none of its own.
  std::map<GspGroup, OffPeakWindow> off_peak_of;
  const OffPeakWindow& off_peak_window(GspGroup group) const;
  friend bool operator==(const ShapePolicy&, const ShapePolicy&) = default;
};

/// One load shape: 48 values with flags (IF-022) and totals (IF-023).
struct Shape {
  std::array<WattHours, 48> energy_wh{};
  std::array<ShapeFlag, 48> flag{};
  std::array<std::int32_t, 48> count{};
  WattHours day_total = 0, day_peak = 0, day_off_peak = 0;
  WattHours rolling_7_day = 0, rolling_7_day_peak = 0, rolling_7_day_off_peak = 0;
  WattHours rolling_annual = 0;
};

/// Sums of a group on a UTC day, or null when it has none. Parent groups are asked for too.
using ShapeSumsLookup = std::function<const ShapeSums*(const ShapeGroup&, UtcDay)>;

/// Computes load shapes of `arithmetic.md` section 3 from sums and counts. Caches day totals; make
/// a new one when the sums behind `sums` change. Readings of what the page leaves open:
/// docs/market-rules.md.
class ShapeCalculator {
 public:
  /// `policy.minimum_sample` is at least 1 (asserted).
  ShapeCalculator(ShapePolicy policy, ShapeSumsLookup sums,
                  std::vector<DefaultShapeRow> default_shapes,
                  std::set<std::int32_t> bank_holidays);
  /// The published shape with all totals.
  Shape shape(const ShapeGroup& group, UtcDay day);

 private:
  struct DayValues {
    std::array<WattHours, 48> energy_wh{};
    std::array<ShapeFlag, 48> flag{};
    std::array<std::int32_t, 48> count{};
  };
  /// What the rolling totals need of a day: a year of history for each shape, so it is kept small.
  struct DaySummary {
    WattHours total = 0, off_peak = 0;
    bool has_totals = false;
    bool any_actual = false;
  };
  struct GroupCache {
    std::unordered_map<std::int32_t, DaySummary> days;  // by number of the UTC day
    std::array<std::optional<const DefaultShapeRow*>, 4> default_shapes;  ///< By day type.
  };

  void take_actuals(const ShapeSums* sums, ShapeFlag flag, DayValues& values,
                    std::uint64_t& missing) const;
  DayValues day_values(const ShapeGroup& group, GroupCache& cache, UtcDay day,
                       const ShapeSums* sums);
  DaySummary summarise(const ShapeGroup& group, const DayValues& values) const;
  const DaySummary& day_summary(const ShapeGroup& group, GroupCache& cache, UtcDay day,
                                bool with_totals);
  WattHours rolling_annual(const ShapeGroup& group, GroupCache& cache, UtcDay day);
  const DefaultShapeRow* default_shape(const ShapeGroup& group, GroupCache& cache,
                                       DayType type) const;

  ShapePolicy policy_;
  ShapeSumsLookup sums_;
  std::vector<DefaultShapeRow> default_shapes_;
  std::set<std::int32_t> bank_holidays_;
  std::map<ShapeGroup, GroupCache> cache_;
};

}  // namespace hhgrid::core
