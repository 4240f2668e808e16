#pragma once

#include <bitset>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/load_shape/shape.hpp"
#include "core/types.hpp"

namespace hhgrid::core {

/// Effective-dated, both ends inclusive.
struct EffectiveRange {
  SettlementDay from, to = open_ended;
  bool contains(SettlementDay day) const { return from <= day && day <= to; }
  friend auto operator<=>(const EffectiveRange&, const EffectiveRange&) = default;
};

struct Bmu {
  BmuId id;
  SupplierId supplier;
  GspGroup gsp_group;
  bool default_unit = false;
  EffectiveRange effective;
};

/// Consumption Component Class with its GSP Group Correction scaling weight (DI-300, DI-325).
struct ComponentClass {
  std::uint16_t ccc_id = 0;
  ConnectionType connection{};
  MeasurementQuantity quantity{};
  MarketSegment segment{};
  Indicator indicator{};
  std::int32_t weight_hundredths = 0;
  EffectiveRange effective;
};

/// 0 = not given.
using LineLossDay = std::array<std::uint16_t, settlement_periods_max>;

struct GroupTakeDay {
  std::array<WattHours, settlement_periods_max> energy_wh{};
  std::bitset<settlement_periods_max> present, estimated;
};

struct RunDate {
  Instant cutoff;
  std::int32_t run_day = 0;
};

/// A line loss factor with where it came from.
struct LineLossFactor {
  std::uint16_t thousandths = 1000;
  bool defaulted = false;                      ///< From an earlier day, or 1.000 for want of one.
  std::optional<SettlementDay> earlier_day{};  ///< Whose factor it is, if not the day's own.
  friend bool operator==(const LineLossFactor&, const LineLossFactor&) = default;
};

/// Industry Standing Data as of one position of the market journal. A row with the same identity as
/// an earlier one replaces it:
///  - BM unit: id, supplier, GSP Group, from;
///  - component class: ccc_id, from;
///  - default shape: its key fields.
/// Of several rows of one BM unit that are valid on a day, the latest `from` counts.
class StandingData {
 public:
  void put(const Bmu& bmu);
  void put(const ComponentClass& component_class);
  void put(const DefaultShapeRow& row);
  /// Merges: only given (non-zero) factors replace.
  void put_line_losses(std::uint8_t distributor, LlfcId llfc, SettlementDay day,
                       const LineLossDay& factors);
  /// Merges: only periods present replace.
  void put_group_take(GspGroup group, SettlementDay day, const GroupTakeDay& take);
  void put_run_date(SettlementDay day, SettlementCode code, RunDate run_date);
  void put_bank_holiday(std::int32_t day_number);

  /// The row of that identity goes; nothing happens when there is none.
  void forget(const Bmu& bmu);
  void forget(const ComponentClass& component_class);
  void forget(const DefaultShapeRow& row);
  void forget_line_losses(std::uint8_t distributor, LlfcId llfc, SettlementDay day);
  void forget_group_take(GspGroup group, SettlementDay day);
  void forget_run_date(SettlementDay day, SettlementCode code);
  void forget_bank_holiday(std::int32_t day_number);

  /// The supplier's default unit in the group on the day (of several the one with the latest
  /// `from`, then the smallest id); null when there is none.
  const Bmu* default_bmu(const SupplierId& supplier, GspGroup group, SettlementDay day) const;
  /// The unit with that id when it is valid for the supplier and group on the day; null otherwise.
  const Bmu* valid_bmu(const BmuId& id, const SupplierId& supplier, GspGroup group,
                       SettlementDay day) const;
  /// Every row of the group's units, whenever valid; by supplier, unit and `from`.
  std::vector<Bmu> bmus_of(GspGroup group) const;
  /// Every row, in no order.
  const std::vector<ComponentClass>& component_classes() const { return classes_; }
  /// The class of those keys on the day; null when there is none. Of several the latest `from`,
  /// then the smallest ccc_id.
  const ComponentClass* component_class(ConnectionType connection, MeasurementQuantity quantity,
                                        MarketSegment segment, Indicator indicator,
                                        SettlementDay day) const;
  /// `arithmetic.md` 6, for periods 1 to `period_count`: the factor of the day, else the latest
  /// earlier day's within 366 days, else 1.000. Index 0 is period 1.
  std::vector<LineLossFactor> line_losses(std::uint8_t distributor, const LlfcId& llfc,
                                          SettlementDay day, int period_count) const;
  /// What is given of the day itself; null when nothing is.
  const LineLossDay* line_loss_day(std::uint8_t distributor, const LlfcId& llfc,
                                   SettlementDay day) const;
  /// Null when nothing is known of that day.
  const GroupTakeDay* group_take(GspGroup group, SettlementDay day) const;
  std::optional<RunDate> run_date(SettlementDay day, SettlementCode code) const;
  using RunDates = std::map<std::pair<SettlementDay, SettlementCode>, RunDate>;
  const RunDates& run_dates() const { return run_dates_; }
  const std::set<std::int32_t>& bank_holidays() const { return bank_holidays_; }
  const std::vector<DefaultShapeRow>& default_shapes() const { return default_shapes_; }

 private:
  // Sorted by (id, from).
  std::map<std::pair<SupplierId, GspGroup>, std::vector<Bmu>> bmus_;
  std::vector<ComponentClass> classes_;
  std::vector<DefaultShapeRow> default_shapes_;
  std::map<std::pair<std::uint8_t, LlfcId>, std::map<SettlementDay, LineLossDay>> line_losses_;
  std::map<std::pair<GspGroup, SettlementDay>, GroupTakeDay> takes_;
  RunDates run_dates_;
  std::set<std::int32_t> bank_holidays_;
};

}  // namespace hhgrid::core
