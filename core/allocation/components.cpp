#include "core/allocation/components.hpp"

#include <map>
#include <tuple>
#include <utility>

#include "core/assertion.hpp"
#include "core/decimal.hpp"
#include "core/text.hpp"

namespace hhgrid::core::detail {
namespace {

constexpr int unit_llf = 1000;

/// The classes that the volumes of one (connection type, quantity, segment) go to.
struct ClassPair {
  const ComponentClass* consumption = nullptr;
  const ComponentClass* losses = nullptr;
};

/// Sorts as the settlement does. The last fields only matter when standing data gives one class id
/// to unlike classes.
struct ComponentKey {
  SupplierId supplier;
  BmuId bmu;
  std::uint16_t ccc_id = 0;
  MeasurementQuantity quantity{};
  Indicator indicator{};
  std::int32_t weight_hundredths = 0;
  friend auto operator<=>(const ComponentKey&, const ComponentKey&) = default;
};

struct Accumulator {
  std::uint32_t msid_count = 0;
  PeriodEnergy energy_wh{}, actual_wh{}, defaulted_wh{};
  /// Of a losses component: sum of Wh x (llf - 1000), rounded once at the end.
  std::array<Int128, settlement_periods_max> losses{};
};

/// "periods 1-46 take 1.078 of 2013-03-30; periods 47-48 take 1.000": which defaults are used
/// where.
std::string describe_defaults(const std::vector<LineLossFactor>& factors) {
  std::string text;
  for (std::size_t first = 0; first < factors.size();) {
    const auto& factor = factors[first];
    std::vector<int> periods;
    std::size_t next = first;
    for (; next < factors.size() && factors[next] == factor; ++next) {
      periods.push_back(static_cast<int>(next) + 1);
    }
    first = next;
    if (!factor.defaulted) continue;
    text.append(text.empty() ? "periods " : "; periods ").append(format_periods(periods));
    text.append(" take ").append(format_decimal(factor.thousandths, 3));
    if (factor.earlier_day) text.append(" of ").append(format_day(factor.earlier_day->value));
  }
  return text;
}

class ComponentBuilder {
 public:
  explicit ComponentBuilder(SettleContext& context) : context_(context) {}

  void add(const TermsVolume& volume) {
    const auto& terms = volume.terms;
    if (!is_settled(volume.quantity)) return;
    HHGRID_ASSERT(terms.gsp_group == context_.settlement.gsp_group, terms.gsp_group.to_string(),
                  context_.group());
    const auto* bmu = unit_of(terms);
    const auto classes = classes_of(terms, volume.quantity);
    if (!bmu || !classes.consumption || !classes.losses) return;  // a refusal says why
    const auto& consumption_class = *classes.consumption;
    auto& consumption = component(terms.supplier, bmu->id, consumption_class);
    auto& losses = component(terms.supplier, bmu->id, *classes.losses);
    const auto& loss_factors = loss_factors_of(terms);
    consumption.msid_count += volume.msid_count;
    losses.msid_count += volume.msid_count;
    for (std::size_t i = 0; i < loss_factors.size(); ++i) {
      consumption.energy_wh[i] += volume.energy_wh[i];
      consumption.actual_wh[i] += volume.actual_wh[i];
      consumption.defaulted_wh[i] += volume.defaulted_wh[i];
      losses.losses[i] += Int128{volume.energy_wh[i]} * loss_factors[i];
    }
    for (std::size_t i = loss_factors.size(); i < settlement_periods_max; ++i) {
      HHGRID_ASSERT(volume.energy_wh[i] == 0, i, volume.energy_wh[i]);
    }
  }

  /// Sorted by (supplier, BMU, class).
  std::vector<Component> components() const {
    std::vector<Component> components;
    components.reserve(accumulators_.size());
    for (const auto& [key, sums] : accumulators_) {
      auto& component = components.emplace_back();
      component.supplier = key.supplier;
      component.bmu = key.bmu;
      component.ccc_id = key.ccc_id;
      component.quantity = key.quantity;
      component.indicator = key.indicator;
      component.weight_hundredths = key.weight_hundredths;
      component.msid_count = sums.msid_count;
      component.actual_wh = sums.actual_wh;
      component.defaulted_wh = sums.defaulted_wh;
      component.uncorrected_wh = sums.energy_wh;
      if (key.indicator == Indicator::consumption) continue;
      for (std::size_t i = 0; i < sums.losses.size(); ++i) {
        component.uncorrected_wh[i] =
            static_cast<WattHours>(round_half_away(sums.losses[i], unit_llf));
      }
    }
    return components;
  }

 private:
  Accumulator& component(const SupplierId& supplier, const BmuId& bmu, const ComponentClass& c) {
    return accumulators_[{supplier, bmu, c.ccc_id, c.quantity, c.indicator, c.weight_hundredths}];
  }

  /// The unit that the terms' volumes go to; null, with a refusal, when there is none.
  const Bmu* unit_of(const Terms& terms) {
    const auto [found, fresh] = units_.try_emplace({terms.supplier, terms.bmu}, nullptr);
    if (!fresh) return found->second;
    const auto group = context_.settlement.gsp_group;
    const auto& standing = context_.standing;
    if (!terms.bmu.empty()) {
      found->second = standing.valid_bmu(terms.bmu, terms.supplier, group, context_.day);
      if (found->second) return found->second;
    }
    found->second = standing.default_bmu(terms.supplier, group, context_.day);
    if (!found->second) {
      context_.refusals.insert("Supplier " + terms.supplier.to_string() +
                               " has no default BM unit in " + context_.place() + ".");
    } else if (!terms.bmu.empty()) {
      context_.exceptions.insert({"bmu_default", terms.bmu.to_string(), 0,
                                  "The BM unit is not valid for supplier " +
                                      terms.supplier.to_string() + " in " + context_.place() +
                                      "; its volumes go to the default unit " +
                                      found->second->id.to_string() + "."});
    }
    return found->second;
  }

  ClassPair classes_of(const Terms& terms, MeasurementQuantity quantity) {
    const auto [found, fresh] = classes_.try_emplace({terms.connection, quantity, terms.segment});
    if (fresh) {
      found->second = {class_of(terms, quantity, Indicator::consumption),
                       class_of(terms, quantity, Indicator::losses)};
    }
    return found->second;
  }

  const ComponentClass* class_of(const Terms& terms, MeasurementQuantity quantity,
                                 Indicator indicator) {
    const auto* found = context_.standing.component_class(terms.connection, quantity, terms.segment,
                                                          indicator, context_.day);
    if (!found) {
      context_.refusals.insert(
          std::string("There is no consumption component class for connection type ")
              .append(to_string(terms.connection))
              .append(", quantity ")
              .append(to_string(quantity))
              .append(", segment ")
              .append(to_string(terms.segment))
              .append(", indicator ")
              .append(to_string(indicator))
              .append(" on ")
              .append(format_day(context_.day.value))
              .append("."));
    }
    return found;
  }

  /// llf - 1000 of each period of the day.
  const std::vector<int>& loss_factors_of(const Terms& terms) {
    const auto [found, fresh] = loss_factors_.try_emplace({terms.distributor, terms.llfc});
    if (!fresh) return found->second;
    const auto factors = context_.standing.line_losses(terms.distributor, terms.llfc, context_.day,
                                                       context_.settlement.period_count);
    for (const auto& factor : factors) found->second.push_back(factor.thousandths - unit_llf);
    const auto defaults = describe_defaults(factors);
    if (!defaults.empty()) {
      auto subject = std::to_string(terms.distributor);
      if (subject.size() < 2) subject.insert(0, 1, '0');
      context_.exceptions.insert(
          {"llf_default", subject + "/" + terms.llfc.to_string(), 0,
           "No line loss factor for " + format_day(context_.day.value) + ": " + defaults + "."});
    }
    return found->second;
  }

  SettleContext& context_;
  std::map<ComponentKey, Accumulator> accumulators_;
  std::map<std::pair<SupplierId, BmuId>, const Bmu*> units_;
  std::map<std::tuple<ConnectionType, MeasurementQuantity, MarketSegment>, ClassPair> classes_;
  std::map<std::pair<std::uint8_t, LlfcId>, std::vector<int>> loss_factors_;
};

}  // namespace

void build_components(SettleContext& context, const std::vector<TermsVolume>& volumes) {
  ComponentBuilder builder(context);
  for (const auto& volume : volumes) builder.add(volume);
  context.settlement.components = builder.components();
}

}  // namespace hhgrid::core::detail
