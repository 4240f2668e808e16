#include "net/simulator/simulated_standing.hpp"

#include <set>
#include <utility>

#include <date/date.h>

#include "net/simulator/counter_random.hpp"

namespace hhgrid::net {
namespace {

int year_of(std::int32_t day_number) {
  return static_cast<int>(date::year_month_day{date::sys_days{date::days{day_number}}}.year());
}

core::SettlementDay standing_from(const Population& population) {
  return {population.options().first_day.value - 365};
}

}  // namespace

storage::LineLosses simulated_losses(const Population& population, std::uint8_t group,
                                     std::uint8_t loss_class, core::SettlementDay day,
                                     int period_count) {
  // By class: two homes and works, LV, HV, EHV, unmetered, export at low and at high voltage.
  constexpr std::uint16_t base[Population::loss_class_count] = {1068, 1066, 1052, 1030,
                                                                1020, 1070, 1060, 1026};
  constexpr int night_last = 14, peak_first = 33, peak_last = 38;
  CounterRandom random(population.options().seed, random_losses, group, loss_class);
  const auto own = static_cast<std::uint16_t>(base[loss_class] + random.below(12));
  storage::LineLosses losses{
      population.distributor(group), Population::loss_class(loss_class), day, {}};
  for (int p = 1; p <= period_count; ++p) {
    const int band = p <= night_last ? 0 : peak_first <= p && p <= peak_last ? 36 : 18;
    // Losses in copper grow with the load: most in the network with the most of them.
    losses.thousandths[static_cast<std::size_t>(p - 1)] =
        static_cast<std::uint16_t>(own + band * (own - 1000) / 80);
  }
  return losses;
}

void put_bank_holidays(const Population& population, SimulationOutput& output) {
  output.begin(FileKind::bank_holidays, false);
  const auto first = population.options().first_day.value;
  for (int year = year_of(first) - 1; year <= year_of(first + population.options().days) + 3;
       ++year)
    for (const auto& day : bank_holidays_of(year))
      output.put(storage::BankHoliday{day.day_number, day.name});
}

void put_bmus(const Population& population, SimulationOutput& output) {
  output.begin(FileKind::bmus, false);
  for (const char letter : population.options().groups) {
    const auto group = *core::GspGroup::parse(std::string{'_', letter});
    for (std::uint8_t s = 0; s < Population::supplier_count; ++s) {
      for (const bool additional : {false, true}) {
        if (additional && !Population::has_additional_unit(s)) continue;
        output.put(core::Bmu{Population::bmu(s, group, additional),
                             Population::supplier(s),
                             group,
                             !additional,
                             {standing_from(population), core::open_ended}});
      }
    }
  }
}

void put_component_classes(const Population& population, SimulationOutput& output) {
  output.begin(FileKind::component_classes, false);
  constexpr std::int32_t weight_hundredths[] = {100, 40, 130};  // smart, advanced, unmetered
  std::uint16_t id = 100;
  for (const auto quantity :
       {core::MeasurementQuantity::active_import, core::MeasurementQuantity::active_export})
    for (std::uint8_t segment = 0; segment < 3; ++segment)
      for (std::uint8_t connection = 0; connection < 5; ++connection)
        for (const auto indicator : {core::Indicator::consumption, core::Indicator::losses})
          output.put(core::ComponentClass{id++,
                                          static_cast<core::ConnectionType>(connection),
                                          quantity,
                                          static_cast<core::MarketSegment>(segment),
                                          indicator,
                                          weight_hundredths[segment],
                                          {standing_from(population), core::open_ended}});
}

void put_line_losses(const Population& population, const core::SettlementCalendar& calendar,
                     SimulationOutput& output) {
  output.begin(FileKind::line_losses, false);
  const core::SettlementDay first{population.options().first_day.value - 1};
  for (std::size_t group = 0; group < population.options().groups.size(); ++group)
    for (std::uint8_t loss_class = 0; loss_class < Population::loss_class_count; ++loss_class)
      for (std::int32_t d = 0; d < population.options().days + 2; ++d)
        output.put(simulated_losses(population, static_cast<std::uint8_t>(group), loss_class,
                                    first + d, calendar.period_count(first + d)));
}

void put_default_shapes(SimulationOutput& output) {
  output.begin(FileKind::default_shapes, false);
  struct Default {
    CurveKind curve;
    core::MeasurementQuantity quantity;
    std::optional<bool> domestic;
    std::optional<core::MarketSegment> segment;
    std::int64_t annual_kwh;
  };
  using enum core::MeasurementQuantity;
  const Default defaults[] = {
      {CurveKind::domestic, active_import, true, std::nullopt, 3'100},
      {CurveKind::non_domestic, active_import, false, std::nullopt, 12'000},
      {CurveKind::street_lighting, active_import, false, core::MarketSegment::unmetered, 20'000},
      {CurveKind::solar_export, active_export, std::nullopt, std::nullopt, 2'200},
  };
  for (const auto& of : defaults) {
    for (const auto type : {core::DayType::weekday, core::DayType::saturday, core::DayType::sunday,
                            core::DayType::bank_holiday}) {
      core::DefaultShapeRow row;
      row.domestic = of.domestic;
      row.segment = of.segment;
      row.quantity = of.quantity;
      row.day_type = type;
      const Curve curve = typical_curve(of.curve, type != core::DayType::weekday);
      for (std::size_t i = 0; i < curve.size(); ++i)
        row.energy_wh[i] = of.annual_kwh * curve[i] / 17'520;
      output.put(row);
    }
  }
}

void put_run_dates(const Population& population, SimulationOutput& output) {
  output.begin(FileKind::run_dates, false);
  using enum core::SettlementCode;
  constexpr std::pair<core::SettlementCode, int> timetable[] = {{ii, 4},  {sf, 15},  {r1, 39},
                                                                {r2, 84}, {r3, 154}, {rf, 292}};
  const auto first = population.options().first_day.value;
  std::set<std::int32_t> holidays;
  for (int year = year_of(first) - 1; year <= year_of(first + population.options().days) + 3;
       ++year)
    for (const auto& day : bank_holidays_of(year)) holidays.insert(day.day_number);
  const auto put = [&](core::SettlementDay day, core::SettlementCode code, std::int32_t gate,
                       std::int32_t run_day) {
    output.put(storage::RunDateRow{
        day,
        code,
        {core::Instant{gate * core::ms_per_utc_day + core::ms_per_utc_day / 2}, run_day}});
  };
  for (std::int32_t d = first - 1; d <= first + population.options().days; ++d) {
    for (const auto& [code, working_days] : timetable)
      put({d}, code, core::add_working_days(d, working_days - 1, holidays),
          core::add_working_days(d, working_days, holidays));
    const auto dispute = d + 28 * 365 / 12;
    put({d}, df, core::add_working_days(dispute, 0, holidays),
        core::add_working_days(dispute, 1, holidays));
  }
}

}  // namespace hhgrid::net
