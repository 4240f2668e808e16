#include "actors/meter/judgement_as_of.hpp"

#include <algorithm>

#include "actors/meter/day_effects.hpp"
#include "actors/meter/versions.hpp"
#include "storage/store/table.hpp"

namespace hhgrid::actors {

using core::RefusalCode;
using core::RefusedPeriods;

void JudgementAsOf::add(core::Mpan mpan, const MeterState& meter) {
  const auto came_later = [&](const auto& versions) {
    return std::any_of(versions.begin(), versions.end(),
                       [&](const auto& version) { return !as_of_.holds(version.position); });
  };
  if (came_later(meter.registrations) || came_later(meter.registers()))
    meters_.emplace(mpan, meter);
}

tl::expected<void, storage::Error> JudgementAsOf::add_all(const storage::Store::View& view) {
  return meter_records.each(view, [&](storage::KeyReader& key, schema::MeterRecord::Reader meter) {
    add(core::Mpan::from_number(key.u64()), read_meter(meter));
  });
}

std::vector<RefusedPeriods> JudgementAsOf::refusals(std::span<const StoredVersion> versions) const {
  auto refused = actors::refusals(versions, as_of_);
  if (versions.empty() || meters_.empty()) return refused;
  const auto meter = meters_.find(versions.front().key.mpan);
  if (meter == meters_.end()) return refused;
  const auto& first = versions.front().key;
  const GovernedDay governed(meter->second, {first.day, first.quantity},
                             calendar_.spans_of(first.day), terms_, as_of_);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto& [key, values, own, judgements, derived] = versions[i];
    if (values.present == 0) continue;
    auto again = governed.judge(values, limits_.at(key.position));
    again.add(RefusalCode::contradicted, refused[i].of(RefusalCode::contradicted));
    refused[i] = again;
  }
  return refused;
}

MeterDay counting_day(std::span<const StoredVersion> versions, const JudgementAsOf& judgement) {
  return counting_day(versions, judgement.refusals(versions), judgement.as_of());
}

}  // namespace hhgrid::actors
