#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "actors/meter/effects.hpp"
#include "actors/meter/own_maximum.hpp"
#include "actors/meter/ports.hpp"
#include "core/validation/judgement.hpp"

namespace hhgrid::actors {

/// What governs a quantity on a meter's UTC day: the terms of the one or two settlement days that
/// share it, and limits of the meter's own.
class GovernedDay {
 public:
  GovernedDay(const MeterState& meter, const Presence::Key& key, MeterPorts& ports)
      : GovernedDay(meter, key, ports, own_maxima(meter, key)) {}
  /// With own limits of the quantity that are known.
  GovernedDay(const MeterState& meter, const Presence::Key& key, MeterPorts& ports,
              OwnMaxima own_maxima);
  /// As of a cut-off. `spans`: the settlement days that share the UTC day.
  GovernedDay(const MeterState& meter, const Presence::Key& key,
              std::span<const core::UtcDaySpan> spans, const TermsTable& terms, const AsOf& as_of);

  std::span<const core::GovernedPeriods> periods() const { return {periods_.data(), count_}; }
  /// What is refused of values for what governs (ECS1008, ECS1012). `maximum`: as for core::judge.
  core::RefusedPeriods judge(const MeterDay& values, const core::MaximumEnergy* maximum) const {
    return core::judge(values, periods(), maximum, own_maxima_);
  }
  /// The UTC periods that some registration covers.
  std::uint64_t registered() const;
  bool has_terms_of(const GovernedDay& other) const { return terms_ == other.terms_; }
  /// Whether the same governs there.
  bool is_like(const GovernedDay& other) const {
    return has_terms_of(other) && own_maxima_ == other.own_maxima_;
  }
  /// Moves the given periods of a day to (1) or from (-1) the ledger rows of these terms.
  void move(const MeterDay& day, std::uint64_t periods, int sign, MeterEffects& effects,
            MeterEffects::Values of = MeterEffects::Values::kept) const;

 private:
  void add(const core::UtcDaySpan& span, std::optional<TermsId> id, const core::Terms* terms);

  static constexpr std::size_t spans_max = 2;
  core::MeasurementQuantity quantity_;
  OwnMaxima own_maxima_;
  std::size_t count_ = 0;
  std::array<core::UtcDaySpan, spans_max> spans_{};
  std::array<std::optional<TermsId>, spans_max> terms_{};
  std::array<core::GovernedPeriods, spans_max> periods_{};
};

/// A version that follows from rule and message: `judgements` replace what was refused of earlier
/// versions.
void add_judgements(const VersionKey& key, Derivation derivation, std::vector<Judgement> judgements,
                    MeterEffects& effects);

}  // namespace hhgrid::actors
