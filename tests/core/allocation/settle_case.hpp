#pragma once

#include <string_view>
#include <vector>

#include "core/allocation/settle.hpp"

namespace hhgrid::core {

/// A GSP Group on a settlement day that a test states step by step. Values are the same in every
/// period unless a period is named.
class SettleCase {
 public:
  static constexpr SettlementDay day{20'000};

  explicit SettleCase(int periods = 48) : period_count(periods) { default_unit("SUPA"); }

  /// `2__C<supplier>000`.
  void default_unit(std::string_view supplier) {
    unit(supplier, "2__C" + std::string(supplier) + "000", true);
  }
  void unit(std::string_view supplier, std::string_view id, bool default_unit = false) {
    standing.put(Bmu{
        BmuId::parse(id).value(), SupplierId::parse(supplier).value(), group, default_unit, {day}});
  }
  /// Class `ccc_id` for consumption, the next id for losses.
  void classes(std::uint16_t ccc_id, std::string_view connection, std::string_view quantity,
               std::string_view segment, int consumption_weight, int losses_weight) {
    ComponentClass row{ccc_id,
                       parse_connection(connection).value(),
                       parse_quantity(quantity).value(),
                       parse_segment(segment).value(),
                       Indicator::consumption,
                       consumption_weight,
                       {day}};
    standing.put(row);
    row.ccc_id++;
    row.indicator = Indicator::losses;
    row.weight_hundredths = losses_weight;
    standing.put(row);
  }
  void line_losses(std::string_view llfc, std::uint16_t thousandths, SettlementDay on = day) {
    LineLossDay factors;
    factors.fill(thousandths);
    standing.put_line_losses(12, LlfcId::parse(llfc).value(), on, factors);
  }
  void group_take(WattHours energy_wh) {
    for (int period = 1; period <= period_count; ++period) group_take(period, energy_wh);
  }
  void group_take(int period, WattHours energy_wh) {
    GroupTakeDay take;
    take.present[static_cast<std::size_t>(period - 1)] = true;
    take.energy_wh[static_cast<std::size_t>(period - 1)] = energy_wh;
    standing.put_group_take(group, day, take);
  }
  /// A smart whole-current import of SUPA in its default unit; a test changes what it is about.
  TermsVolume& volume(WattHours energy_wh, std::string_view quantity = "AI",
                      std::string_view llfc = "1") {
    auto& added = volumes.emplace_back();
    added.terms.supplier = SupplierId::parse("SUPA").value();
    added.terms.gsp_group = group;
    added.terms.distributor = 12;
    added.terms.llfc = LlfcId::parse(llfc).value();
    added.quantity = parse_quantity(quantity).value();
    added.msid_count = 1;
    for (int i = 0; i < period_count; ++i) added.energy_wh[static_cast<std::size_t>(i)] = energy_wh;
    return added;
  }
  GroupSettlement settle(CorrectionMethod method = CorrectionMethod::import_export) const {
    return settle_group(group, day, period_count, volumes, standing, method);
  }

  const GspGroup group = GspGroup::parse("_C").value();
  int period_count;
  StandingData standing;
  std::vector<TermsVolume> volumes;
};

/// The exceptions of one kind.
inline std::vector<Exception> exceptions_of(const GroupSettlement& settlement,
                                            std::string_view kind) {
  std::vector<Exception> found;
  for (const auto& exception : settlement.exceptions) {
    if (exception.kind == kind) found.push_back(exception);
  }
  return found;
}

}  // namespace hhgrid::core
