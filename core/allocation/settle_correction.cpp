#include "core/allocation/settle_steps.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::core::detail {
namespace {

/// Factors are integers of 1e-9, weights of 1e-2: a factor times a weight is in units of 1e-11.
constexpr WattHours unit_factor = 1'000'000'000;
constexpr WattHours weighted_unit = 100 * unit_factor;
constexpr WattHours lowest_usual_factor = unit_factor / 10 * 9;
constexpr WattHours highest_usual_factor = unit_factor / 10 * 11;
/// Reports carry factors as 9.9 digits (DT-026).
constexpr WattHours factor_end = unit_factor * unit_factor;

using PeriodSums = std::array<Int128, settlement_periods_max>;

/// What the correction of one period starts from; weighted sums in hundredths of Wh.
struct Totals {
  PeriodEnergy import_wh{}, export_wh{};
  PeriodSums weighted_import{}, weighted_export{};
};

bool is_import(const Component& component) {
  return component.quantity == MeasurementQuantity::active_import;
}

Totals add_up(const std::vector<Component>& components) {
  Totals totals;
  for (const auto& component : components) {
    auto& energy = is_import(component) ? totals.import_wh : totals.export_wh;
    auto& weighted = is_import(component) ? totals.weighted_import : totals.weighted_export;
    for (std::size_t i = 0; i < energy.size(); ++i) {
      energy[i] += component.uncorrected_wh[i];
      weighted[i] += Int128{component.uncorrected_wh[i]} * component.weight_hundredths;
    }
  }
  return totals;
}

/// Finds the factors of a day, period by period, and says what is unusual about them.
class FactorFinder {
 public:
  FactorFinder(SettleContext& context, CorrectionMethod method)
      : context_(context), method_(method) {}

  void find(int period, const Totals& totals) {
    const auto i = static_cast<std::size_t>(period - 1);
    auto& settlement = context_.settlement;
    settlement.uncorrected_wh[i] = totals.import_wh[i] - totals.export_wh[i];
    const WattHours error = settlement.group_take_wh[i] - settlement.uncorrected_wh[i];
    const bool legacy = method_ == CorrectionMethod::legacy;
    const Int128 weight = legacy ? totals.weighted_import[i] - totals.weighted_export[i]
                                 : totals.weighted_import[i] + totals.weighted_export[i];
    settlement.gcf_import[i] = settlement.gcf_export[i] = unit_factor;
    if (weight == 0) {
      context_.exceptions.insert({"weight_zero", context_.group(), period,
                                  "No component carries weight, so both factors are 1; " +
                                      format_decimal(error, 6) + " MWh stay unallocated."});
      return;
    }
    const Int128 share = 100 * Int128{error};
    settlement.gcf_import[i] = factor(period, weight + share, weight);
    settlement.gcf_export[i] =
        legacy ? settlement.gcf_import[i] : factor(period, weight - share, weight);
    warn(period, legacy ? "factor" : "import factor", settlement.gcf_import[i]);
    if (!legacy) warn(period, "export factor", settlement.gcf_export[i]);
    if (settlement.gcf_import[i] < 0 || settlement.gcf_export[i] < 0) negative_.push_back(period);
  }

  void finish() {
    if (!negative_.empty()) {
      context_.settlement.held = "A GSP Group Correction Factor of " + context_.place() +
                                 " is below 0 in settlement periods " + format_periods(negative_) +
                                 ".";
    }
  }

 private:
  WattHours factor(int period, Int128 numerator, Int128 weight) {
    const Int128 exact = round_half_away(unit_factor * numerator, weight);
    if (-factor_end < exact && exact < factor_end) return static_cast<WattHours>(exact);
    context_.refusals.insert("The GSP Group Correction Factor of " + context_.place() +
                             " in settlement period " + std::to_string(period) +
                             " does not fit nine digits before the point.");
    return unit_factor;
  }

  void warn(int period, const char* what, WattHours factor) {
    if (lowest_usual_factor <= factor && factor <= highest_usual_factor) return;
    context_.exceptions.insert(
        {"factor_warning", context_.group(), period,
         std::string("The ").append(what).append(" ").append(format_decimal(factor, 9)) +
             " is outside 0.9 to 1.1."});
  }

  SettleContext& context_;
  CorrectionMethod method_;
  std::vector<int> negative_;
};

/// Nothing when the result is not an energy that can be stored: a tiny weight made a huge factor.
std::optional<WattHours> corrected(WattHours energy, WattHours factor,
                                   std::int32_t weight_hundredths) {
  if (factor == unit_factor || weight_hundredths == 0) return energy;
  const Int128 scale = weighted_unit + Int128{factor - unit_factor} * weight_hundredths;
  const Int128 exact = round_half_away(energy * scale, weighted_unit);
  if (exact != static_cast<WattHours>(exact)) return std::nullopt;
  return static_cast<WattHours>(exact);
}

}  // namespace

void correct_components(SettleContext& context, CorrectionMethod method) {
  auto& settlement = context.settlement;
  const auto totals = add_up(settlement.components);
  FactorFinder factors(context, method);
  for (int period = 1; period <= settlement.period_count; ++period) factors.find(period, totals);
  factors.finish();
  settlement.residual_wh = settlement.group_take_wh;
  for (auto& component : settlement.components) {
    const auto& factor = is_import(component) ? settlement.gcf_import : settlement.gcf_export;
    for (std::size_t i = 0; i < static_cast<std::size_t>(settlement.period_count); ++i) {
      const auto energy =
          corrected(component.uncorrected_wh[i], factor[i], component.weight_hundredths);
      if (!energy) {
        context.refusals.insert("The corrected volume of BM unit " + component.bmu.to_string() +
                                " in " + context.place() + ", settlement period " +
                                std::to_string(i + 1) + ", is out of range.");
        continue;
      }
      component.corrected_wh[i] = *energy;
      settlement.residual_wh[i] +=
          is_import(component) ? -component.corrected_wh[i] : component.corrected_wh[i];
    }
  }
}

}  // namespace hhgrid::core::detail
