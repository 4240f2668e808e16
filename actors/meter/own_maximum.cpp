#include "actors/meter/own_maximum.hpp"

#include <algorithm>

namespace hhgrid::actors {
namespace {

using Candidates = absl::InlinedVector<const RegisterVersion*, 4>;

/// The main registers of the quantity, each as it counts as of then.
Candidates counting_registers(const MeterState& meter, core::MeasurementQuantity quantity,
                              const AsOf& as_of) {
  Candidates counting;
  for (const auto& version : meter.registers()) {
    if (version.key.quantity != quantity || !stood(meter.registers(), version, as_of)) continue;
    const auto same = std::find_if(counting.begin(), counting.end(),
                                   [&](const auto* other) { return other->key == version.key; });
    if (same == counting.end())
      counting.push_back(&version);
    else
      *same = &version;  // journal order: the last received counts
  }
  counting.erase(
      std::remove_if(counting.begin(), counting.end(),
                     [](const auto* version) { return version->role != core::MeterRole::main; }),
      counting.end());
  return counting;
}

/// 0: none.
core::WattHours maximum_at(const Candidates& registers, core::Instant at) {
  const RegisterVersion* last = nullptr;
  core::WattHours maximum = 0;
  for (const auto* version : registers) {
    if (!version->is_fitted(at)) continue;
    const bool later = last == nullptr || last->key.installed_at < version->key.installed_at;
    if (!later && version->key.installed_at < last->key.installed_at) continue;
    const bool none = version->maximum_wh == 0 || (!later && maximum == 0);
    maximum = later ? version->maximum_wh : none ? 0 : std::max(maximum, version->maximum_wh);
    last = version;
  }
  return maximum;
}

}  // namespace

OwnMaxima own_maxima(const MeterState& meter, const Presence::Key& key, const AsOf& as_of) {
  OwnMaxima maxima;
  if (!meter.seldom.is_there()) return maxima;
  const Candidates registers = counting_registers(meter, key.quantity, as_of);
  if (registers.empty()) return maxima;
  for (int i = 0; i < core::periods_per_utc_day; ++i) {
    const auto maximum =
        maximum_at(registers, {key.day.value * core::ms_per_utc_day + i * core::ms_per_period});
    if (maximum == 0) continue;
    const auto same = std::find_if(maxima.begin(), maxima.end(),
                                   [&](const auto& own) { return own.maximum == maximum; });
    auto& own = same == maxima.end() ? maxima.emplace_back(core::OwnMaximum{0, maximum}) : *same;
    own.periods |= std::uint64_t{1} << i;
  }
  return maxima;
}

}  // namespace hhgrid::actors
