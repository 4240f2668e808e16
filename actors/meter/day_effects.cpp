#include "actors/meter/day_effects.hpp"

#include <utility>

#include "actors/meter/ledger_builder.hpp"
#include "core/assertion.hpp"

namespace hhgrid::actors {

GovernedDay::GovernedDay(const MeterState& meter, const Presence::Key& key, MeterPorts& ports,
                         OwnMaxima own_maxima)
    : quantity_(key.quantity), own_maxima_(std::move(own_maxima)) {
  for (const auto& span : ports.spans(key.day)) {
    const auto id = governing_terms(meter, span.day);
    add(span, id, id ? &ports.terms(*id) : nullptr);
  }
}

GovernedDay::GovernedDay(const MeterState& meter, const Presence::Key& key,
                         std::span<const core::UtcDaySpan> spans, const TermsTable& terms,
                         const AsOf& as_of)
    : quantity_(key.quantity), own_maxima_(actors::own_maxima(meter, key, as_of)) {
  for (const auto& span : spans) {
    const auto id = governing_terms(meter, span.day, as_of);
    add(span, id, id ? &terms.at(*id) : nullptr);
  }
}

void GovernedDay::add(const core::UtcDaySpan& span, std::optional<TermsId> id,
                      const core::Terms* terms) {
  HHGRID_ASSERT(count_ < spans_max, span.day.value);
  const auto periods = ((std::uint64_t{1} << span.count) - 1) << (span.first_utc_period - 1);
  spans_[count_] = span;
  terms_[count_] = id;
  periods_[count_++] = {periods, terms};
}

std::uint64_t GovernedDay::registered() const {
  std::uint64_t registered = 0;
  for (const auto& governed : periods())
    if (governed.terms != nullptr) registered |= governed.periods;
  return registered;
}

void GovernedDay::move(const MeterDay& day, std::uint64_t periods, int sign, MeterEffects& effects,
                       MeterEffects::Values of) const {
  std::optional<std::uint32_t> values;
  for (std::size_t i = 0; i < count_; ++i) {
    if (!terms_[i] || (periods & periods_[i].periods) == 0) continue;
    if (!values) {
      values = effects.add_values(day, of);
      if (periods == all_periods_mask) effects.values.back().uniform = uniform_class(day);
    }
    effects.movements.push_back({spans_[i], *terms_[i], quantity_, periods, *values, sign});
  }
}

void add_judgements(const VersionKey& key, Derivation derivation, std::vector<Judgement> judgements,
                    MeterEffects& effects) {
  StoredVersion version{key, {}, {}, std::move(judgements), std::move(derivation)};
  effects.versions.push_back({key, {}, {}, version_record(version)});
}

}  // namespace hhgrid::actors
