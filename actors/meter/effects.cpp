#include "actors/meter/effects.hpp"

#include <bit>

namespace hhgrid::actors {

void MeterEffects::clear() {
  answer = Answer::accepted;
  refused = {};
  refused_periods = 0;
  contradicted.clear();
  without_registration = not_registered = false;
  versions.clear();
  values.clear();
  kept_values_.clear();
  movements.clear();
  presence.clear();
  refusals.clear();
  repeats.clear();
  repeats_made_versions.clear();
  population.clear();
  state.reset();
}

void MeterEffects::change_refusal(const VersionKey& version, const core::RefusedPeriods& before,
                                  const core::RefusedPeriods& after) {
  refusals.push_back({version, before, after});
  refused_periods += static_cast<std::uint64_t>(std::popcount(after.all() & ~before.all()));
}

std::uint32_t MeterEffects::add_values(const MeterDay& day, Values of) {
  values.push_back(
      {of == Values::of_message ? &day : &kept_values_.emplace_back(day), std::nullopt});
  return static_cast<std::uint32_t>(values.size() - 1);
}

}  // namespace hhgrid::actors
