#include "net/simulator/simulate.hpp"

#include <algorithm>

#include "core/calendar.hpp"
#include "core/decimal.hpp"
#include "net/simulator/counter_random.hpp"
#include "net/simulator/deliveries.hpp"
#include "net/simulator/simulated_standing.hpp"

namespace hhgrid::net {
namespace {

using core::periods_per_utc_day;

/// What the meters of each group and loss class took less what they gave, by half hour of the
/// simulated days.
class TrueVolumes {
 public:
  explicit TrueVolumes(const Population& population)
      : half_hours_(static_cast<std::size_t>(population.options().days) * periods_per_utc_day),
        first_(core::HalfHour{population.options().first_day.value} * periods_per_utc_day),
        sums_(population.options().groups.size() * Population::loss_class_count * half_hours_) {}

  void add(const MeterTraits& traits, const storage::ConsumptionDay& day) {
    core::WattHours* to =
        at(traits.group, traits.loss_class, core::HalfHour{day.day.value} * periods_per_utc_day);
    const core::WattHours sign = traits.direction == core::Direction::import_ ? 1 : -1;
    for (std::size_t i = 0; i < periods_per_utc_day; ++i) to[i] += sign * day.energy_wh[i];
  }
  core::WattHours sum(std::uint8_t group, std::uint8_t loss_class, core::HalfHour half_hour) const {
    return sums_[index(group, loss_class, half_hour)];
  }
  bool covers(core::HalfHour first, int count) const {
    return first >= first_ && first + count <= first_ + static_cast<core::HalfHour>(half_hours_);
  }

 private:
  std::size_t index(std::uint8_t group, std::uint8_t loss_class, core::HalfHour half_hour) const {
    const std::size_t series = std::size_t{group} * Population::loss_class_count + loss_class;
    return series * half_hours_ + static_cast<std::size_t>(half_hour - first_);
  }
  core::WattHours* at(std::uint8_t group, std::uint8_t loss_class, core::HalfHour half_hour) {
    return &sums_[index(group, loss_class, half_hour)];
  }

  std::size_t half_hours_;
  core::HalfHour first_;
  std::vector<core::WattHours> sums_;
};

/// The take of a group on a day: volumes with losses, and a residual that grows with the day's
/// luck.
storage::GroupTake simulated_take(const SimulationOptions& options, const Population& population,
                                  const TrueVolumes& volumes, std::uint8_t group,
                                  core::SettlementDay day, core::HalfHour start, int period_count) {
  std::array<core::WattHours, core::settlement_periods_max> with_losses{};  // Wh x 1000
  for (std::uint8_t loss_class = 0; loss_class < Population::loss_class_count; ++loss_class) {
    const auto losses = simulated_losses(population, group, loss_class, day, period_count);
    for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i)
      with_losses[i] += volumes.sum(group, loss_class, start + static_cast<core::HalfHour>(i)) *
                        losses.thousandths[i];
  }
  storage::GroupTake take{population.group(group), day, {}};
  CounterRandom random(population.options().seed, random_residual, group,
                       static_cast<std::uint32_t>(day.value));
  const std::uint32_t of_day = random.below(options.residual_ppm_max * 3 / 4 + 1);
  for (std::size_t i = 0; i < static_cast<std::size_t>(period_count); ++i) {
    const std::int64_t ppm = of_day + random.below(options.residual_ppm_max / 4 + 1);
    const core::Int128 scaled = core::Int128{with_losses[i]} * (1'000'000 + ppm);
    take.take.energy_wh[i] =
        static_cast<core::WattHours>(core::round_half_away(scaled, 1'000'000'000));
    take.take.present.set(i);
  }
  return take;
}

class Simulation {
 public:
  Simulation(const SimulationOptions& options, SimulationOutput& output)
      : options_(options),
        output_(output),
        population_(options.population),
        volumes_(population_) {}

  tl::expected<SimulationSummary, IngestError> run() {
    const auto calendar = core::SettlementCalendar::europe_london();
    if (options_.first_wave) {
      put_bank_holidays(population_, output_);
      put_bmus(population_, output_);
      put_component_classes(population_, output_);
      put_line_losses(population_, calendar, output_);
      put_default_shapes(output_);
      put_run_dates(population_, output_);
      put_meters();
      put_consumption(false);
      put_group_takes(calendar);
    }
    if (options_.late_wave) put_consumption(true);
    if (const auto finished = output_.finish(); !finished) return tl::unexpected(finished.error());
    return summary_;
  }

 private:
  void put_meters() {
    output_.begin(FileKind::registrations, false);
    for (std::uint32_t i = 0; i < population_.options().meters; ++i) {
      for (const auto& registration : population_.registrations(i)) {
        output_.put(registration);
        ++summary_.registrations;
      }
    }
    output_.begin(FileKind::annual_consumption, false);
    for (std::uint32_t i = 0; i < population_.options().meters; ++i) {
      const auto annual = population_.annual_consumption(i);
      if (!annual) continue;
      output_.put(*annual);
      ++summary_.annual_consumptions;
    }
  }

  /// Day by day, as data services deliver.
  void put_consumption(bool late) {
    output_.begin(FileKind::consumption_wide, late);
    for (std::int32_t d = 0; d < population_.options().days; ++d) {
      const core::UtcDay day = population_.options().first_day + d;
      for (std::uint32_t i = 0; i < population_.options().meters; ++i) put_meter_day(i, day, late);
    }
  }

  void put_meter_day(std::uint32_t i, core::UtcDay day, bool late) {
    if (late && delivery(population_, i, day) == Delivery::whole) return;
    const MeterTraits traits = population_.traits(i);
    const auto truth = population_.consumption(i, traits, day);
    if (!late) {
      volumes_.add(traits, truth);
      ++summary_.meter_days;
      for (const auto energy_wh : truth.energy_wh)
        summary_.energy_wh += traits.direction == core::Direction::import_ ? energy_wh : -energy_wh;
    }
    const auto delivered = late ? late_delivery(population_, i, traits, truth)
                                : first_delivery(population_, i, traits, truth);
    if (!delivered) return;
    output_.put(*delivered);
    ++(late ? summary_.meter_days_late : summary_.meter_days_in_time);
  }

  void put_group_takes(const core::SettlementCalendar& calendar) {
    output_.begin(FileKind::group_takes, false);
    const std::int32_t first = population_.options().first_day.value;
    for (std::size_t group = 0; group < population_.options().groups.size(); ++group) {
      for (core::SettlementDay day{first - 1}; day.value <= first + population_.options().days;
           ++day.value) {
        const auto start = calendar.start(day);
        const int count = calendar.period_count(day);
        if (!volumes_.covers(start, count)) continue;
        output_.put(simulated_take(options_, population_, volumes_,
                                   static_cast<std::uint8_t>(group), day, start, count));
        ++summary_.group_takes;
      }
    }
  }

  const SimulationOptions& options_;
  SimulationOutput& output_;
  Population population_;
  TrueVolumes volumes_;
  SimulationSummary summary_;
};

}  // namespace

tl::expected<SimulationSummary, IngestError> simulate(const SimulationOptions& options,
                                                      SimulationOutput& output) {
  return Simulation(options, output).run();
}

}  // namespace hhgrid::net
