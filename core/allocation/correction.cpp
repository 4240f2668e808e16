#include "core/allocation/correction.hpp"

#include <limits>
#include <optional>

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
/// What the corrected volumes of a period add up to at most, all taken as positive: so every sum of
/// them, and the residual, fits 64 bits.
constexpr Int128 corrected_sum_max = std::numeric_limits<WattHours>::max() / 2;
/// Twice as much still fits 128 bits, which is what rounding needs.
constexpr Int128 product_max = Int128{1} << 126;

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

constexpr Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// Hundredths of Wh as MWh with all their decimals; they may need more than 64 bits.
std::string weight_mwh(Int128 weight) {
  constexpr WattHours hundredths_per_mwh = 100'000'000;
  const auto whole = static_cast<WattHours>(magnitude(weight) / hundredths_per_mwh);
  const auto rest = static_cast<WattHours>(magnitude(weight) % hundredths_per_mwh);
  return (weight < 0 ? "-" : "") + std::to_string(whole) + format_decimal(rest, 8).substr(1);
}

/// The factors of one period and how they come about.
struct Factors {
  WattHours import_factor = unit_factor, export_factor = unit_factor;
  Int128 weight = 0;    ///< In hundredths of Wh.
  WattHours error = 0;  ///< Group Take less what the components sum to.
};

/// Corrects a day, period by period, and says what is unusual about it.
class Correction {
 public:
  Correction(SettleContext& context, CorrectionMethod method)
      : context_(context), method_(method), totals_(add_up(context.settlement.components)) {}

  void correct(int period) {
    auto& settlement = context_.settlement;
    const auto i = static_cast<std::size_t>(period - 1);
    settlement.uncorrected_wh[i] = totals_.import_wh[i] - totals_.export_wh[i];
    Factors factors;
    factors.error = settlement.group_take_wh[i] - settlement.uncorrected_wh[i];
    factors.weight = legacy() ? totals_.weighted_import[i] - totals_.weighted_export[i]
                              : totals_.weighted_import[i] + totals_.weighted_export[i];
    if (factors.weight == 0) {
      except("weight_zero", period,
             "No component carries weight, so both factors are 1; " +
                 format_decimal(factors.error, 6) + " MWh stay unallocated.");
    } else if (const auto cause = find(factors); cause || !apply(factors, i)) {
      except("factor_too_large", period, too_large(factors, cause));
      too_large_.push_back(period);
      factors.import_factor = factors.export_factor = unit_factor;
    } else {
      warn(period, factors);
    }
    settlement.gcf_import[i] = factors.import_factor;
    settlement.gcf_export[i] = factors.export_factor;
    take_residual(factors, i);
  }

  void finish() {
    std::string held;
    const auto hold = [&](const std::vector<int>& periods, const std::string& what) {
      if (periods.empty()) return;
      held += (held.empty() ? "" : " ") + ("A GSP Group Correction Factor of " + context_.place()) +
              what + format_periods(periods) + ".";
    };
    hold(negative_, " is below 0 in settlement periods ");
    hold(too_large_, " does not fit, so that both are 1, in settlement periods ");
    if (!held.empty()) context_.settlement.held = held;
  }

 private:
  bool legacy() const { return method_ == CorrectionMethod::legacy; }

  void except(const char* kind, int period, std::string text) {
    context_.exceptions.insert({kind, context_.group(), period, std::move(text)});
  }

  /// Sets both factors, or says which of them does not fit its field.
  std::optional<std::string> find(Factors& factors) const {
    const auto fits = [&](Int128 numerator, WattHours& factor) {
      const Int128 exact = round_half_away(unit_factor * numerator, factors.weight);
      if (exact <= -factor_end || factor_end <= exact) return false;
      factor = static_cast<WattHours>(exact);
      return true;
    };
    const Int128 share = 100 * Int128{factors.error};
    if (!fits(factors.weight + share, factors.import_factor))
      return legacy() ? "The factor" : "The import factor";
    if (legacy())
      factors.export_factor = factors.import_factor;
    else if (!fits(factors.weight - share, factors.export_factor))
      return "The export factor";
    return std::nullopt;
  }

  /// Corrects the components in a period; false, and nothing is done, when what they add up to is
  /// out of range: a tiny weight made a huge factor.
  bool apply(const Factors& factors, std::size_t i) {
    corrected_.clear();
    Int128 sum = 0;
    for (const auto& component : context_.settlement.components) {
      const auto exact = corrected(component.uncorrected_wh[i], factor_of(component, factors),
                                   component.weight_hundredths);
      if (!exact || magnitude(*exact) > corrected_sum_max - sum) return false;
      sum += magnitude(*exact);
      corrected_.push_back(static_cast<WattHours>(*exact));
    }
    for (std::size_t n = 0; n < corrected_.size(); ++n)
      context_.settlement.components[n].corrected_wh[i] = corrected_[n];
    return true;
  }

  void take_residual(const Factors& factors, std::size_t i) {
    auto& settlement = context_.settlement;
    const bool as_they_are =
        factors.import_factor == unit_factor && factors.export_factor == unit_factor;
    settlement.residual_wh[i] = settlement.group_take_wh[i];
    for (auto& component : settlement.components) {
      if (as_they_are) component.corrected_wh[i] = component.uncorrected_wh[i];
      settlement.residual_wh[i] +=
          is_import(component) ? -component.corrected_wh[i] : component.corrected_wh[i];
    }
  }

  static WattHours factor_of(const Component& component, const Factors& factors) {
    return is_import(component) ? factors.import_factor : factors.export_factor;
  }

  /// Nothing when it is far out of range.
  static std::optional<Int128> corrected(WattHours energy, WattHours factor,
                                         std::int32_t weight_hundredths) {
    if (factor == unit_factor || weight_hundredths == 0) return energy;
    const Int128 scale = weighted_unit + Int128{factor - unit_factor} * weight_hundredths;
    if (energy != 0 && magnitude(scale) > product_max / magnitude(energy)) return std::nullopt;
    return round_half_away(energy * scale, weighted_unit);
  }

  /// With what anybody needs to compute the factor.
  static std::string too_large(const Factors& factors, const std::optional<std::string>& which) {
    const std::string cause =
        which ? *which + " does not fit nine digits before the point"
              : std::string("What the corrected volumes add up to does not fit 64 bits");
    return cause + " (error " + format_decimal(factors.error, 6) + " MWh, weighted volume " +
           weight_mwh(factors.weight) +
           " MWh), so both factors are 1 and the error stays unallocated.";
  }

  void warn(int period, const Factors& factors) {
    warn(period, legacy() ? "factor" : "import factor", factors.import_factor);
    if (!legacy()) warn(period, "export factor", factors.export_factor);
    if (factors.import_factor < 0 || factors.export_factor < 0) negative_.push_back(period);
  }

  void warn(int period, const char* what, WattHours factor) {
    if (lowest_usual_factor <= factor && factor <= highest_usual_factor) return;
    except("factor_warning", period,
           std::string("The ").append(what).append(" ").append(format_decimal(factor, 9)) +
               " is outside 0.9 to 1.1.");
  }

  SettleContext& context_;
  CorrectionMethod method_;
  Totals totals_;
  std::vector<WattHours> corrected_;  // of the components in a period
  std::vector<int> negative_, too_large_;
};

}  // namespace

void correct_components(SettleContext& context, CorrectionMethod method) {
  Correction correction(context, method);
  for (int period = 1; period <= context.settlement.period_count; ++period)
    correction.correct(period);
  correction.finish();
}

}  // namespace hhgrid::core::detail
