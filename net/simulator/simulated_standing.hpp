#pragma once

#include "core/calendar.hpp"
#include "net/simulator/population.hpp"
#include "net/simulator/simulation_output.hpp"

namespace hhgrid::net {

/// Line loss factors of a simulated class on a day: 1.02 to 1.12 by voltage, distributor and the
/// band of the day.
storage::LineLosses simulated_losses(const Population& population, std::uint8_t group,
                                     std::uint8_t loss_class, core::SettlementDay day,
                                     int period_count);

// Each puts one kind of standing data; all of them are made up.
void put_bank_holidays(const Population& population, SimulationOutput& output);
void put_bmus(const Population& population, SimulationOutput& output);
/// One class for every connection type, quantity (AI, AE), segment and indicator, from 100 upward,
/// with demonstration weights.
void put_component_classes(const Population& population, SimulationOutput& output);
void put_line_losses(const Population& population, const core::SettlementCalendar& calendar,
                     SimulationOutput& output);
void put_default_shapes(SimulationOutput& output);
/// II, SF, R1, R2, R3, RF after 4, 15, 39, 84, 154 and 292 working days, DF after 28 months (domain
/// note 5); the cut-off is noon of the working day before.
void put_run_dates(const Population& population, SimulationOutput& output);

}  // namespace hhgrid::net
