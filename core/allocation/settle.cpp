#include "core/allocation/settle.hpp"

#include "core/allocation/components.hpp"
#include "core/allocation/correction.hpp"
#include "core/allocation/settle_context.hpp"
#include "core/assertion.hpp"
#include "core/text.hpp"

namespace hhgrid::core {

using detail::SettleContext;

namespace {

/// The Group Take of all periods of the day, or a refusal that names what is missing.
void take_group_take(SettleContext& context) {
  const GroupTakeDay absent;
  const auto* known = context.standing.group_take(context.settlement.gsp_group, context.day);
  const auto& take = known ? *known : absent;
  std::vector<int> missing;
  for (int period = 1; period <= settlement_periods_max; ++period) {
    const auto i = static_cast<std::size_t>(period - 1);
    if (period <= context.settlement.period_count) {
      context.settlement.group_take_wh[i] = take.energy_wh[i];
      if (!take.present[i]) missing.push_back(period);
    } else if (take.present[i]) {
      context.exceptions.insert({"group_take_ignored", context.group(), period,
                                 "The settlement day has " +
                                     std::to_string(context.settlement.period_count) +
                                     " periods; the GSP Group Take of a later one is not used."});
    }
  }
  if (!missing.empty()) {
    context.refusals.insert("The GSP Group Take of " + context.place() +
                            " is missing for settlement periods " + format_periods(missing) + ".");
  }
}

/// Import and export of each BM unit: its corrected components, C and L.
void add_up_bmus(GroupSettlement& settlement) {
  for (const auto& component : settlement.components) {
    auto& bmus = settlement.bmus;
    if (bmus.empty() || bmus.back().bmu != component.bmu ||
        bmus.back().supplier != component.supplier) {
      bmus.push_back({component.supplier, component.bmu});
    }
    auto& energy = component.quantity == MeasurementQuantity::active_import ? bmus.back().import_wh
                                                                            : bmus.back().export_wh;
    for (std::size_t i = 0; i < energy.size(); ++i) energy[i] += component.corrected_wh[i];
  }
}

/// A refused group has no volumes that somebody could mistake for settled ones.
void refuse(GroupSettlement& settlement, const std::set<std::string>& reasons) {
  GroupSettlement refused;
  refused.gsp_group = settlement.gsp_group;
  refused.period_count = settlement.period_count;
  std::string text;
  for (const auto& reason : reasons) text.append(text.empty() ? "" : " ").append(reason);
  refused.refused = std::move(text);
  settlement = std::move(refused);
}

}  // namespace

GroupSettlement settle_group(GspGroup group, SettlementDay day, int period_count,
                             const std::vector<TermsVolume>& volumes, const StandingData& standing,
                             CorrectionMethod method) {
  HHGRID_ASSERT(1 <= period_count && period_count <= settlement_periods_max, period_count);
  GroupSettlement settlement;
  settlement.gsp_group = group;
  settlement.period_count = period_count;
  SettleContext context{day, standing, settlement};
  take_group_take(context);
  detail::build_components(context, volumes);
  if (context.refusals.empty()) detail::correct_components(context, method);
  if (context.refusals.empty()) {
    add_up_bmus(settlement);
  } else {
    refuse(settlement, context.refusals);
  }
  settlement.exceptions.assign(context.exceptions.begin(), context.exceptions.end());
  return settlement;
}

}  // namespace hhgrid::core
