#include "app/session_options.hpp"

#include "app/context.hpp"

namespace hhgrid::app {
namespace {

core::Instant whole_second() {
  const auto time = now().milliseconds;
  return {time - time % 1000};
}

core::MaximumEnergy maximum(const config::Settings::ConsumptionLimits& limits) {
  const auto wh = [](std::uint64_t value) { return static_cast<core::WattHours>(value); };
  return {{wh(limits.whole_current_wh), wh(limits.low_voltage_wh), wh(limits.high_voltage_wh),
           wh(limits.extra_high_voltage_wh), wh(limits.unmetered_wh)}};
}

}  // namespace

net::SessionOptions session_options(const config::Settings& settings) {
  net::SessionOptions options;
  options.block_entries_max = settings.actors.batch_entries_max;
  options.clock = whole_second;
  options.maximum = maximum(settings.consumption_limits);
  return options;
}

}  // namespace hhgrid::app
