#include "actors/meter/own_maximum.hpp"

#include <algorithm>
#include <tuple>

namespace hhgrid::actors {

OwnLimits::OwnLimits(const MeterState& meter, core::MeasurementQuantity quantity,
                     const AsOf& as_of) {
  const auto& all = meter.registers();
  for (const auto& version : all)
    if (version.key.quantity == quantity && stood(all, version, as_of))
      registers_.push_back(&version);
  // Of several versions of one the last received counts.
  const auto order = [](const RegisterVersion* version) {
    const auto& key = version->key;
    return std::tuple(key.installed_at, key.meter_id, key.register_id, version->position);
  };
  std::sort(registers_.begin(), registers_.end(),
            [&](const auto* a, const auto* b) { return order(a) > order(b); });
  const auto same = [](const auto* a, const auto* b) { return a->key == b->key; };
  registers_.erase(std::unique(registers_.begin(), registers_.end(), same), registers_.end());
  std::erase_if(registers_,
                [](const auto* version) { return version->role != core::MeterRole::main; });
}

/// 0: none.
core::WattHours OwnLimits::maximum_at(core::Instant at) const {
  auto it = std::find_if(registers_.begin(), registers_.end(),
                         [&](const auto* version) { return version->is_fitted(at); });
  if (it == registers_.end()) return 0;
  core::WattHours maximum = (*it)->maximum_wh;
  const auto installed_at = (*it)->key.installed_at;
  for (++it; it != registers_.end() && (*it)->key.installed_at == installed_at; ++it)
    if ((*it)->is_fitted(at))
      maximum =
          std::min(maximum, (*it)->maximum_wh) == 0 ? 0 : std::max(maximum, (*it)->maximum_wh);
  return maximum;
}

OwnMaxima OwnLimits::of(core::UtcDay day) const {
  OwnMaxima maxima;
  if (registers_.empty()) return maxima;
  for (int i = 0; i < core::periods_per_utc_day; ++i) {
    const auto maximum = maximum_at({day.value * core::ms_per_utc_day + i * core::ms_per_period});
    if (maximum == 0) continue;
    const auto same = std::find_if(maxima.begin(), maxima.end(),
                                   [&](const auto& own) { return own.maximum == maximum; });
    auto& own = same == maxima.end() ? maxima.emplace_back(core::OwnMaximum{0, maximum}) : *same;
    own.periods |= std::uint64_t{1} << i;
  }
  return maxima;
}

OwnMaxima own_maxima(const MeterState& meter, const Presence::Key& key, const AsOf& as_of) {
  if (!meter.seldom.is_there()) return {};
  return OwnLimits(meter, key.quantity, as_of).of(key.day);
}

}  // namespace hhgrid::actors
