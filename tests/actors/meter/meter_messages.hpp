#pragma once

#include <memory>
#include <vector>

#include "actors/meter/consumption.hpp"
#include "actors/meter/meter_register.hpp"
#include "actors/meter/registration.hpp"
#include "core/packing.hpp"
#include "tests/actors/host/fold_fixture.hpp"
#include "tests/actors/meter/lone_meter.hpp"

namespace hhgrid::actors::test {

inline const core::UtcDay reading_day = utc_day("2013-01-15");
inline const core::SettlementDay always = settlement_day("2010-01-01");

/// Half hours with one energy and quality.
inline Consumption reading(core::WattHours energy_wh, std::uint64_t periods = all_periods_mask,
                           core::Quality quality = core::Quality::a) {
  Consumption message(meter_mpan(1));
  message.day = reading_day;
  message.values.present = periods;
  core::each_period(periods, [&](std::size_t i) {
    message.values.energy_wh[i] = energy_wh;
    message.values.quality[i] = quality;
  });
  return message;
}

inline core::Terms terms_of(core::ConnectionType connection, bool energised = true) {
  auto terms = terms_variant(0);
  terms.connection = connection;
  terms.energised = energised;
  return terms;
}

inline MeterRegistration registration(TermsId terms, core::SettlementDay from = always,
                                      core::SettlementDay to = core::open_ended) {
  return {meter_mpan(1), {from, to}, terms};
}

/// The only register of a main device, still fitted.
inline storage::MeterRegister meter_register(core::WattHours maximum_wh,
                                             core::Instant installed_at = {always.value *
                                                                           core::ms_per_utc_day}) {
  return {.mpan = meter_mpan(1),
          .meter_id = *core::MeterSerialId::parse("M1"),
          .register_id = {},
          .installed_at = installed_at,
          .maximum_wh = maximum_wh};
}

}  // namespace hhgrid::actors::test
