#include "actors/query/inspection_meter_runs.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include <fmt/format.h>

#include "actors/meter/ledger.hpp"
#include "actors/meter/run_shapes.hpp"
#include "actors/query/inspection_meter_day.hpp"
#include "actors/query/inspection_results.hpp"
#include "core/decimal.hpp"
#include "storage/wire/record.hpp"
#include "storage/wire/schema/record.capnp.h"

namespace hhgrid::actors::inspection {

using core::Int128;
using core::MeasurementQuantity;
using storage::Family;

namespace {

/// What a run defaulted of the meter's UTC day.
struct Defaults {
  std::uint64_t present = 0;
  std::array<core::WattHours, core::periods_per_utc_day> energy_wh{};
  std::array<char, core::periods_per_utc_day> flag{};
};

Defaults read_defaults(const InspectedMeter& meter, std::uint32_t run, MeasurementQuantity quantity,
                       core::UtcDay day) {
  Defaults defaults;
  const auto bytes = need(meter.store.get(Family::run, defaults_key(run, meter.mpan, quantity)));
  if (!bytes) return defaults;
  const auto where = meter.store.path().string() + " run " + std::to_string(run) + " defaults of " +
                     meter.mpan.to_string();
  need(storage::read_record<schema::MeterDefaults>(*bytes, where, [&](auto record) {
    for (const auto one : record.getDays()) {
      if (one.getUtcDay() != day.value) continue;
      const auto energy = one.getEnergyWh();
      const auto flags = one.getFlags();
      defaults.present = one.getPresent() & all_periods_mask;
      unsigned n = 0;
      for (std::uint64_t rest = defaults.present; rest != 0; rest &= rest - 1, ++n) {
        const auto i = static_cast<std::size_t>(std::countr_zero(rest));
        if (n >= energy.size() || n >= flags.size())
          throw TurnFailure("fewer values than defaulted periods");
        defaults.energy_wh[i] = energy[n];
        defaults.flag[i] = static_cast<char>(flags[n]);
      }
    }
    return true;
  }));
  return defaults;
}

/// How a run took the energy of a meter into the corrected volume of a BM unit (`arithmetic.md` 6
/// and 7).
struct Allocation {
  core::Bmu unit;
  bool as_default = false;  ///< Not the registration's own unit.
  core::ComponentClass consumption, losses;
  std::vector<core::LineLossFactor> line_losses;  ///< By settlement period - 1.
  FactorRow factors;

  std::int64_t gcf(MeasurementQuantity quantity, std::size_t settlement_index) const {
    return (quantity == MeasurementQuantity::active_import ? factors.gcf_import
                                                           : factors.gcf_export)[settlement_index];
  }
};

/// Nothing when the run has no results for the meter's GSP Group.
std::optional<Allocation> allocation_of(InspectedMeter& meter, const RunInfo& run,
                                        const core::Terms& terms, MeasurementQuantity quantity) {
  if (!has_results(run)) return std::nullopt;
  const View* group = meter.group(terms.gsp_group);
  if (group == nullptr) return std::nullopt;
  const auto factors = factors_of(*group, run.number, terms.gsp_group);
  if (!factors) return std::nullopt;
  // The supplier's default unit is among those that the run gave volumes to.
  auto units = units_of(*group, run, terms.supplier);
  if (!terms.bmu.empty() && std::find(units.begin(), units.end(), terms.bmu) == units.end())
    units.push_back(terms.bmu);
  const auto standing = meter.standing.as_of(run.standing_position, units, terms, run.day);
  const auto* own = terms.bmu.empty()
                        ? nullptr
                        : standing.valid_bmu(terms.bmu, terms.supplier, terms.gsp_group, run.day);
  const auto* unit =
      own != nullptr ? own : standing.default_bmu(terms.supplier, terms.gsp_group, run.day);
  const auto class_of = [&](core::Indicator indicator) {
    return standing.component_class(terms.connection, quantity, terms.segment, indicator, run.day);
  };
  const auto* consumption = class_of(core::Indicator::consumption);
  const auto* losses = class_of(core::Indicator::losses);
  if (unit == nullptr || consumption == nullptr || losses == nullptr) return std::nullopt;
  return Allocation{*unit,
                    own == nullptr,
                    *consumption,
                    *losses,
                    standing.line_losses(terms.distributor, terms.llfc, run.day,
                                         meter.calendar.period_count(run.day)),
                    *factors};
}

Json class_json(const core::ComponentClass& component_class) {
  return {{"ccc_id", component_class.ccc_id},
          {"weight", core::format_decimal(component_class.weight_hundredths, 2)}};
}

Json describe_allocation(const Allocation& allocation) {
  return {{"bmu", "bmu/" + allocation.unit.id.to_string()},
          {"bmu_chosen", allocation.as_default ? "default unit of the supplier" : "registered"},
          {"gsp", "gsp/" + allocation.unit.gsp_group.to_string()},
          {"consumption_class", class_json(allocation.consumption)},
          {"losses_class", class_json(allocation.losses)}};
}

/// The meter's part of the corrected components C and L, times 1e14: components are rounded as
/// sums, so parts are exact and rounded only to be shown.
constexpr Int128 share_scale = Int128{100'000'000'000'000};
Int128 scaled_share(const Allocation& allocation, MeasurementQuantity quantity,
                    std::size_t settlement_index, core::WattHours energy_wh) {
  const Int128 excess = allocation.gcf(quantity, settlement_index) - 1'000'000'000;
  const auto corrected = [&](const core::ComponentClass& c) {
    return Int128{100'000'000'000} + excess * c.weight_hundredths;
  };
  const int loss = allocation.line_losses[settlement_index].thousandths - 1000;
  return Int128{energy_wh} *
         (1000 * corrected(allocation.consumption) + loss * corrected(allocation.losses));
}

/// What one run made of one meter's periods in one UTC day.
class MeterRun {
 public:
  MeterRun(InspectedMeter& meter, core::UtcDay day, MeasurementQuantity quantity,
           const RunInfo& run)
      : meter_(meter), day_(day), quantity_(quantity), run_(run) {}

  Json describe(const core::UtcDaySpan& span, const std::vector<StoredVersion>& versions) {
    Json out = run_json(run_);
    const auto marker = marker_position();
    out["marker_position"] = marker ? Json(to_string(*marker)) : Json();
    const AsOf as_of(marker.value_or(storage::Position::greatest()), run_.cutoff,
                     [this](storage::Position p) { return meter_.provenance.of(p).received_at; });
    const auto terms = governing_terms(meter_.state, run_.day, as_of);
    out["registered"] = terms.has_value();
    if (!terms) return out;  // then none of its values counts
    read(meter_.terms(*terms), versions, as_of);
    describe_inputs(meter_.terms(*terms), out);
    for (int n = 0; n < span.count; ++n)
      add_period(span.first_utc_period + n, span.first_settlement_period + n);
    describe_part(span, out);
    out["total_kwh"] = kwh(total_wh_);
    if (allocation_) out["total_corrected_kwh"] = share_text(total_share_);
    out["exceptions"] = exceptions_json(meter_.market, run_, meter_.mpan.to_string());
    out["periods"] = std::move(periods_);
    return out;
  }

 private:
  /// In summer a settlement day lies in two UTC days, and the totals here are of this part.
  void describe_part(const core::UtcDaySpan& span, Json& out) const {
    const auto range = [](const auto& part) {
      return fmt::format("{}-{}", part.first_settlement_period,
                         part.first_settlement_period + part.count - 1);
    };
    out["settlement_periods"] = range(span);
    for (const auto& part : meter_.calendar.spans_of(run_.day))
      if (part.day != day_)
        out["other_settlement_periods"] =
            fmt::format("{} in UTC day {}", range(part), core::format_day(part.day.value));
  }

  std::optional<storage::Position> marker_position() const {
    for (const auto& input : run_.partitions)
      if (input.partition == meter_.partition && !input.marker_position.is_none())
        return input.marker_position;
    return std::nullopt;
  }

  void read(const core::Terms& terms, const std::vector<StoredVersion>& versions,
            const AsOf& as_of) {
    counting_ = count(versions, refusals_as_of(versions, as_of), as_of);
    defaults_ = read_defaults(meter_, run_.number, quantity_, day_);
    annual_consumption_ = annual_consumption(meter_.state, day_, as_of);
    shape_ = need(read_shape(meter_.market, run_.number, day_, shape_group(terms, quantity_)));
    allocation_ = allocation_of(meter_, run_, terms, quantity_);
  }

  std::vector<core::RefusedPeriods> refusals_as_of(const std::vector<StoredVersion>& versions,
                                                   const AsOf& as_of) const {
    TermsTable terms;
    LimitsTable limits;
    JudgementAsOf judgement(meter_.calendar, terms, limits, as_of);
    judgement.add(meter_.mpan, meter_.state);
    if (judgement.concerns(meter_.mpan)) {
      need(terms.load(meter_.store));
      need(limits.load(meter_.store));
    }
    return judgement.refusals(versions);
  }

  void describe_inputs(const core::Terms& terms, Json& out) const {
    Json registration = object_of(12);
    describe_terms(terms, registration);
    out["registration"] = std::move(registration);
    out["annual_consumption_kwh"] = annual_consumption_ ? Json(kwh(*annual_consumption_)) : Json();
    Json shape = {{"address", "shape/" + shape_group(terms, quantity_).to_string()}};
    shape["rolling_annual_kwh"] = shape_ ? Json(kwh(shape_->shape.rolling_annual)) : Json();
    out["load_shape"] = std::move(shape);
    out["corrected_volume"] = allocation_ ? describe_allocation(*allocation_) : Json();
  }

  void add_period(int utc_period, int settlement_period) {
    const auto i = static_cast<std::size_t>(utc_period - 1);
    Json& out = periods_.emplace_back(object_of(12));
    out["utc_period"] = utc_period;
    out["settlement_period"] = settlement_period;
    const bool known = counting_.values.present >> i & 1;
    const bool defaulted = !known && (defaults_.present >> i & 1);
    const bool pending = !known && !defaulted && !has_results(run_);
    const core::WattHours energy_wh = known       ? counting_.values.energy_wh[i]
                                      : defaulted ? defaults_.energy_wh[i]
                                                  : 0;
    out["kwh"] = pending ? Json() : Json(kwh(energy_wh));
    const char* without_value = !pending                            ? "none"
                                : run_.status == RunStatus::REFUSED ? "refused"
                                                                    : "pending";
    out["origin"] = known ? "version" : defaulted ? "default" : without_value;
    if (known) {
      out["quality"] = core::to_string(counting_.values.quality[i]);
      out["position"] = to_string(counting_.position[i]);
    }
    if (defaulted) {
      out["load_shape_flag"] = std::string(1, defaults_.flag[i]);
      out["load_shape_kwh"] = shape_ ? Json(kwh(shape_->shape.energy_wh[i])) : Json();
    }
    total_wh_ += energy_wh;
    if (allocation_) add_corrected(static_cast<std::size_t>(settlement_period - 1), energy_wh, out);
  }

  void add_corrected(std::size_t settlement_index, core::WattHours energy_wh, Json& out) {
    const auto& factor = allocation_->line_losses[settlement_index];
    out["llf"] = core::format_decimal(factor.thousandths, 3);
    if (factor.defaulted)
      out["llf_from"] = factor.earlier_day ? Json(day_json(factor.earlier_day->value)) : Json();
    out["gcf"] = factor_text(allocation_->gcf(quantity_, settlement_index));
    const auto share = scaled_share(*allocation_, quantity_, settlement_index, energy_wh);
    out["corrected_kwh"] = share_text(share);
    total_share_ += share;
  }

  static std::string share_text(Int128 share) {
    return kwh(static_cast<core::WattHours>(core::round_half_away(share, share_scale)));
  }

  InspectedMeter& meter_;
  core::UtcDay day_;
  MeasurementQuantity quantity_;
  const RunInfo& run_;
  CountingDay counting_;
  Defaults defaults_;
  std::optional<core::WattHours> annual_consumption_;
  std::optional<GroupDayShape> shape_;
  std::optional<Allocation> allocation_;
  Json periods_ = Json::array();
  core::WattHours total_wh_ = 0;
  Int128 total_share_ = 0;
};

}  // namespace

Json describe_meter_runs(InspectedMeter& meter, core::UtcDay day, MeasurementQuantity quantity,
                         const std::vector<StoredVersion>& versions) {
  if (quantity != MeasurementQuantity::active_import &&
      quantity != MeasurementQuantity::active_export)
    return newest_items({});  // reactive energy is not settled
  struct Part {
    core::UtcDaySpan span;
    RunInfo run;
  };
  std::vector<Part> parts;
  for (const auto& span : meter.calendar.spans_of(day))
    for (auto& run : need(runs_of_day(meter.market, span.day)))
      parts.push_back({span, std::move(run)});
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.run.number < b.run.number; });
  return newest_items(parts.size(), [&](std::size_t i) {
    return MeterRun(meter, day, quantity, parts[i].run).describe(parts[i].span, versions);
  });
}

}  // namespace hhgrid::actors::inspection
