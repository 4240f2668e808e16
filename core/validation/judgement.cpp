#include "core/validation/judgement.hpp"

#include "core/validation/ecs1008_not_actual.hpp"

namespace hhgrid::core {

RefusedPeriods judge(const MeterDay& day, std::span<const GovernedPeriods> governed,
                     const MaximumEnergy* maximum, std::span<const OwnMaximum> own) {
  std::uint64_t has_own = 0;
  for (const auto& of : own) has_own |= of.periods;
  RefusedPeriods refused;
  for (const auto& [periods, terms] : governed) {
    if (terms == nullptr || (day.present & periods) == 0) continue;
    if (!terms->energised) refused.add(RefusalCode::not_actual, not_actual_periods(day, periods));
    if (maximum != nullptr)
      refused.add(RefusalCode::above_maximum,
                  above_maximum_periods(day, periods & ~has_own, maximum->of(terms->connection)));
    for (const auto& of : own)
      refused.add(RefusalCode::above_maximum,
                  above_maximum_periods(day, periods & of.periods, of.maximum));
  }
  return refused;
}

}  // namespace hhgrid::core
